/**
 * Mode v2: one binary WebSocket, in the protocol's full profile.
 *
 * @import {History} from '../chat/history.js'
 * @import {Frame, Sink} from '../types.d.ts'
 * @import {SocketHealth} from './socket-health.js'
 * @import {Stopped, TransportParts, Unanswered, Why, Wishes} from './transport.d.ts'
 */

import { decode, encode, END } from '../wire/frames.js';
import { verdict } from './closing.js';
import { cancelFrame, OpenTurns, retryFrame } from './open-turns.js';
import { OutgoingRecording } from './outgoing-recording.js';

// A network that vanished tells nobody: what is awaited and does not come is asked after.
const SILENCE_MS = 10_000;
const PONG_MS = 4_000;

// As long as a server keeps an answer's sound, unless it is set otherwise: one that has lost it earlier
// was started anew, most often. After that a voice would come as a surprise.
const RESUME_MS = 300_000;

const OPEN = 1;

/**
 * @typedef {object} SocketParts
 * @property {string} url
 * @property {(url: string) => WebSocket} connect
 * @property {History} history
 * @property {number} frameBytes the largest frame that the server takes
 * @property {SocketHealth} [health] is told how each socket fares
 * @property {() => boolean} [admit] asked at WELCOME; false: no word more, it is not wanted now
 * @property {Stopped[]} [stopped] over HTTP, where nothing tells the server
 */

export class TransportV2 {
  /** @type {'v2'} */
  mode = 'v2';
  formats = ['pcm16/16000', 'webm/opus', 'mp4/aac'];
  #parts;
  #line;
  #turns = new OpenTurns();
  /** @type {WebSocket | null} */
  #socket = null;
  /** Whether WELCOME was there: nothing but HELLO goes out before it. */
  #welcomed = false;
  /** What SET says. @type {Wishes | null} */
  #wishes = null;
  #heardMs = 0;
  /** When the last connection ended. */
  #lostMs = -Infinity;
  /** @type {() => void} */
  #stopWatch = () => {};
  /** @type {() => void} */
  #stopLeaving = () => {};

  /** @param {TransportParts & SocketParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#line = parts.line(() => this.#connect());
    for (const one of parts.stopped ?? []) this.#turns.addStopped(one);
  }

  open() {
    this.#line.begin();
  }

  /** @param {boolean} [leaving] */
  close(leaving = false) {
    if (leaving) this.#send(encode('BYE'));
    this.#forget();
    this.#line.close();
    this.#parts.health?.stop();
  }

  /** @param {Why} why */
  kick(why) {
    this.#line.kick(why);
    if (!this.#line.connected) return;
    const quietMs = this.#parts.clock.now() - this.#heardMs;
    if (why === 'online' || quietMs > SILENCE_MS) this.#ping();
  }

  /** @param {number} turn @param {string} text @param {number} [heardMs] */
  ask(turn, text, heardMs) {
    this.#turns.add(turn, { text }, heardMs);
    this.#send(encode('TEXT', { turn, text }));
    this.#watch();
  }

  /** @param {number} turn @param {string} format @returns {Sink} */
  hear(turn, format) {
    const recording = new OutgoingRecording(turn, this.formats.indexOf(format), this.#parts.frameBytes);
    this.#turns.add(turn, { recording });
    return {
      write: (bytes) => this.#send(...recording.add(bytes)),
      end: () => {
        this.#send(...recording.end(false));
        this.#watch();
      },
      discard: () => this.#send(...recording.end(true)),
    };
  }

  /** @param {number} turn @param {number} heardMs @param {number} reason */
  cancel(turn, heardMs, reason) {
    const stopped = { turn, heardMs, reason };
    this.#turns.cancel(stopped);
    this.#send(cancelFrame(stopped));
  }

  /** @param {number} turn @param {number} ms @param {number} flags */
  played(turn, ms, flags) {
    this.#send(encode('PLAYED', { turn, pos: Math.round(ms), flags }));
  }

  /** @param {number} turn @param {number} n @param {number} [pos] */
  speak(turn, n, pos) {
    this.#turns.add(turn, {});
    this.#send(encode('SPEAK', { turn, n, pos }));
    this.#watch();
  }

  /** @param {number} turn @param {string} text */
  welcome(turn, text) {
    this.#turns.add(turn, {});
    this.#send(encode('EVENT', { content: { type: 'welcome', turn, text } }));
    this.#watch();
  }

  /** @param {number} turn @param {number} n */
  retry(turn, n) {
    this.#turns.add(turn, { retried: n });
    this.#send(retryFrame(turn, n));
    this.#watch();
  }

  /** @param {Wishes} wishes */
  set(wishes) {
    this.#wishes = { ...this.#wishes, ...wishes };
    this.#send(encode('SET', { content: wishes }));
  }

  /** @returns {Unanswered[]} */
  get unanswered() {
    return this.#turns.unanswered.map(({ recording, ...one }) => ({
      ...one,
      recording: recording && { ...recording, format: this.formats[recording.format] },
    }));
  }

  #connect() {
    this.#forget();
    this.#parts.health?.tried();
    const socket = this.#parts.connect(this.#parts.url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(/** @type {any} */ (encode('HELLO', { content: this.#hello() })));
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code }) => this.#lost(code);
    this.#socket = socket;
    // A connection that neither opens nor fails is as good as lost.
    this.#stopWatch = this.#parts.clock.after(SILENCE_MS, () => this.#lost(1006));
  }

  #hello() {
    const { identity, history, language, speech } = this.#parts;
    return {
      v: 1,
      tab: identity.tab,
      chat: identity.chat ?? undefined,
      audio_in: this.formats,
      audio_out: speech ? ['pcm16/24000'] : [],
      language,
      captions: true,
      have: history.have,
      resume: this.#turns.resumes,
    };
  }

  /** @param {ArrayBuffer} data */
  #hear(data) {
    const frame = decode(new Uint8Array(data));
    this.#heardMs = this.#parts.clock.now();
    this.#watch();
    if (!frame) return;
    if (frame.name === 'WELCOME') this.#welcome(frame);
    else if (frame.name === 'GOAWAY') this.#leaveWithin(frame.content.seconds);
    else if (this.#turns.note(frame)) this.#parts.emit(frame);
  }

  /** @param {Frame} frame */
  #welcome(frame) {
    const { content } = frame;
    const { identity, history, emit, admit, health } = this.#parts;
    if (admit && !admit()) return this.close();
    health?.held();
    const anew = identity.chat !== null && identity.chat !== content.chat;
    identity.chat = content.chat;
    identity.goOnFrom(content.next_turn);
    this.#welcomed = true;
    emit({ ...frame, content: { ...content, anew } });
    if (this.#wishes) this.set(this.#wishes);
    const { frames, over } = this.#turns.settle(content, history);
    this.#send(...frames);
    const isSoon = this.#parts.clock.now() - this.#lostMs < RESUME_MS;
    for (const one of over) {
      if (isSoon && one.flags === END.UNSAID) emit(/** @type {Frame} */ ({ name: 'LOST', ...one }));
      emit(/** @type {Frame} */ ({ name: 'END', ...one }));
    }
    this.#line.held();
    this.#watch();
  }

  /** Come back at a moment of our own, so that not all pages do at once. @param {number} seconds */
  #leaveWithin(seconds) {
    const random = this.#parts.random ?? Math.random;
    this.#stopLeaving();
    this.#stopLeaving = this.#parts.clock.after(random() * seconds * 1_000, () => this.#lost(1001));
  }

  /** While something is awaited, silence is asked after. */
  #watch() {
    this.#stopWatch();
    if (this.#welcomed && this.#turns.size) {
      this.#stopWatch = this.#parts.clock.after(SILENCE_MS, () => this.#ping());
    }
  }

  #ping() {
    // Whatever comes is an answer to it: its number tells nothing.
    this.#send(encode('PING', { n: 0 }));
    this.#stopWatch();
    this.#stopWatch = this.#parts.clock.after(PONG_MS, () => this.#lost(1006));
  }

  /** @param {Uint8Array[]} frames dropped without a connection: `OpenTurns` knows what to send again */
  #send(...frames) {
    const socket = this.#socket;
    if (!this.#welcomed || socket?.readyState !== OPEN) return;
    for (const frame of frames) socket.send(/** @type {any} */ (frame));
  }

  /** @param {number} code */
  #lost(code) {
    if (this.#welcomed) this.#lostMs = this.#parts.clock.now();
    this.#forget();
    // The secret of the chat is wrong: what there is of it leads nowhere.
    if (code === 4401) this.#parts.identity.chat = null;
    const { next, reason = '', atLeastMs } = verdict(code);
    if (next === 'again') this.#line.lost(atLeastMs);
    else this.#line.stop(next, reason);
    this.#parts.health?.lost(code);
  }

  /** Let go of the socket: whatever it still says is no concern of ours. */
  #forget() {
    this.#stopWatch();
    this.#stopLeaving();
    this.#welcomed = false;
    this.#parts.history.disconnect();
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
