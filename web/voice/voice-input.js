/**
 * A spoken question, from the press on the microphone to its sending or throwing away.
 *
 * @import {Clock, Sink} from '../types.d.ts'
 * @import {Interruption} from './interruptions.js'
 * @import {Files} from './recorders.js'
 */

import { Devices } from './devices.js';
import { Microphone } from './microphone.js';
import { HEARING_RATE } from './resample.js';

// Who has not answered the browser's question by now may not have seen it.
const HINT_MS = 6_000;

// The server counts what was recorded, the page the time: the page has to stop first.
const MARGIN_SECONDS = 0.3;

const PCM_BYTES_PER_SECOND = HEARING_RATE * 2;

export class VoiceInput {
  /**
   * `kept`: the recording ended by itself, and the visitor is to say what becomes of it.
   *
   * @type {'off' | 'asking' | 'recording' | 'kept' | 'sending'}
   */
  state = 'off';
  /** What ended the recording that is kept. @type {Interruption | null} */
  ended = null;
  /** Whether the browser's question has stood there for long. */
  isAskingLong = false;
  /** Whether another device took the place of the chosen one. */
  isChosenGone = false;
  /** What letting go of the microphone does; '': nobody holds it. @type {'send' | 'discard' | ''} */
  held = '';
  devices = new Devices();
  #parts;
  /** @type {Microphone | null} */
  #microphone = null;
  /** @type {{ turn: number, sink: Sink } | null} */
  #open = null;
  #startedMs = 0;
  #endedMs = 0;
  #bytes = 0;
  /** @type {Promise<void> | null} */
  #stopped = null;
  /** @type {() => void} */
  #stopTimer = () => {};

  /**
   * @param {object} parts
   * @param {Files} parts.files
   * @param {() => string[]} parts.formats best first
   * @param {() => number} parts.limitSeconds
   * @param {(format: string) => { turn: number, sink: Sink }} parts.begin a turn, at its first bytes
   * @param {(turn: number) => void} parts.sent
   * @param {() => void} parts.changed
   * @param {(note: 'recordingLimit' | 'recordingEmpty') => void} parts.note
   * @param {(error: string) => void} parts.trouble the name of what the browser has thrown
   * @param {Clock} parts.clock
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** How long was recorded. */
  get seconds() {
    if (this.state === 'off' || this.state === 'asking') return 0;
    const untilMs = this.state === 'recording' ? this.#parts.clock.now() : this.#endedMs;
    return (untilMs - this.#startedMs) / 1_000;
  }

  /** How long it may go on. */
  get secondsLeft() {
    return Math.max(0, this.#parts.limitSeconds() - MARGIN_SECONDS - this.seconds);
  }

  /** Loudness of this moment, 0 to 1; null: it can't be measured. */
  get level() {
    return this.#microphone?.level ?? null;
  }

  /** Call it inside the press. */
  async start() {
    if (this.state === 'off') await this.#begin();
  }

  /** Use another microphone; what the one before has recorded so far is thrown away. @param {string} id */
  async choose(id) {
    this.devices.choose(id);
    if (this.state !== 'asking' && this.state !== 'recording') return;
    this.#drop();
    await this.#begin();
  }

  /** Send what was recorded. */
  async send() {
    if (this.state !== 'recording' && this.state !== 'kept') return;
    const microphone = this.#microphone;
    this.#stop('sending');
    await this.#stopped;
    if (this.#microphone !== microphone) return;
    const open = this.#open;
    this.#end();
    if (!open) return this.#parts.note('recordingEmpty');
    // The question stands there before anything can be said about it.
    this.#parts.sent(open.turn);
    open.sink.end();
    this.devices.keep();
  }

  /** Throw it away; nothing is kept of it anywhere. */
  discard() {
    if (this.state === 'off') return;
    this.#drop();
    this.#end();
  }

  async #begin() {
    const { clock, formats, files, trouble } = this.#parts;
    const microphone = new Microphone({
      give: (...piece) => this.#take(...piece),
      clock,
      interrupted: (why) => this.#keep(why),
    });
    this.#microphone = microphone;
    this.#stopTimer = clock.after(HINT_MS, () => (this.isAskingLong = true));
    this.#to('asking');
    // Who is told may have thrown it away.
    if (this.#microphone !== microphone) return;
    try {
      if (await microphone.start(formats(), files, this.devices.wanted)) await this.#started(microphone);
    } catch (error) {
      if (this.#microphone !== microphone) return;
      this.#open?.sink.discard();
      this.#end();
      trouble(/** @type {Error} */ (error).name);
    }
  }

  /** @param {Microphone} microphone */
  async #started(microphone) {
    const { clock, limitSeconds } = this.#parts;
    this.#stopTimer();
    this.isAskingLong = false;
    this.#startedMs = clock.now();
    const ms = (limitSeconds() - MARGIN_SECONDS) * 1_000;
    this.#stopTimer = clock.after(ms, () => this.#sendAtLimit());
    this.#to('recording');
    this.isChosenGone = microphone.isAnother;
    if (microphone.isAnother) this.devices.choose('');
    await this.devices.got(microphone.device);
  }

  #sendAtLimit() {
    if (this.state !== 'recording') return;
    this.#parts.note('recordingLimit');
    void this.send();
  }

  /** The recording has ended, and not by the visitor's wish. @param {Interruption} why */
  #keep(why) {
    if (this.state !== 'recording') return;
    this.ended = why;
    this.#stop('kept');
  }

  /** @param {'kept' | 'sending'} state that comes now */
  #stop(state) {
    this.#stopTimer();
    if (this.state === 'recording') this.#endedMs = this.#parts.clock.now();
    this.#stopped ??= this.#microphone?.stop() ?? null;
    this.#to(state);
  }

  /** @param {Uint8Array} bytes @param {string} format */
  #take(bytes, format) {
    const room = format.startsWith('pcm') ? this.#parts.limitSeconds() * PCM_BYTES_PER_SECOND : Infinity;
    const kept = bytes.subarray(0, room - this.#bytes);
    if (this.state === 'off' || !kept.length) return;
    this.#bytes += kept.length;
    this.#open ??= this.#parts.begin(format);
    this.#open.sink.write(kept);
  }

  #drop() {
    this.#microphone?.discard();
    this.#open?.sink.discard();
    this.#forget();
  }

  #end() {
    this.#forget();
    this.devices.rest();
    this.held = '';
    this.#to('off');
  }

  #forget() {
    this.#stopTimer();
    this.#microphone = null;
    this.#open = null;
    this.#stopped = null;
    this.ended = null;
    this.isAskingLong = this.isChosenGone = false;
    this.#bytes = 0;
  }

  /** @param {VoiceInput['state']} state */
  #to(state) {
    this.state = state;
    this.#parts.changed();
  }
}
