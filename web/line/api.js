/**
 * The server's HTTP side, each request a method.
 *
 * @import {Config, Source, StoredMessage} from '../types.d.ts'
 */

import { isShutOut, Refusal } from './refusal.js';

// What a reverse proxy answers, in HTML, while the server behind it restarts.
const GATEWAY_STATUSES = [502, 503, 504];

const EVENTS = 'text/event-stream';

// What a visitor waits for after a press.
const TELL_MS = 8_000;

/**
 * @typedef {object} Request
 * @property {object} [body]
 * @property {string} [method]
 * @property {string | null} [chat]
 * @property {string} [key]
 * @property {string} [accept] the media type that is wanted
 * @property {AbortSignal} [signal]
 */

/**
 * @typedef {object} Reply
 * @property {string} [answer] absent from the last event of a stream, which has told it
 * @property {string} [audio]
 * @property {{ code: string, message: string }} [audio_error]
 * @property {string} [transcript]
 * @property {Source[]} [sources]
 * @property {string[]} [suggestions]
 */

export class Api {
  #base;
  #fetch;
  #page;

  /**
   * @param {string} base address of the server, with a slash at its end
   * @param {typeof fetch} [fetcher]
   * @param {string} [page] origin of the page
   */
  constructor(base, fetcher = (input, init) => fetch(input, init), page = globalThis.origin) {
    this.#base = base;
    this.#fetch = fetcher;
    this.#page = page;
  }

  /** Address of the WebSocket. */
  get socketUrl() {
    return `${this.#base.replace(/^http/, 'ws')}ws`;
  }

  /** @param {string} path */
  address(path) {
    return this.#base + path;
  }

  /**
   * What the server offers a page that it lets in.
   *
   * @param {AbortSignal} [signal]
   * @returns {Promise<Config>} rejected with what `isShutOut` knows where it does not
   */
  async config(signal) {
    const [config] = await Promise.all([this.#json('api/config', { signal }), this.#knock(signal)]);
    return config;
  }

  /**
   * Mint a chat, or learn where the tab goes on in the one that it has.
   *
   * @param {string | null} chat
   * @param {string} tab
   * @returns {Promise<{ chat: string, next_turn: number }>}
   */
  chats(chat, tab) {
    return this.#json('api/chats', { body: { tab }, chat });
  }

  /**
   * @param {string} chat
   * @param {number} [before] messages with a smaller number; without it, the latest
   * @returns {Promise<{ messages: StoredMessage[], more: boolean }>}
   */
  messages(chat, before) {
    return this.#json(`api/messages${before ? `?before=${before}` : ''}`, { chat });
  }

  /**
   * What a page tells beside questions.
   *
   * @param {string | null} chat
   * @param {object} event
   */
  tell(chat, event) {
    return this.#json('api/events', { body: event, chat, signal: AbortSignal.timeout(TELL_MS) });
  }

  /**
   * @param {object} body
   * @param {string} key makes a resend safe
   * @param {AbortSignal} signal
   * @returns {Promise<Reply>}
   */
  message(body, key, signal) {
    return this.#json('api/message', { body, key, signal });
  }

  /**
   * The same, to be told piece by piece as it comes.
   *
   * @param {object} body
   * @param {string} key
   * @param {AbortSignal} signal
   * @returns {Promise<ReadableStream<Uint8Array> | Reply>} the whole reply, where what is on the way lets
   *   no stream through
   */
  async stream(body, key, signal) {
    const response = await this.#send('api/message', { body, key, signal, accept: EVENTS });
    const isStream = response.ok && response.headers.get('Content-Type')?.startsWith(EVENTS);
    return (isStream && response.body) || read(response);
  }

  /**
   * A GET carries no origin to the page's own server, which may refuse every question all the same.
   *
   * @param {AbortSignal} [signal]
   */
  async #knock(signal) {
    if (!this.#base.startsWith(`${this.#page}/`)) return;
    await this.#json('api/message', { method: 'OPTIONS', signal }).catch((error) => {
      // A yes has no content, and a proxy may let no OPTIONS through: only the server's own no counts.
      if (isShutOut(error)) throw error;
    });
  }

  /** @param {string} path @param {Request} [request] */
  async #json(path, request) {
    return read(await this.#send(path, request));
  }

  /** @param {string} path @param {Request} [request] */
  #send(path, { body, method = body ? 'POST' : 'GET', chat, key, accept, signal } = {}) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (body) headers['Content-Type'] = 'application/json';
    if (accept) headers['Accept'] = accept;
    if (chat) headers['Authorization'] = `Bearer ${chat}`;
    if (key) headers['Idempotency-Key'] = key;
    return this.#fetch(this.#base + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal,
      credentials: 'omit',
      cache: 'no-store',
    });
  }
}

/** @param {Response} response @returns {Promise<any>} its JSON; rejected where it is an error */
async function read(response) {
  const content = await response.json().catch((error) => {
    // Half an answer is a lost line, and no refusal: the question is asked again.
    if (!(error instanceof SyntaxError)) throw error;
  });
  if (response.ok && (content || response.status === 204)) return content;
  const retryAfterSeconds = Number(response.headers.get('Retry-After')) || 0;
  const isAway = GATEWAY_STATUSES.includes(response.status);
  const { code = 'provider_failed', message = '' } = content?.error ?? { code: isAway ? 'unreached' : undefined };
  throw new Refusal(code, message, retryAfterSeconds);
}
