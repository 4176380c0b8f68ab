/**
 * One recording of the microphone, from the click to its release. Whatever happens, every track is
 * stopped: a red dot that stays on is a promise broken.
 *
 * @import {Trouble} from '../types.d.ts'
 * @import {Give, Recorder} from './recorders.js'
 */

import { soundIsFor } from './audio-context.js';
import { probes, troubleAhead, troubleOf } from './microphone-trouble.js';
import { record } from './recorders.js';

/** Ideals, never demands: a device that lacks one still records. */
const WISHES = {
  channelCount: 1,
  echoCancellation: { ideal: 'all' },
  noiseSuppression: true,
  autoGainControl: true,
};

export class MicrophoneError extends Error {
  /** @param {Trouble} trouble */
  constructor(trouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

export class Microphone {
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {Recorder | null} */
  #recorder = null;
  /** Whether the recording is over, or not wanted any more. */
  #over = false;
  #give;
  #lost;

  /**
   * @param {object} options
   * @param {Give} options.give
   * @param {() => void} options.lost the device went away
   */
  constructor({ give, lost }) {
    this.#give = give;
    this.#lost = lost;
  }

  /**
   * @param {string[]} formats
   * @param {string} workletUrl
   * @returns {Promise<boolean>} whether it records; false: released meanwhile
   * @throws {MicrophoneError}
   */
  async start(formats, workletUrl) {
    const ahead = troubleAhead(probes());
    if (ahead) throw new MicrophoneError(ahead);
    soundIsFor('play-and-record');
    try {
      const audio = /** @type {MediaTrackConstraints} */ (/** @type {unknown} */ (WISHES));
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio });
      if (!this.#over) await this.#record(this.#stream, formats, workletUrl);
    } catch (error) {
      this.#give = () => {};
      this.#release();
      soundIsFor('auto');
      throw new MicrophoneError(troubleOf(error instanceof Error ? error.name : '', probes()));
    }
    if (this.#over) this.#release();
    return !this.#over;
  }

  /** Loudness of this moment, 0 to 1. */
  get level() {
    return this.#recorder?.level() ?? 0;
  }

  /** End the recording, its last bytes given, and release the microphone. */
  async stop() {
    this.#over = true;
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

  /** @param {MediaStream} stream @param {string[]} formats @param {string} workletUrl */
  async #record(stream, formats, workletUrl) {
    stream.getAudioTracks().forEach((track) => (track.onended = () => this.#lost()));
    const recorder = await record(stream, formats, workletUrl, (...piece) => this.#give(...piece));
    this.#recorder = recorder;
    if (this.#over) return recorder.stop();
    if (stream.getAudioTracks().some(({ readyState }) => readyState === 'live')) return;
    // It was unplugged before anything listened to it: what would come is silence.
    this.#give = () => {};
    await recorder.stop();
    throw new DOMException('The microphone went away.', 'NotFoundError');
  }

  /** Once only: by the second time another recording may have begun. */
  #release() {
    if (!this.#stream) return;
    this.#stream.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    soundIsFor('auto');
  }
}
