/**
 * Mode v2: one binary WebSocket, in the protocol's full profile.
 *
 * Own turns stay in `#asked` until their END: what a lost connection took along is sent again.
 *
 * @import {Clock} from './clock.js'
 * @import {Frame, Sink, Status} from './types.d.ts'
 * @import {Identity} from './identity.js'
 * @import {History} from './history.js'
 */

import { verdict } from './closing.js';
import { decode, encode, END } from './frames.js';
import { Line } from './line.js';
import { OutgoingRecording } from './outgoing.js';
import { byteLength } from './utf8.js';

const PCM_BYTES_PER_MS = 48;

// A network that vanished tells nobody: what is awaited and does not come is asked after.
const SILENCE_MS = 10_000;
const PONG_MS = 4_000;

/**
 * @typedef {object} Asked
 * @property {string} [text]
 * @property {OutgoingRecording} [recording]
 * @property {boolean} cancelled
 * @property {number} textBytes received so far
 * @property {number} audioMs received so far
 */

/**
 * @typedef {object} Surroundings
 * @property {string} url
 * @property {(url: string) => WebSocket} connect
 * @property {(frame: Frame) => void} emit
 * @property {(status: Status) => void} status
 * @property {Identity} identity
 * @property {History} history
 * @property {() => number} frameBytes the largest frame that the server takes
 * @property {boolean} speech whether spoken answers are wanted
 * @property {string} [language]
 * @property {Clock} clock
 * @property {() => number} [random]
 */

export class TransportV2 {
  /** @type {'v2'} */
  mode = 'v2';
  formats = ['pcm16/16000', 'webm/opus', 'mp4/aac'];
  #around;
  #line;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Map<number, Asked>} */
  #asked = new Map();
  #muted = false;
  #heardMs = 0;
  #nonce = 0;
  /** @type {() => void} */
  #stopWatch = () => {};

  /** @param {Surroundings} surroundings */
  constructor(surroundings) {
    this.#around = surroundings;
    const { status, clock, random } = surroundings;
    this.#line = new Line({ attempt: () => this.#connect(), status, clock, random });
  }

  get connected() {
    return this.#line.connected;
  }

  open() {
    this.#line.begin();
  }

  /** @param {boolean} [leaving] */
  close(leaving = false) {
    if (leaving) this.#send(encode('BYE'));
    this.#forget();
    this.#line.close();
  }

  /** @param {'online' | 'seen' | 'typing' | 'button'} why */
  kick(why) {
    if (why === 'typing') this.#line.nudge();
    else this.#line.kick();
    if (!this.connected) return;
    const quietMs = this.#around.clock.now() - this.#heardMs;
    if (why === 'online' || quietMs > SILENCE_MS) this.#ping();
  }

  /** @param {number} turn @param {string} text */
  ask(turn, text) {
    this.#asked.set(turn, { text, cancelled: false, textBytes: 0, audioMs: 0 });
    this.#send(encode('TEXT', { turn, text }));
    this.#watch();
  }

  /** @param {number} turn @param {string} format @returns {Sink} */
  hear(turn, format) {
    const recording = new OutgoingRecording(turn, this.formats.indexOf(format), this.#around.frameBytes());
    this.#asked.set(turn, { recording, cancelled: false, textBytes: 0, audioMs: 0 });
    /** @param {Uint8Array[]} frames */
    const send = (frames) => frames.forEach((frame) => this.#send(frame));
    return {
      write: (bytes) => send(recording.add(bytes)),
      end: () => {
        send(recording.end(false));
        this.#watch();
      },
      discard: () => send(recording.end(true)),
    };
  }

  /** @param {number} turn @param {number} heardMs @param {number} reason */
  cancel(turn, heardMs, reason) {
    const asked = this.#asked.get(turn);
    if (asked) asked.cancelled = true;
    this.#send(encode('CANCEL', { turn, pos: Math.round(heardMs), flags: reason }));
  }

  /** @param {number} turn @param {number} ms @param {number} flags */
  played(turn, ms, flags) {
    this.#send(encode('PLAYED', { turn, pos: Math.round(ms), flags }));
  }

  /** @param {number} turn @param {number} n */
  speak(turn, n) {
    this.#asked.set(turn, { cancelled: false, textBytes: 0, audioMs: 0 });
    this.#send(encode('SPEAK', { turn, n }));
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.#muted = muted;
    this.#send(encode('SET', { content: { mute: muted } }));
  }

  #connect() {
    this.#forget();
    const socket = this.#around.connect(this.#around.url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(/** @type {any} */ (encode('HELLO', { content: this.#hello() })));
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code }) => this.#lost(code);
    this.#socket = socket;
    // A connection that neither opens nor fails is as good as lost.
    this.#stopWatch = this.#around.clock.after(SILENCE_MS, () => this.#lost(1006));
  }

  #hello() {
    const { identity, history, language, speech } = this.#around;
    return {
      v: 1,
      tab: identity.tab,
      chat: identity.chat ?? undefined,
      audio_in: this.formats,
      audio_out: speech ? ['pcm16/24000'] : [],
      language,
      have: history.have,
      resume: [...this.#asked].map(([turn, { textBytes, audioMs }]) => ({
        turn,
        text: textBytes,
        audio: audioMs,
      })),
    };
  }

  /** @param {ArrayBuffer} data */
  #hear(data) {
    const frame = decode(new Uint8Array(data));
    this.#heardMs = this.#around.clock.now();
    this.#watch();
    if (!frame || frame.name === 'PONG') return;
    if (frame.name === 'WELCOME') return this.#welcome(frame);
    if (frame.name === 'GOAWAY') return this.#goAway(frame.content.seconds);
    if (this.#note(frame)) this.#around.emit(frame);
  }

  /** Keep account of an own turn. @param {Frame} frame @returns {boolean} whether it is to be passed on */
  #note(frame) {
    const asked = this.#asked.get(frame.turn);
    if (!asked) return true;
    if (asked.cancelled && ['TEXT', 'MARK', 'AUDIO'].includes(frame.name)) return false;
    if (frame.name === 'TEXT') {
      asked.textBytes = Math.max(asked.textBytes, frame.pos + byteLength(frame.text));
    } else if (frame.name === 'AUDIO') {
      asked.audioMs = Math.max(asked.audioMs, frame.pos + frame.data.length / PCM_BYTES_PER_MS);
    } else if (frame.name === 'END') {
      this.#asked.delete(frame.turn);
    }
    return true;
  }

  /** @param {Frame} frame */
  #welcome(frame) {
    const { content } = frame;
    const { identity, history } = this.#around;
    const anew = identity.chat !== null && identity.chat !== content.chat;
    identity.chat = content.chat;
    identity.goOnFrom(content.next_turn);
    if (anew) history.startAnew();
    this.#around.emit({ ...frame, content: { ...content, anew } });
    if (this.#muted) this.mute(true);
    this.#sendAgain(content, anew);
    this.#line.held();
  }

  /**
   * Send what the server does not have; what it has answered meanwhile is over.
   *
   * @param {any} content of WELCOME @param {boolean} anew
   */
  #sendAgain({ running, recordings, history }, anew) {
    for (const [turn, asked] of [...this.#asked]) {
      if (!anew && running.some((/** @type {any} */ one) => one.turn === turn)) continue;
      const answer = this.#around.history.answer(turn);
      const stored = history.messages.some((/** @type {any} */ one) => one.n === answer?.n);
      if (stored || asked.cancelled || !(asked.text || asked.recording)) this.#conclude(turn);
      else if (asked.text) this.#send(encode('TEXT', { turn, text: asked.text }));
      else {
        const known = recordings.find((/** @type {any} */ one) => one.turn === turn);
        asked.recording?.again(known?.bytes ?? 0).forEach((frame) => this.#send(frame));
      }
    }
  }

  /** Its END was lost with the old connection, or will never come. @param {number} turn */
  #conclude(turn) {
    const audioMs = this.#asked.get(turn)?.audioMs ?? 0;
    this.#asked.delete(turn);
    const frame = /** @type {Frame} */ ({ name: 'END', turn, pos: 0, flags: END.UNSAID, audioMs });
    this.#around.emit(frame);
  }

  /** Come back at a moment of our own, so that not all pages do at once. @param {number} seconds */
  #goAway(seconds) {
    this.#stopWatch();
    const random = this.#around.random ?? Math.random;
    this.#stopWatch = this.#around.clock.after(random() * seconds * 1_000, () => this.#lost(1001));
  }

  /** While something is awaited, silence is asked after. */
  #watch() {
    this.#stopWatch();
    if (this.connected && this.#asked.size) {
      this.#stopWatch = this.#around.clock.after(SILENCE_MS, () => this.#ping());
    }
  }

  #ping() {
    this.#nonce += 1;
    this.#send(encode('PING', { nonce: this.#nonce }));
    this.#stopWatch();
    this.#stopWatch = this.#around.clock.after(PONG_MS, () => this.#lost(1006));
  }

  /** @param {Uint8Array} frame */
  #send(frame) {
    if (this.#socket?.readyState === 1) this.#socket.send(/** @type {any} */ (frame));
  }

  /** @param {number} code */
  #lost(code) {
    this.#forget();
    this.#around.history.disconnect();
    const { next, reason = '', atLeastMs } = verdict(code);
    if (next === 'again') this.#line.lost(atLeastMs);
    else this.#line.stop(next, reason);
  }

  /** Let go of the socket: whatever it still says is no concern of ours. */
  #forget() {
    this.#stopWatch();
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
