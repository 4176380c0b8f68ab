/**
 * Which mode a page uses, and its transport: code that is fetched with the first want of the mode.
 *
 * @import {History} from '../chat/history.js'
 * @import {Config, Status} from '../types.d.ts'
 * @import {Api} from './api.js'
 * @import {Transport, TransportParts} from './transport.d.ts'
 * @import {SocketParts} from './transport-v2.js'
 */

import { Line } from './line.js';

/** @typedef {'v1' | 'v2'} Mode */

/**
 * @typedef {Omit<TransportParts, 'speech' | 'line'>
 *   & { api: Api, config: Config, history: History, streams: boolean, status: (status: Status) => void }
 *   & Partial<Pick<SocketParts, 'connect' | 'health' | 'admit' | 'stopped'>>} Parts
 */

/** @typedef {new (parts: any) => Transport} TransportClass */

/** @param {string} wanted `v1`, `v2` or `auto`, which wants v2 @returns {Mode} */
function firstOf(wanted) {
  return wanted === 'v1' ? 'v1' : 'v2';
}

/**
 * Return the mode that is wanted, where the server has it.
 *
 * @param {string} wanted `v1`, `v2` or `auto`
 * @param {string[]} served
 * @returns {Mode}
 */
export function chooseMode(wanted, served) {
  const first = firstOf(wanted);
  if (served.includes(first)) return first;
  if (wanted !== 'auto') console.warn(`voicechat: this server has no mode ${first}.`);
  return first === 'v1' ? 'v2' : 'v1';
}

export class Transports {
  #fetch;
  #retry = '';
  /** @type {Partial<Record<Mode, TransportClass>>} */
  #classes = {};

  /**
   * @param {(mode: Mode, retry: string) => Promise<TransportClass>} fetch a browser may remember that a
   *   module failed: `retry` makes another address of it
   */
  constructor(fetch) {
    this.#fetch = fetch;
  }

  /**
   * Have the code of a mode, or try to.
   *
   * @param {string} mode or `auto`
   * @returns {Promise<boolean>} whether it is here
   */
  async has(mode) {
    const one = firstOf(mode);
    try {
      this.#classes[one] ??= await this.#fetch(one, this.#retry);
    } catch (error) {
      this.#retry += '?';
      console.warn('voicechat:', error);
    }
    return one in this.#classes;
  }

  /**
   * @param {Mode} mode whose code is here
   * @param {Parts} parts
   * @returns {Transport}
   */
  make(mode, parts) {
    const { speech, limits } = parts.config;
    const { [mode]: Made } = /** @type {Record<Mode, TransportClass>} */ (this.#classes);
    return new Made({
      connect: (/** @type {string} */ url) => new WebSocket(url),
      ...parts,
      line: (/** @type {() => void} */ attempt) => new Line({ ...parts, attempt }),
      speech,
      url: parts.api.socketUrl,
      frameBytes: limits.frame_bytes,
    });
  }
}
