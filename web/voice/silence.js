/**
 * Whether a microphone that runs hears nothing: the wrong one, one that is switched off, or one that
 * is too far away.
 */

const AFTER_MS = 3_000;

// Root mean squares. Speech through a microphone that works is louder than the first, and what even a
// quiet room gives is louder than the second: below it, nothing is connected.
const VOICE = 0.01;
const NOTHING = 0.000_5;

export class Silence {
  #sinceMs = 0;
  #heard = false;

  /** A recording begins. @param {number} nowMs */
  begin(nowMs) {
    this.#sinceMs = nowMs;
    this.#heard = false;
  }

  /**
   * Who was heard may think for a while; only a dead line is told to him.
   *
   * @param {number | null} level 0 to 1; null: it can't be measured
   * @param {number} nowMs
   */
  add(level, nowMs) {
    if (level !== null && level <= (this.#heard ? NOTHING : VOICE)) return;
    if (level !== null) this.#heard = true;
    this.#sinceMs = nowMs;
  }

  /** @param {number} nowMs */
  lasts(nowMs) {
    return nowMs - this.#sinceMs >= AFTER_MS;
  }
}
