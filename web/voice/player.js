/**
 * Plays the turns' sound, one after the other, and tells how far it was heard.
 *
 * @import {Clock} from '../types.d.ts'
 */

import { PLAYED } from '../wire/frames.js';
import { loudspeaker, soundIsFor, unlocked } from './audio-context.js';
import { meter } from './meter.js';
import { HeadStart } from './schedule.js';
import { Track } from './track.js';

const TELL_EVERY_MS = 250;
const MUTE_RAMP_SECONDS = 0.03;

// Later than the last sound has faded, and the chime with it.
const REST_AFTER_MS = 1_000;

// 85 ms of speech.
const METER_SAMPLES = 2_048;

export class Player {
  // Where the loudspeaker has frozen, `Thaw` puts others in the place of these two and of the tracks.
  /** @type {AudioContext | null} */
  context;
  /** @type {GainNode | null} */
  loudness = null;
  /** @type {() => number} */
  #meter = () => 0;
  /** @type {Track[]} The first one sounds. */
  tracks = [];
  #head = new HeadStart();
  #muted = false;
  /** 0 to 1, of the amplitude; `muted` puts it into force. */
  volume = 1;
  #toldFlags = 0;
  #parts;
  /** @type {(() => void) | null} */
  #stopTelling = null;
  #stayAwake = () => {};

  /**
   * @param {object} parts
   * @param {AudioContext | null} parts.context made inside the click that opened the chat
   * @param {Clock} parts.clock
   * @param {(turn: number, ms: number, flags: number) => void} parts.played as PLAYED says it
   * @param {() => void} parts.changed what sounds is not what sounded before
   * @param {(blocked: boolean) => void} parts.blocked whether the browser waits for a click
   */
  constructor(parts) {
    this.context = parts.context;
    this.#parts = parts;
  }

  /** Call it inside clicks and key presses. */
  unlock() {
    this.#stayAwake();
    // One that iOS has interrupted comes back by itself; asked for, its clock may stay frozen.
    if (/** @type {string} */ (this.context?.state) !== 'interrupted') this.context = unlocked(this.context);
  }

  /** Nothing is to sound until `unlock`: a loudspeaker that runs costs power, even in silence. */
  rest() {
    this.#stayAwake();
    this.#stayAwake = this.#parts.clock.after(REST_AFTER_MS, () => void this.context?.suspend());
  }

  /** What all of it goes through, as loud as the visitor wants it; null: there is no loudspeaker yet. */
  get output() {
    return this.context && this.#output(this.context);
  }

  /** The turn that sounds; null: silence. */
  get sounding() {
    return this.tracks[0]?.turn ?? null;
  }

  /** All turns that sound or are going to. */
  get turns() {
    return this.tracks.map(({ turn }) => turn);
  }

  /** How far the sounding turn was heard, in milliseconds; null: silence. */
  get playheadMs() {
    return this.tracks[0]?.playheadMs ?? null;
  }

  /** Whether the browser waits for a click before anything sounds. */
  get isBlocked() {
    return this.context?.state !== 'running';
  }

  get muted() {
    return this.#muted;
  }

  set muted(muted) {
    this.#muted = muted;
    const now = this.context?.currentTime ?? 0;
    this.loudness?.gain.setTargetAtTime(this.#gain, now, MUTE_RAMP_SECONDS / 3);
    this.#tell();
  }

  get #gain() {
    return this.#muted ? 0 : this.volume;
  }

  /** Loudness of this moment, 0 to 1. */
  get level() {
    return this.#meter();
  }

  /** @param {number} turn @param {number} posMs @param {Uint8Array} pcm */
  add(turn, posMs, pcm) {
    this.#track(turn)?.add(posMs, pcm);
    this.#watch();
  }

  /** All of the turn's sound is here. @param {number} turn */
  complete(turn) {
    const track = this.#find(turn);
    if (track) track.complete = true;
    this.#watch();
  }

  /** @param {number} turn */
  has(turn) {
    return this.#find(turn) !== undefined;
  }

  /** Silence now. @param {number} turn @returns {number} milliseconds that were heard */
  stop(turn) {
    const track = this.#find(turn);
    if (!track) return 0;
    const heardMs = track.stop();
    this.tracks = this.tracks.filter((one) => one !== track);
    this.#next();
    return heardMs;
  }

  close() {
    for (const track of this.tracks.splice(0)) track.stop();
    this.#stopTelling?.();
    this.#stayAwake();
    soundIsFor('auto');
    void this.context?.close();
    this.context = null;
  }

  /** @param {number} turn */
  #find(turn) {
    return this.tracks.find((track) => track.turn === turn);
  }

  /** @param {number} turn */
  #track(turn) {
    const known = this.#find(turn);
    const context = this.#loudspeaker;
    if (known || !context) return known;
    const track = new Track(turn, context, this.#output(context), this.#head);
    this.tracks.push(track);
    if (this.tracks.length === 1) this.#next();
    return track;
  }

  /** There is one as soon as something is to sound: before the first click it waits with the sound. */
  get #loudspeaker() {
    return (this.context ??= loudspeaker());
  }

  /** @param {AudioContext} context */
  #output(context) {
    if (!this.loudness) {
      this.loudness = context.createGain();
      this.loudness.gain.value = this.#gain;
      this.loudness.connect(context.destination);
      this.#meter = meter(this.loudness, METER_SAMPLES);
      context.onstatechange = () => this.#tell();
    }
    return this.loudness;
  }

  /** What sounds has changed. */
  #next() {
    this.#toldFlags = 0;
    this.tracks[0]?.start();
    soundIsFor(this.tracks.length ? 'playback' : 'auto');
    this.#parts.changed();
    this.#watch();
  }

  #watch() {
    if (!this.tracks.length || this.#stopTelling) return;
    this.#tell();
  }

  /** Tell how far it is, now and every 250 ms, until all is silent. */
  #tell() {
    this.#stopTelling?.();
    this.#stopTelling = null;
    const track = this.tracks[0];
    // What the system has interrupted, as by a call, it gives back by itself: no press helps before.
    this.#parts.blocked(!!track && this.context?.state === 'suspended');
    if (!track) return;
    const { ended, playheadMs } = track;
    const flags = this.#flags(track);
    if (playheadMs > 0 || flags !== this.#toldFlags) this.#parts.played(track.turn, playheadMs, flags);
    this.#toldFlags = flags;
    if (ended) {
      this.tracks.shift();
      if (!track.schedule.hadGaps) this.#head.learn(false);
      this.#next();
      return;
    }
    const leftMs = track.complete ? track.durationMs - playheadMs + 5 : TELL_EVERY_MS;
    this.#stopTelling = this.#parts.clock.after(Math.max(20, Math.min(leftMs, TELL_EVERY_MS)), () => this.#tell());
  }

  /** @param {Track} track */
  #flags(track) {
    return (
      (this.isBlocked ? PLAYED.PAUSED : 0) |
      (track.ended ? PLAYED.ENDED : 0) |
      (track.ranOut && !track.complete ? PLAYED.UNDERRUN : 0) |
      (this.#muted ? PLAYED.MUTED : 0)
    );
  }
}
