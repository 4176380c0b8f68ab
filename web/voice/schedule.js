/**
 * Where each piece of one answer's sound goes on the audio clock, and how far it has been heard.
 *
 * Starts are whole samples, so that pieces join without a seam. Times are seconds of the clock,
 * positions milliseconds of the sound.
 */

// What a busy page needs to schedule in time.
const LEAST_SECONDS = 0.06;

// Longer, and who talks notices it more than a gap.
const MOST_SECONDS = 0.3;

const STEP_SECONDS = 0.02;

/** How long sound waits that comes first, or after a gap: the longer, the more often it has run out. */
export class HeadStart {
  seconds = LEAST_SECONDS;

  /** @param {boolean} hadGaps of an answer, or a gap within one */
  learn(hadGaps) {
    const seconds = this.seconds + (hadGaps ? STEP_SECONDS : -STEP_SECONDS);
    this.seconds = Math.min(Math.max(seconds, LEAST_SECONDS), MOST_SECONDS);
  }
}

export class Schedule {
  /** Whether sound came too late to go on where the one before ended: what no more follows is no gap. */
  hadGaps = false;
  #rate;
  #head;
  /** @type {number | null} Sample of the clock at which position 0 lies or would lie. */
  #origin = null;
  /** @type {{ startMs: number, endMs: number, at: number }[]} */
  #pieces = [];

  /** @param {number} rate samples a second of the clock @param {HeadStart} [head] */
  constructor(rate, head = new HeadStart()) {
    this.#rate = rate;
    this.#head = head;
  }

  /** Milliseconds of sound that are scheduled. */
  get endMs() {
    return this.#pieces.at(-1)?.endMs ?? 0;
  }

  /**
   * Return when the piece is to start; null when it was scheduled before.
   *
   * A piece that comes too late starts a little after `now`, and all that follow it shift alike.
   *
   * @param {number} posMs
   * @param {number} durationMs
   * @param {number} now
   * @returns {number | null}
   */
  place(posMs, durationMs, now) {
    if (this.#pieces.length && posMs < this.endMs) return null;
    const offset = Math.round((posMs * this.#rate) / 1_000);
    if (this.#origin === null || this.#origin + offset < now * this.#rate) {
      if (this.#origin !== null) this.#head.learn((this.hadGaps = true));
      this.#origin = Math.ceil((now + this.#head.seconds) * this.#rate) - offset;
    }
    const at = (this.#origin + offset) / this.#rate;
    const piece = { startMs: posMs, endMs: posMs + durationMs, at };
    this.#pieces = [...this.#pieces.filter((one) => endOf(one) > now), piece];
    return at;
  }

  /** @param {number} now */
  playheadMs(now) {
    let headMs = this.#pieces[0]?.startMs ?? 0;
    for (const piece of this.#pieces) {
      if (piece.at > now) break;
      headMs = Math.min(piece.startMs + (now - piece.at) * 1_000, piece.endMs);
    }
    return headMs;
  }

  /** Whether all that is scheduled has been heard. @param {number} now */
  ranOut(now) {
    const last = this.#pieces.at(-1);
    return !last || endOf(last) <= now;
  }
}

/** @param {{ startMs: number, endMs: number, at: number }} piece */
function endOf(piece) {
  return piece.at + (piece.endMs - piece.startMs) / 1_000;
}
