/**
 * What ends a recording from outside: the device is unplugged, a telephone call or the system silences
 * it, or the page is out of sight, where nobody sees that it listens.
 *
 * @import {Clock} from '../types.d.ts'
 */

/** @typedef {'unplugged' | 'muted' | 'hidden'} Interruption */

/** What may pass: how long it lasts before it ends the recording. */
const PATIENCE_MS = {
  // A headset that changes its profile is silent for a moment, too.
  muted: 1_000,
  // Long enough to look something up in another tab, too short for a talk with somebody else.
  hidden: 5_000,
};

export class Interruptions {
  #clock;
  #ended;
  #over = new AbortController();
  /** Forgets what goes on just now. @type {Partial<Record<Interruption, () => void>>} */
  #pending = {};

  /**
   * @param {Clock} clock
   * @param {(why: Interruption) => void} ended called once at most
   */
  constructor(clock, ended) {
    this.#clock = clock;
    this.#ended = ended;
  }

  /** @param {MediaStreamTrack[]} tracks */
  watch(tracks) {
    /** @param {EventTarget} target @param {string} kind @param {() => void} then */
    const on = (target, kind, then) => target.addEventListener(kind, then, { signal: this.#over.signal });
    const seen = () => this.lasts('hidden', document.visibilityState === 'hidden');
    for (const track of tracks) {
      on(track, 'ended', () => this.end('unplugged'));
      on(track, 'mute', () => this.lasts('muted', true));
      on(track, 'unmute', () => this.lasts('muted', false));
      this.lasts('muted', track.muted);
    }
    on(document, 'visibilitychange', seen);
    seen();
  }

  /** @param {'muted' | 'hidden'} why @param {boolean} on whether it begins, or has passed */
  lasts(why, on) {
    this.#pending[why]?.();
    if (on) this.#pending[why] = this.#clock.after(PATIENCE_MS[why], () => this.end(why));
  }

  /** @param {Interruption} why */
  end(why) {
    if (this.#over.signal.aborted) return;
    this.stop();
    this.#ended(why);
  }

  /** Nobody is interested any more. */
  stop() {
    this.#over.abort();
  }
}
