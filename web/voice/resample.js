/**
 * Brings a microphone's samples to 16 kHz where the browser does not do it itself.
 *
 * Each output sample is the mean of the input it covers, parts of samples counted as parts: a
 * low-pass good enough for speech, without a table.
 */

export const HEARING_RATE = 16_000;

export class Resampler {
  #step;
  #sum = 0;
  #filled = 0;

  /** @param {number} rate samples a second of the input, at least 16,000 */
  constructor(rate) {
    this.#step = rate / HEARING_RATE;
  }

  /**
   * @param {Float32Array} input
   * @returns {number[] | Float32Array} what is complete; the rest waits for the next call
   */
  push(input) {
    if (this.#step === 1) return input;
    const output = [];
    for (const sample of input) {
      let left = 1;
      while (this.#filled + left >= this.#step) {
        const part = this.#step - this.#filled;
        output.push((this.#sum + sample * part) / this.#step);
        left -= part;
        this.#sum = 0;
        this.#filled = 0;
      }
      this.#sum += sample * left;
      this.#filled += left;
    }
    return output;
  }
}

/** @param {number} sample from -1 to 1; louder is clipped */
export function toPcm16(sample) {
  return Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
}
