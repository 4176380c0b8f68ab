/**
 * Which mode a page uses, and its transport.
 *
 * @import {Api} from './api.js'
 * @import {Clock} from './clock.js'
 * @import {Config, Frame, Status, Transport} from './types.d.ts'
 * @import {History} from './history.js'
 * @import {Identity} from './identity.js'
 */

import { TransportV1 } from './transport-v1.js';
import { TransportV2 } from './transport-v2.js';

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
 * @param {object} surroundings
 * @param {Api} surroundings.api
 * @param {Config} surroundings.config
 * @param {Identity} surroundings.identity
 * @param {History} surroundings.history
 * @param {(frame: Frame) => void} surroundings.emit
 * @param {(status: Status) => void} surroundings.status
 * @param {string} [surroundings.language]
 * @param {Clock} surroundings.clock
 * @returns {Transport}
 */
export function makeTransport(mode, { api, config, history, ...common }) {
  const { speech, limits } = config;
  if (mode === 'v1') return new TransportV1({ ...common, api, config, speech });
  return new TransportV2({
    ...common,
    history,
    speech,
    url: api.socketUrl,
    connect: (url) => new WebSocket(url),
    frameBytes: limits.frame_bytes,
  });
}
