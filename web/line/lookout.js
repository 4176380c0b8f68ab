/**
 * When a page that goes on over HTTP looks whether a WebSocket gets through by now.
 *
 * @import {Clock} from '../types.d.ts'
 */

// Each look is a handshake that most often fails: from every two minutes to every half hour.
const FIRST_MS = 120_000;
const LONGEST_MS = 1_920_000;

// Hints may come in heaps: a lid that is opened brings `online` and `visible` at once.
const HINTS_EVERY_MS = 10_000;

// While an answer comes or sounds nothing is changed; then soon.
const BUSY_MS = 3_000;

export class Lookout {
  #parts;
  #waitMs = FIRST_MS;
  #lookedMs = -Infinity;
  #isOn = false;
  #stopTimer = () => {};

  /**
   * @param {object} parts
   * @param {Clock} parts.clock
   * @param {() => boolean} parts.isFree
   * @param {() => void} parts.look ends in `missed`, `postponed` or `end`
   */
  constructor(parts) {
    this.#parts = parts;
  }

  begin() {
    this.#isOn = true;
    this.#in(this.#waitMs);
  }

  end() {
    this.#isOn = false;
    this.#stopTimer();
  }

  /** What was found lasts: should it be lost one day, the waits are short again. */
  forget() {
    this.#waitMs = FIRST_MS;
  }

  /** Something has changed that may have opened a way. @param {'online' | 'seen'} why */
  hint(why) {
    if (!this.#isOn || this.#parts.clock.now() - this.#lookedMs < HINTS_EVERY_MS) return;
    // It may be another network by now.
    if (why === 'online') this.forget();
    this.#in(0);
  }

  /** No WebSocket got through. */
  missed() {
    if (this.#isOn) this.#in(this.#waitMs);
  }

  /** There was something to do meanwhile. */
  postponed() {
    if (this.#isOn) this.#in(BUSY_MS);
  }

  /** @param {number} ms */
  #in(ms) {
    this.#stopTimer();
    this.#stopTimer = this.#parts.clock.after(ms, () => this.#look());
  }

  #look() {
    const { clock, isFree, look } = this.#parts;
    if (!isFree()) return this.postponed();
    this.#lookedMs = clock.now();
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_MS);
    look();
  }
}
