/**
 * The sound of one turn: pieces of PCM, each an AudioBufferSourceNode at its exact sample.
 *
 * @import {HeadStart} from './schedule.js'
 */

import { SPEECH_RATE } from '../wire/speech.js';
import { Schedule } from './schedule.js';

// A speaker that begins or stops dead clicks.
const FADE_SECONDS = 0.01;

// The audio thread is ahead of the clock that is read here: a fade that begins so soon can't be taken back.
const AHEAD_SECONDS = 0.03;

export class Track {
  /** Whether all of its sound is here. */
  complete = false;
  #context;
  #gain;
  /** Of sound that goes on without a gap, its beginning and its end. */
  #fades;
  /** When the last of them begins, in seconds of the clock. */
  #fadeAt = 0;
  schedule;
  /** What was scheduled and is not over, with its places in milliseconds. @type {Map<AudioBufferSourceNode, number>} */
  sources = new Map();
  /** @type {{ posMs: number, buffer: AudioBuffer }[]} Pieces that wait for an earlier track to end. */
  waiting = [];
  #started = false;

  /**
   * @param {number} turn
   * @param {BaseAudioContext} context
   * @param {AudioNode} output
   * @param {HeadStart} [head] that all tracks learn from
   */
  constructor(turn, context, output, head) {
    this.turn = turn;
    this.#context = context;
    this.schedule = new Schedule(context.sampleRate, head);
    this.#gain = context.createGain();
    this.#fades = context.createGain();
    this.#fades.connect(this.#gain).connect(output);
  }

  /** @param {number} posMs @param {Uint8Array} bytes PCM, 16 bit, little-endian, mono, 24 kHz */
  add(posMs, bytes) {
    // A copy, for samples can't be read from an odd address.
    const samples = new Int16Array(bytes.slice().buffer, 0, bytes.length >> 1);
    const buffer = this.#context.createBuffer(1, samples.length, SPEECH_RATE);
    buffer.getChannelData(0).set(Float32Array.from(samples, (sample) => sample / 32_768));
    if (this.#started) this.#play(posMs, buffer);
    else this.waiting.push({ posMs, buffer });
  }

  /** Its time has come: what waited is scheduled, what comes from now on at once. */
  start() {
    this.#started = true;
    for (const { posMs, buffer } of this.waiting.splice(0)) this.#play(posMs, buffer);
  }

  /** Milliseconds of its sound that have left the loudspeaker. */
  get playheadMs() {
    return this.schedule.playheadMs(this.#heardAt);
  }

  /** Milliseconds of its sound that are here. */
  get durationMs() {
    return this.schedule.endMs;
  }

  /** Whether the loudspeaker has nothing more of it to play just now. */
  get ranOut() {
    return this.#started && this.schedule.ranOut(this.#heardAt);
  }

  get ended() {
    return this.complete && this.ranOut;
  }

  /** Silence within 10 ms. @returns {number} milliseconds that were heard */
  stop() {
    const heardMs = this.playheadMs;
    const now = this.#context.currentTime;
    fade(this.#gain, 1, now);
    for (const source of this.sources.keys()) source.stop(now + FADE_SECONDS);
    this.waiting = [];
    return heardMs;
  }

  /** The moment of the clock that the ear is at: the loudspeaker lags behind. */
  get #heardAt() {
    const { currentTime, outputLatency } = /** @type {AudioContext} */ (this.#context);
    return currentTime - (outputLatency || 0);
  }

  /** @param {number} posMs @param {AudioBuffer} buffer */
  #play(posMs, buffer) {
    const now = this.#context.currentTime;
    const at = this.schedule.place(posMs, buffer.duration * 1_000, now);
    if (at === null) return;
    this.#fade(at, at + buffer.duration, now);
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#fades);
    source.onended = () => {
      source.disconnect();
      this.sources.delete(source);
    };
    source.start(at);
    this.sources.set(source, posMs);
  }

  /** Whether more follows nobody knows: each piece fades out, until the next one takes that back. @param {number} at @param {number} end @param {number} now */
  #fade(at, end, now) {
    if (now + AHEAD_SECONDS < this.#fadeAt) this.#fades.gain.cancelScheduledValues(this.#fadeAt);
    else fade(this.#fades, 0, at);
    this.#fadeAt = end - FADE_SECONDS;
    fade(this.#fades, 1, this.#fadeAt);
  }
}

/** Turn what is silent up, or what sounds down. @param {GainNode} node @param {0 | 1} from @param {number} at */
function fade({ gain }, from, at) {
  gain.setValueAtTime(from, at).linearRampToValueAtTime(1 - from, at + FADE_SECONDS);
}
