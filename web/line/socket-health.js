/**
 * Whether WebSockets get through from this page: watches one after the other, and asks over HTTP
 * what their silence means. A browser tells a page no more of a refused upgrade than that it failed.
 *
 * @import {Clock, Config} from '../types.d.ts'
 */

// From the first byte to WELCOME: five round trips with TLS, and the slowest lines that carry a chat
// at all take 0.6 s for one. A proxy that swallows the upgrade is found out by this alone.
const SLOW_MS = 3_000;

// A server that stood still, or a page that slept, goes on with the socket as soon as with HTTP.
const GRACE_MS = 1_000;

// A proxy that lets no socket live cuts it within seconds; what lived longer was lost like any line.
const YOUNG_MS = 10_000;

// One failure may be the moment of a server's restart: it is back when it is asked over HTTP.
const ENOUGH = 2;

// Without a word of the other side. Any other code is the server's own, so a socket got through.
const ABNORMAL = 1006;

export class SocketHealth {
  #signs;
  #parts;
  #isHeld = false;
  #isYoung = false;
  /** Raised by each try and by its end. */
  #tries = 0;
  /** @type {Promise<Config | null> | null} */
  #asking = null;
  #isStopped = false;
  #stopTimer = () => {};

  /**
   * @param {object} parts
   * @param {Clock} parts.clock
   * @param {() => Promise<Config | null>} parts.reached what the server answers over HTTP; null: nothing
   * @param {(config: Config) => void} parts.blocked HTTP gets through and no WebSocket does
   * @param {() => void} parts.lasted a socket was not cut early
   * @param {boolean} [parts.isDoubtful] they were blocked before: one more failure says it all
   */
  constructor(parts) {
    this.#parts = parts;
    this.#signs = parts.isDoubtful ? ENOUGH - 1 : 0;
  }

  /** A socket is being opened. */
  tried() {
    this.#isStopped = this.#isHeld = this.#isYoung = false;
    this.#tries += 1;
    this.#time(SLOW_MS, () => void this.#doubt());
  }

  /** The server spoke through it. */
  held() {
    this.#isHeld = this.#isYoung = true;
    this.#time(YOUNG_MS, () => {
      this.#isYoung = false;
      this.#signs = 0;
      this.#parts.lasted();
    });
  }

  /** @param {number} code */
  lost(code) {
    const isOdd = code === ABNORMAL && (!this.#isHeld || this.#isYoung);
    this.#stopTimer();
    this.#tries += 1;
    this.#isHeld = this.#isYoung = false;
    if (isOdd) void this.#suspect();
  }

  /** Nobody wants a socket any more. */
  stop() {
    this.#isStopped = true;
    this.#tries += 1;
    this.#stopTimer();
  }

  /** It takes long. */
  async #doubt() {
    const tries = this.#tries;
    const config = await this.#asked();
    if (!config || tries !== this.#tries || this.#isHeld) return;
    this.#time(GRACE_MS, () => this.#parts.blocked(config));
  }

  /** A server that is away is no proxy's doing: only where HTTP is answered a failure counts. */
  async #suspect() {
    const config = await this.#asked();
    if (this.#isStopped) return;
    this.#signs = config ? this.#signs + 1 : 0;
    if (config && this.#signs >= ENOUGH && !this.#isHeld) this.#parts.blocked(config);
  }

  /** @returns {Promise<Config | null>} */
  #asked() {
    this.#asking ??= this.#parts.reached().finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** @param {number} ms @param {() => void} then */
  #time(ms, then) {
    this.#stopTimer();
    this.#stopTimer = this.#parts.clock.after(ms, then);
  }
}
