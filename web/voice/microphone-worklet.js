/**
 * Runs on the audio thread: the microphone's samples as PCM, 16 bit, 16 kHz, mono, in pieces of
 * 100 ms. Told to stop, it gives what is left, cut to a whole millisecond, and then null.
 */

import { HEARING_RATE, Resampler, toPcm16 } from './resample.js';

const PIECE_SAMPLES = HEARING_RATE / 10;
const SAMPLES_PER_MS = HEARING_RATE / 1_000;

class Microphone extends AudioWorkletProcessor {
  #resampler = new Resampler(sampleRate);
  #piece = new Int16Array(PIECE_SAMPLES);
  #filled = 0;
  #stopped = false;

  constructor() {
    super();
    this.port.onmessage = () => {
      this.#post(this.#filled - (this.#filled % SAMPLES_PER_MS));
      this.port.postMessage(null);
      this.#stopped = true;
    };
  }

  /** @param {Float32Array[][]} inputs */
  process([[samples]]) {
    for (const sample of this.#resampler.push(samples ?? new Float32Array(0))) {
      this.#piece[this.#filled] = toPcm16(sample);
      this.#filled += 1;
      if (this.#filled === PIECE_SAMPLES) this.#post(PIECE_SAMPLES);
    }
    return !this.#stopped;
  }

  /** @param {number} samples */
  #post(samples) {
    const { buffer } = this.#piece.slice(0, samples);
    if (samples) this.port.postMessage(buffer, [buffer]);
    this.#filled = 0;
  }
}

registerProcessor('voicechat-microphone', Microphone);
