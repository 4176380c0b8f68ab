/**
 * One recording of the microphone, from the click to its release. Whatever happens, every track is
 * stopped: a red dot that stays on is a promise broken.
 *
 * @import {Clock} from '../types.d.ts'
 * @import {Interruption} from './interruptions.js'
 * @import {Files, Give, Recorder} from './recorders.js'
 */

import { soundIsFor } from './audio-context.js';
import { Interruptions } from './interruptions.js';
import { record } from './recorders.js';

/** Ideals, no demands: a device that lacks one still records. */
const WISHES = /** @type {any} */ ({
  channelCount: 1,
  echoCancellation: { ideal: 'all' },
  noiseSuppression: true,
  autoGainControl: true,
});

/** How browsers call it that a device is not there. */
const MISSING = ['NotFoundError', 'OverconstrainedError'];

export class Microphone {
  /** Those that are to be stopped. @type {MediaStreamTrack[]} */
  #tracks = [];
  /** @type {Recorder | null} */
  #recorder = null;
  /** Whether the recording is over, or not wanted any more. */
  #over = false;
  /** Whether another device records than the one that was asked for, which is not there. */
  isAnother = false;
  #give;
  #interruptions;

  /**
   * @param {object} options
   * @param {Give} options.give
   * @param {Clock} options.clock
   * @param {(why: Interruption) => void} options.interrupted what comes from now on is silence, or unseen
   */
  constructor({ give, clock, interrupted }) {
    this.#give = give;
    this.#interruptions = new Interruptions(clock, interrupted);
  }

  /**
   * @param {string[]} formats
   * @param {Files} files
   * @param {string} device id of the one to ask for; '': whichever the browser gives
   * @returns {Promise<boolean>} whether it records; false: released meanwhile
   * @throws {Error} whichever the browser has: `troubleOf` tells by its name what it means
   */
  async start(formats, files, device) {
    soundIsFor('play-and-record');
    try {
      const stream = await this.#ask(device);
      this.#tracks = stream.getAudioTracks();
      if (!this.#over) await this.#record(stream, formats, files);
    } catch (error) {
      this.#give = () => {};
      this.#release();
      soundIsFor('auto');
      throw error;
    }
    if (this.#over) this.#release();
    return !this.#over;
  }

  /** Loudness of this moment, 0 to 1; null: it can't be measured. */
  get level() {
    return this.#recorder?.level() ?? null;
  }

  /** Id of the device; '': the browser does not tell. */
  get device() {
    return this.#tracks[0]?.getSettings().deviceId ?? '';
  }

  /** End the recording, its last bytes given, and release the microphone. */
  async stop() {
    this.#over = true;
    this.#interruptions.stop();
    const recorder = this.#recorder;
    this.#recorder = null;
    // A recorder that fails at its end has given nearly everything.
    await recorder?.stop().catch(() => {});
    this.#release();
  }

  /** Throw the recording away and release the microphone at once. */
  discard() {
    this.#give = () => {};
    this.#release();
    void this.stop();
  }

  /** @param {string} device @returns {Promise<MediaStream>} */
  async #ask(device) {
    if (!device) return ask();
    try {
      // As a mere wish, Chromium passes it over.
      return await ask({ deviceId: { exact: device } });
    } catch (error) {
      if (!MISSING.includes(/** @type {Error} */ (error).name) || this.#over) throw error;
      this.isAnother = true;
      return ask();
    }
  }

  /** @param {MediaStream} stream @param {string[]} formats @param {Files} files */
  async #record(stream, formats, files) {
    const recorder = await record(stream, formats, files, {
      give: (...piece) => this.#give(...piece),
      // What goes wrong before it records leads to another way to record, or to an error.
      halted: (on) => this.#recorder && this.#interruptions.lasts('muted', on),
      failed: () => this.#recorder && this.#interruptions.end('unplugged'),
    });
    this.#recorder = recorder;
    if (this.#over) return recorder.stop();
    if (this.#tracks.some(({ readyState }) => readyState === 'live')) {
      this.#interruptions.watch(this.#tracks);
      return;
    }
    // It was unplugged before anything listened to it: what would come is silence.
    this.#give = () => {};
    await recorder.stop();
    throw new DOMException('', 'NotFoundError');
  }

  /** Once only: by the second time another recording may have begun. */
  #release() {
    this.#interruptions.stop();
    if (!this.#tracks.length) return;
    for (const track of this.#tracks.splice(0)) track.stop();
    soundIsFor('auto');
  }
}

/** @param {MediaTrackConstraints} [demands] @returns {Promise<MediaStream>} */
function ask(demands) {
  const audio = /** @type {MediaTrackConstraints} */ ({ ...WISHES, ...demands });
  return navigator.mediaDevices.getUserMedia({ audio });
}
