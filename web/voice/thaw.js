/**
 * A loudspeaker whose clock stands still though it runs, as iOS leaves some behind after a call, a lock
 * or Siri: another takes over what has not been heard.
 *
 * @import {Player} from './player.js'
 * @import {Track} from './track.js'
 */

import { loudspeaker } from './audio-context.js';

// A clock that runs moves every few milliseconds.
const FROZEN_MS = 300;

// Where the page itself stood still for so long, what it reads first may be old.
const LOOKS = 5;

export class Thaw {
  #player;
  /** What the clock says, and since when. */
  #seconds = -1;
  #sinceMs = 0;
  #looks = 0;

  /** @param {Player} player */
  constructor(player) {
    this.#player = player;
  }

  /** Call it with each frame while something is to sound. @param {number} nowMs */
  look(nowMs) {
    const { context, sounding } = this.#player;
    const seconds = context?.currentTime ?? -1;
    const isStill = sounding !== null && context?.state === 'running' && seconds === this.#seconds;
    this.#looks = isStill ? this.#looks + 1 : 0;
    if (!isStill) [this.#seconds, this.#sinceMs] = [seconds, nowMs];
    else if (nowMs - this.#sinceMs >= FROZEN_MS && this.#looks >= LOOKS) this.#replace(context);
  }

  /** @param {AudioContext} old */
  #replace(old) {
    const player = this.#player;
    const { tracks } = player;
    old.onstatechange = null;
    void old.close();
    player.context = loudspeaker();
    player.loudness = null;
    const { context, output } = player;
    if (!context || !output) return;
    player.tracks = tracks.map((track) => moved(track, context, output));
    player.tracks[0]?.start();
    // Where the new one waits for a press, that is told.
    player.muted = player.muted;
  }
}

/**
 * The same sound elsewhere, from the piece on that was sounding.
 *
 * @param {Track} track @param {AudioContext} context @param {AudioNode} output
 */
function moved(track, context, output) {
  // The class is the app's, which this part does not bring along.
  const Made = /** @type {typeof Track} */ (track.constructor);
  const copy = new Made(track.turn, context, output);
  const unheard = [...track.sources].map(([{ buffer }, posMs]) => {
    return { posMs, buffer: /** @type {AudioBuffer} */ (buffer) };
  });
  copy.complete = track.complete;
  copy.waiting = [...unheard, ...track.waiting];
  return copy;
}
