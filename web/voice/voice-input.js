/**
 * A spoken question, from the click on the microphone to its sending or throwing away.
 *
 * @import {Clock, Sink, Trouble} from '../types.d.ts'
 */

import { Microphone, MicrophoneError } from './microphone.js';
import { HEARING_RATE } from './resample.js';

// Who has not answered the browser's question by now may not have seen it.
const HINT_MS = 6_000;

// The server counts what was recorded, the page the time: the page has to stop first.
const MARGIN_SECONDS = 0.3;

const PCM_BYTES_PER_SECOND = HEARING_RATE * 2;

export class VoiceInput {
  /** @type {'off' | 'asking' | 'recording' | 'sending'} */
  state = 'off';
  #parts;
  /** @type {Microphone | null} */
  #microphone = null;
  /** @type {{ turn: number, sink: Sink } | null} */
  #open = null;
  #startedMs = 0;
  #bytes = 0;
  /** @type {() => void} */
  #stopTimer = () => {};

  /**
   * @param {object} parts
   * @param {string} parts.workletUrl
   * @param {() => string[]} parts.formats best first
   * @param {() => number} parts.limitSeconds
   * @param {(format: string) => { turn: number, sink: Sink }} parts.begin a turn, at its first bytes
   * @param {(turn: number) => void} parts.sent
   * @param {() => void} parts.changed
   * @param {(note: 'askingLong' | 'recordingLimit' | 'recordingEmpty' | 'recordingLost') => void} parts.note
   * @param {(trouble: Trouble) => void} parts.trouble
   * @param {Clock} parts.clock
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** How long it has been recording. */
  get seconds() {
    return this.state === 'recording' ? (this.#parts.clock.now() - this.#startedMs) / 1_000 : 0;
  }

  /** Loudness of this moment, 0 to 1. */
  get level() {
    return this.#microphone?.level ?? 0;
  }

  /** Call it inside the click. */
  async start() {
    if (this.state !== 'off') return;
    const { clock, formats, workletUrl, note, trouble } = this.#parts;
    this.#to('asking');
    this.#stopTimer = clock.after(HINT_MS, () => note('askingLong'));
    const microphone = new Microphone({
      give: (...piece) => this.#take(...piece),
      lost: () => this.#sendBecause('recordingLost'),
    });
    this.#microphone = microphone;
    try {
      if (await microphone.start(formats(), workletUrl)) this.#started();
    } catch (error) {
      if (this.#microphone !== microphone) return;
      this.#open?.sink.discard();
      this.#end();
      trouble(error instanceof MicrophoneError ? error.trouble : 'failed');
    }
  }

  /** Send what was recorded. */
  async send() {
    if (this.state !== 'recording') return;
    const microphone = this.#microphone;
    this.#stopTimer();
    this.#to('sending');
    await microphone?.stop();
    if (this.#microphone !== microphone) return;
    const open = this.#open;
    this.#end();
    if (!open) return this.#parts.note('recordingEmpty');
    // The question stands there before anything can be said about it.
    this.#parts.sent(open.turn);
    open.sink.end();
  }

  /** Throw it away; nothing is kept of it anywhere. */
  discard() {
    if (this.state === 'off') return;
    this.#microphone?.discard();
    this.#open?.sink.discard();
    this.#end();
  }

  #started() {
    const { clock, limitSeconds } = this.#parts;
    this.#stopTimer();
    this.#startedMs = clock.now();
    const ms = (limitSeconds() - MARGIN_SECONDS) * 1_000;
    this.#stopTimer = clock.after(ms, () => this.#sendBecause('recordingLimit'));
    this.#to('recording');
  }

  /** @param {'recordingLimit' | 'recordingLost'} note */
  #sendBecause(note) {
    if (this.state !== 'recording') return;
    this.#parts.note(note);
    void this.send();
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

  #end() {
    this.#stopTimer();
    this.#microphone = null;
    this.#open = null;
    this.#bytes = 0;
    this.#to('off');
  }

  /** @param {VoiceInput['state']} state */
  #to(state) {
    this.state = state;
    this.#parts.changed();
  }
}
