/**
 * A recording on its way out: kept until its turn is over, so that a lost line loses no speech.
 */

import { joined } from '../wire/bytes.js';
import { AUDIO_END, encode, HEADER_BYTES } from '../wire/frames.js';

export class OutgoingRecording {
  #turn;
  #format;
  #largest;
  /** @type {Uint8Array[]} */
  #chunks = [];
  #bytes = 0;
  #flags = 0;
  #ended = false;

  /**
   * @param {number} turn
   * @param {number} format index in HELLO's `audio_in`
   * @param {number} frameBytes the largest frame that the server takes
   */
  constructor(turn, format, frameBytes) {
    this.#turn = turn;
    this.#format = format;
    this.#largest = frameBytes - HEADER_BYTES;
  }

  /** @param {Uint8Array} bytes @returns {Uint8Array[]} frames to send */
  add(bytes) {
    const frames = [];
    for (let at = 0; at < bytes.length; at += this.#largest) {
      const chunk = bytes.slice(at, at + this.#largest);
      frames.push(this.#frame(chunk, this.#bytes));
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
    }
    return frames;
  }

  /** @param {boolean} discard @returns {Uint8Array[]} */
  end(discard) {
    this.#ended = true;
    this.#flags = discard ? AUDIO_END.DISCARD : 0;
    if (discard) this.#chunks = [];
    return this.#endFrames();
  }

  /**
   * Everything again, for a connection that has `from` bytes of it.
   *
   * @param {number} from
   * @returns {Uint8Array[]}
   */
  again(from) {
    let pos = 0;
    const frames = [];
    for (const chunk of this.#chunks) {
      if (pos + chunk.length > from) frames.push(this.#frame(chunk, pos));
      pos += chunk.length;
    }
    return [...frames, ...this.#endFrames()];
  }

  /** Format (index in HELLO's `audio_in`) and bytes of all of it; null: it goes on, or is thrown away. */
  get whole() {
    if (!this.#ended || this.#flags & AUDIO_END.DISCARD) return null;
    return { format: this.#format, bytes: joined(...this.#chunks) };
  }

  #endFrames() {
    if (!this.#ended) return [];
    return [encode('AUDIO_END', { turn: this.#turn, pos: this.#bytes, flags: this.#flags })];
  }

  /** @param {Uint8Array} data @param {number} pos */
  #frame(data, pos) {
    return encode('AUDIO', { turn: this.#turn, flags: this.#format, pos, data });
  }
}
