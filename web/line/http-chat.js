/**
 * The chat of a page in mode v1: found again after a reload, minted with the first question, and
 * begun anew where the server has forgotten it.
 *
 * @import {Identity} from '../chat/identity.js'
 * @import {Config} from '../types.d.ts'
 * @import {Api} from './api.js'
 */

import { isGone } from './refusal.js';

export class HttpChat {
  /** Whether the page has what the server knew of the chat. */
  caughtUp = false;
  #api;
  #identity;
  /** @type {Config | null} Null: to be asked for. */
  #config;
  /** @type {Promise<void> | null} */
  #minting = null;

  /** @param {{ api: Api, identity: Identity, config: Config }} parts `config` as the page has just got it */
  constructor({ api, identity, config }) {
    this.#api = api;
    this.#identity = identity;
    this.#config = config;
  }

  /** What WELCOME says in mode v2: what the server offers, and what it knows of the chat. */
  async catchUp() {
    const api = this.#api;
    const identity = this.#identity;
    const config = this.#config ?? (await api.config());
    this.#config = null;
    let history = { messages: [], more: false };
    let anew = false;
    if (identity.chat && !this.caughtUp) {
      try {
        const { next_turn } = await api.chats(identity.chat, identity.tab);
        identity.goOnFrom(next_turn);
        history = /** @type {any} */ (await api.messages(identity.chat));
      } catch (error) {
        if (!isGone(error)) throw error;
        identity.chat = null;
        anew = true;
      }
    }
    return { ...config, history, running: [], anew };
  }

  /** Its id; where there is none, the server mints one, once, however many questions wait for it. */
  async id() {
    if (!this.#identity.chat) await (this.#minting ??= this.#mint());
    return this.#identity.chat;
  }

  /**
   * The server has forgotten the chat.
   *
   * @param {string} id @returns {boolean} false: another question has begun a new one already
   */
  forget(id) {
    if (this.#identity.chat !== id) return false;
    this.#identity.chat = null;
    return true;
  }

  async #mint() {
    try {
      const { chat, next_turn } = await this.#api.chats(null, this.#identity.tab);
      this.#identity.chat = chat;
      this.#identity.goOnFrom(next_turn);
    } finally {
      this.#minting = null;
    }
  }
}
