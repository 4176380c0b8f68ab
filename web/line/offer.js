/**
 * What the server offers, as it said last.
 *
 * @import {Clock, Config} from '../types.d.ts'
 * @import {Api} from './api.js'
 */

const WARMING_POLL_MS = 1_500;

// A server that takes longer to say what it offers is not there for a visitor.
const ANSWER_MS = 8_000;

export class Offer {
  /** @type {Config | null} */
  config = null;
  #parts;
  #isClosed = false;
  #stopWarming = () => {};

  /**
   * @param {object} parts
   * @param {Api} parts.api
   * @param {Clock} parts.clock
   * @param {(config: Config) => void} parts.configured it said what it offers, or offers now
   * @param {(error: unknown) => boolean} parts.gaveUp whether the error leaves nothing to be asked
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Take what it said; while its engines are loading it is asked again. @param {Config} config */
  take(config) {
    this.config = config;
    this.#parts.configured(config);
    this.#stopWarming();
    if (config.warming.length) {
      this.#stopWarming = this.#parts.clock.after(WARMING_POLL_MS, () => void this.#lookAgain());
    }
  }

  /** Ask now, and not for long. @returns {Promise<Config | null>} null: no answer */
  async ask() {
    const { api, clock, gaveUp } = this.#parts;
    const patience = new AbortController();
    const stop = clock.after(ANSWER_MS, () => patience.abort());
    const config = await api.config(patience.signal).catch((error) => void gaveUp(error));
    stop();
    return config ?? null;
  }

  close() {
    this.#isClosed = true;
    this.#stopWarming();
  }

  async #lookAgain() {
    const { api, gaveUp } = this.#parts;
    // Where the server does not answer just now, it is asked once more.
    const config = await api.config().catch((error) => (gaveUp(error) ? null : this.config));
    if (config && !this.#isClosed) this.take(config);
  }
}
