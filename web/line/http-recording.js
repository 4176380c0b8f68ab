/** A recording as HTTP takes it: in a container, in base64. */

import { toBase64 } from '../wire/base64.js';
import { joined } from '../wire/bytes.js';

/** @param {{ format: string, bytes: Uint8Array }} recording its format as the protocol names it */
export function bodyOf({ format, bytes }) {
  const [kind, rate] = format.split('/');
  if (kind === 'pcm16') return { audio: toBase64(wavOf(bytes, Number(rate))), mime: 'audio/wav' };
  return { audio: toBase64(bytes), mime: `audio/${kind}` };
}

/**
 * Raw sound as a file.
 *
 * @param {Uint8Array} pcm 16 bit, little-endian, mono
 * @param {number} rate samples a second
 */
function wavOf(pcm, rate) {
  // Little-endian, as every machine with a browser is: the first letter of a word is its lowest byte.
  const header = Uint32Array.of(
    0x46464952, // RIFF
    36 + pcm.length, // bytes that follow
    0x45564157, // WAVE
    0x20746d66, // fmt
    16, // bytes of the format
    0x00010001, // channels, PCM
    rate,
    rate * 2, // bytes a second
    0x00100002, // bits a sample, bytes a sample
    0x61746164, // data
    pcm.length,
  );
  return joined(new Uint8Array(header.buffer), pcm);
}
