/**
 * Who this page is to the server: its tab, its chat, and the numbers of its questions.
 *
 * Kept in memory, and from the first message on in the tab's own storage, so that a reload shows
 * the chat again. The tab's id is in storage only while the page is away: a duplicated browser tab
 * copies the storage, and two pages with one id would throw each other out. Where the copy was made
 * meanwhile, a Web Lock tells which of the two goes on with it.
 *
 * @import {Left} from '../types.d.ts'
 */

import { toBase64 } from '../wire/base64.js';

// A page that was reloaded lets go of its lock by then; one that lives does not.
const CLAIM_MS = 1_000;

/** Of the tab's storage: how loud the voice is and how fast, where the visitor has chosen. */
export const SOUND_ENTRY = 'voicechat sound';

/** The numbers above it are the server's, for other tabs' turns and for one connection. */
export const LAST_TURN = 0x7fff;

/** @returns {string} 128 random bits, base64url */
function randomTab() {
  const base64 = toBase64(crypto.getRandomValues(new Uint8Array(16)));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export class Identity {
  tab = randomTab();
  /** @type {string | null} */
  #chat = null;
  #next = 1;
  #kept = false;
  /** @type {Left | null} */
  #left = null;
  /** Whether another page may have the tab, too: it was there before this one, or while it was away. */
  #isOld = false;
  #letGo = () => {};
  #storage;
  #name;

  /**
   * @param {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null} storage
   * @param {string} name of the entry: one for each server
   */
  constructor(storage, name) {
    this.#storage = storage;
    this.#name = name;
    const kept = this.#read();
    if (!kept) return;
    this.#chat = kept.chat ?? null;
    if (kept.tab) {
      this.tab = kept.tab;
      this.#next = kept.next;
      this.#left = kept.left;
      this.#isOld = true;
    }
    this.keep();
  }

  /**
   * Have the tab of the page before for this page alone, or else a new one.
   *
   * @param {Pick<LockManager, 'request'>} [locks] there are none in a page without https
   * @returns {Promise<Left | null>} what is left to this page of what was asked; null: nothing, or it
   *   is with the page that has the tab. Given once.
   */
  async claim(locks = globalThis.navigator?.locks) {
    const isMine = !this.#isOld || !locks || (await this.#isHeld(locks));
    if (!isMine) this.tab = randomTab();
    const left = isMine ? this.#left : null;
    this.#left = null;
    return left;
  }

  /** Hold the lock of the tab, as long as the page is here. @param {Pick<LockManager, 'request'>} locks */
  #isHeld(locks) {
    /** @type {(isHeld: boolean) => void} */
    let then;
    const held = new Promise((resolve) => (then = resolve));
    const options = { signal: AbortSignal.timeout(CLAIM_MS) };
    const hold = () => {
      then(true);
      return new Promise((/** @type {(nothing: void) => void} */ resolve) => (this.#letGo = resolve));
    };
    locks.request(`voicechat ${this.tab}`, options, hold).catch(() => then(false));
    return held;
  }

  /** Id of the chat; null: there is none yet. */
  get chat() {
    return this.#chat;
  }

  set chat(chat) {
    this.#chat = chat;
    if (this.#kept) this.keep();
  }

  /** @returns {number} a new turn's number */
  nextTurn() {
    if (this.#next > LAST_TURN) {
      this.tab = randomTab();
      this.#next = 1;
    }
    return this.#next++;
  }

  /** @param {number} next what the server says that the next turn is */
  goOnFrom(next) {
    this.#next = Math.max(this.#next, next);
  }

  /** There is something worth keeping from now on. */
  keep() {
    this.#kept = true;
    this.#write({ chat: this.chat });
  }

  /** The page goes away and may come back. @param {Left} left */
  leave(left) {
    // A page that holds a lock is kept by no browser for coming back.
    this.#letGo();
    if (!this.#kept) return;
    const [, ...open] = left;
    const all = this.#left ? [...this.#left, ...open] : left;
    this.#write({ chat: this.chat, tab: this.tab, next: this.#next, left: all });
  }

  /** The chat is over for this page: nothing of it is kept, whatever still comes. */
  forget() {
    this.#letGo();
    this.#kept = false;
    this.#storage?.removeItem(this.#name);
  }

  /** The page came back as it was, from the browser's cache: another may have gone on as this tab. */
  comeBack() {
    const kept = this.#read();
    this.#isOld = true;
    if (kept?.tab === this.tab) this.#left = kept.left;
    if (this.#kept) this.keep();
  }

  /** @returns {{ chat?: string, tab?: string, next: number, left: Left } | null} */
  #read() {
    try {
      return JSON.parse(this.#storage?.getItem(this.#name) ?? 'null');
    } catch {
      return null;
    }
  }

  /** @param {object} entry */
  #write(entry) {
    try {
      this.#storage?.setItem(this.#name, JSON.stringify(entry));
    } catch {
      // Full or forbidden: the chat lives as long as the page.
    }
  }
}

/** @returns {Storage | null} null where the browser forbids it to this page */
export function tabStorage() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}
