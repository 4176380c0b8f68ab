/**
 * The speech of mode v1: sentences in MP3, or whole answers, made into the PCM of mode v2, so that all
 * of it plays alike.
 */

import { toPcm16 } from '../voice/resample.js';
import { SPEECH_BYTES_PER_MS, SPEECH_RATE } from '../wire/speech.js';

// Of a longer piece, the seconds that the browser counts may round up beyond the next one's start.
const PIECE_BYTES = 1_000 * SPEECH_BYTES_PER_MS;

/**
 * @typedef {object} Open
 * @property {Promise<void>} last sentence, until it is handed on
 * @property {number} endMs of what was handed on
 */

export class Sentences {
  /** @type {Map<number, Open>} By turn. */
  #open = new Map();
  #decode;
  #play;

  /**
   * @param {(turn: number, posMs: number, pcm: Uint8Array) => void} play
   * @param {(mp3: Uint8Array) => Promise<Uint8Array>} [decode]
   */
  constructor(play, decode = pcmOf) {
    this.#play = play;
    this.#decode = decode;
  }

  /** Turns of which more is going to sound. */
  get turns() {
    return [...this.#open.keys()];
  }

  /**
   * @param {number} turn
   * @param {number} index from 0, and from 0 again where the answer is sent again
   * @param {Uint8Array} mp3
   * @returns {Promise<number>} milliseconds of the turn that were handed on by then
   */
  async add(turn, index, mp3) {
    const open = this.#open.get(turn) ?? { last: Promise.resolve(), endMs: 0 };
    this.#open.set(turn, open);
    // One after the other: a short sentence is decoded sooner than the long one before it.
    open.last = open.last.then(() => this.#take(turn, open, index, mp3));
    await open.last;
    return open.endMs;
  }

  /** Hand on nothing more. @param {number} turn */
  stop(turn) {
    this.#open.delete(turn);
  }

  /** Hand on nothing any more of what is here. */
  close() {
    this.#open.clear();
  }

  /** All of them are here: do `then` when they are handed on. @param {number} turn @param {() => void} then */
  complete(turn, then) {
    const open = this.#open.get(turn);
    if (!open) return then();
    void open.last.then(() => {
      if (this.#open.get(turn) !== open) return;
      this.#open.delete(turn);
      then();
    });
  }

  /** @param {number} turn @param {Open} open @param {number} index @param {Uint8Array} mp3 */
  async #take(turn, open, index, mp3) {
    // What can't be decoded is left out: the text is there.
    const pcm = await this.#decode(mp3).catch(() => new Uint8Array(0));
    if (this.#open.get(turn) !== open) return;
    if (index === 0) open.endMs = 0;
    const bytes = pcm.length - (pcm.length % SPEECH_BYTES_PER_MS);
    for (let at = 0; at < bytes; at += PIECE_BYTES) {
      const piece = pcm.subarray(at, Math.min(at + PIECE_BYTES, bytes));
      this.#play(turn, open.endMs, piece);
      open.endMs += piece.length / SPEECH_BYTES_PER_MS;
    }
  }
}

/** @param {Uint8Array} mp3 @returns {Promise<Uint8Array>} */
async function pcmOf(mp3) {
  const context = new OfflineAudioContext(1, 1, SPEECH_RATE);
  // Decoding takes the bytes away from their owner.
  const buffer = await context.decodeAudioData(mp3.slice().buffer);
  return new Uint8Array(Int16Array.from(buffer.getChannelData(0), toPcm16).buffer);
}
