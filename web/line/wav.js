/** Raw sound as a file: over HTTP a recording goes in a container. */

import { joined } from '../wire/bytes.js';

const HEADER_BYTES = 44;

/**
 * @param {Uint8Array} pcm 16 bit, little-endian, mono
 * @param {number} rate samples a second
 */
export function wavOf(pcm, rate) {
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  const words = /** @type {const} */ ([
    [0, 'RIFF'],
    [8, 'WAVE'],
    [12, 'fmt '],
    [36, 'data'],
  ]);
  for (const [at, word] of words) for (let i = 0; i < 4; i += 1) header.setUint8(at + i, word.charCodeAt(i));
  header.setUint32(4, HEADER_BYTES - 8 + pcm.length, true);
  header.setUint32(16, 16, true); // bytes of the format that follow
  header.setUint16(20, 1, true); // PCM
  header.setUint16(22, 1, true); // channels
  header.setUint32(24, rate, true);
  header.setUint32(28, rate * 2, true); // bytes a second
  header.setUint16(32, 2, true); // bytes a sample
  header.setUint16(34, 16, true); // bits a sample
  header.setUint32(40, pcm.length, true);
  return joined(new Uint8Array(header.buffer), pcm);
}
