/**
 * Which mode a page uses, and its transport.
 *
 * @import {History} from '../chat/history.js'
 * @import {Config} from '../types.d.ts'
 * @import {Api} from './api.js'
 * @import {Transport, TransportParts} from './transport.d.ts'
 * @import {SocketParts} from './transport-v2.js'
 */

import { TransportV1 } from './transport-v1.js';
import { TransportV2 } from './transport-v2.js';

/**
 * @typedef {Omit<TransportParts, 'speech'> & { api: Api, config: Config, history: History, streams: boolean }
 *   & Partial<Pick<SocketParts, 'connect' | 'health' | 'admit' | 'stopped'>>} Parts
 */

/**
 * Return the mode that is wanted, where the server has it; `auto` wants v2.
 *
 * @param {string} wanted `v1`, `v2` or `auto`
 * @param {string[]} served
 * @returns {'v1' | 'v2'}
 */
export function chooseMode(wanted, served) {
  const first = wanted === 'v1' ? 'v1' : 'v2';
  if (served.includes(first)) return first;
  if (wanted !== 'auto') console.warn(`voicechat: this server has no mode ${first}.`);
  return first === 'v1' ? 'v2' : 'v1';
}

/**
 * @param {'v1' | 'v2'} mode
 * @param {Parts} parts
 * @returns {Transport}
 */
export function makeTransport(mode, parts) {
  const { speech, limits } = parts.config;
  if (mode === 'v1') return new TransportV1({ ...parts, speech });
  return new TransportV2({
    connect: (url) => new WebSocket(url),
    ...parts,
    speech,
    url: parts.api.socketUrl,
    frameBytes: limits.frame_bytes,
  });
}
