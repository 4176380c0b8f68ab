/** The sound of one turn: pieces of PCM, each an AudioBufferSourceNode at its exact sample. */

import { SPEECH_RATE } from '../wire/speech.js';
import { Schedule } from './schedule.js';

// A speaker that stops dead clicks.
const RAMP_SECONDS = 0.04;

export class Track {
  /** Whether all of its sound is here. */
  complete = false;
  #context;
  #gain;
  #schedule;
  /** @type {Set<AudioBufferSourceNode>} */
  #sources = new Set();
  /** @type {{ posMs: number, buffer: AudioBuffer }[]} Pieces that wait for an earlier track to end. */
  #waiting = [];
  #started = false;

  /**
   * @param {number} turn
   * @param {AudioContext} context
   * @param {AudioNode} output
   */
  constructor(turn, context, output) {
    this.turn = turn;
    this.#context = context;
    this.#schedule = new Schedule(context.sampleRate);
    this.#gain = context.createGain();
    this.#gain.connect(output);
  }

  /** @param {number} posMs @param {Uint8Array} bytes PCM, 16 bit, little-endian, mono, 24 kHz */
  add(posMs, bytes) {
    // A copy, for samples can't be read from an odd address.
    const samples = new Int16Array(bytes.slice().buffer, 0, bytes.length >> 1);
    const buffer = this.#context.createBuffer(1, samples.length, SPEECH_RATE);
    buffer.getChannelData(0).set(Float32Array.from(samples, (sample) => sample / 32_768));
    if (this.#started) this.#play(posMs, buffer);
    else this.#waiting.push({ posMs, buffer });
  }

  /** Its time has come: what waited is scheduled, what comes from now on at once. */
  start() {
    this.#started = true;
    for (const { posMs, buffer } of this.#waiting.splice(0)) this.#play(posMs, buffer);
  }

  /** Milliseconds of its sound that have left the loudspeaker. */
  get playheadMs() {
    return this.#schedule.playheadMs(this.#heardAt);
  }

  /** Milliseconds of its sound that are here. */
  get durationMs() {
    return this.#schedule.endMs;
  }

  /** Whether the loudspeaker has nothing more of it to play just now. */
  get ranOut() {
    return this.#started && this.#schedule.ranOut(this.#heardAt);
  }

  get ended() {
    return this.complete && this.ranOut;
  }

  /** Silence within 40 ms. @returns {number} milliseconds that were heard */
  stop() {
    const heardMs = this.playheadMs;
    const now = this.#context.currentTime;
    // Down to a 400th by then.
    this.#gain.gain.setTargetAtTime(0, now, RAMP_SECONDS / 6);
    for (const source of this.#sources) source.stop(now + RAMP_SECONDS);
    this.#waiting = [];
    return heardMs;
  }

  /** The moment of the clock that the ear is at: the loudspeaker lags behind. */
  get #heardAt() {
    return this.#context.currentTime - (this.#context.outputLatency || 0);
  }

  /** @param {number} posMs @param {AudioBuffer} buffer */
  #play(posMs, buffer) {
    const at = this.#schedule.place(posMs, buffer.duration * 1_000, this.#context.currentTime);
    if (at === null) return;
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#gain);
    source.onended = () => {
      source.disconnect();
      this.#sources.delete(source);
    };
    source.start(at);
    this.#sources.add(source);
  }
}
