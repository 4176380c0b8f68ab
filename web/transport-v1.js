/**
 * Mode v1: one HTTP request for each question. What it hears it tells in the frames of mode v2,
 * and one of its own, CLIP: the whole speech of an answer as MP3.
 *
 * @import {Api, Reply} from './api.js'
 * @import {Clock} from './clock.js'
 * @import {Config, Frame, Sink, Status} from './types.d.ts'
 * @import {Identity} from './identity.js'
 */

import { Refusal } from './api.js';
import { fromBase64, toBase64 } from './base64.js';
import { joined } from './bytes.js';
import { END, FINAL, LAST, PHASE } from './frames.js';
import { Line } from './line.js';
import { byteLength } from './utf8.js';

const KEY_IN_USE_MS = 1_000;

/**
 * @typedef {object} Surroundings
 * @property {Api} api
 * @property {Config} config as it was when the page asked first
 * @property {(frame: Frame) => void} emit
 * @property {(status: Status) => void} status
 * @property {Identity} identity
 * @property {boolean} speech whether spoken answers are wanted
 * @property {string} [language]
 * @property {Clock} clock
 * @property {() => number} [random]
 */

export class TransportV1 {
  /** @type {'v1'} */
  mode = 'v1';
  formats = ['webm/opus', 'mp4/aac', 'ogg/opus'];
  speak = null;
  #around;
  #line;
  #muted = false;
  /** @type {Map<number, { body: object, request: AbortController | null }>} Not answered yet. */
  #asked = new Map();
  /** @type {Promise<void> | null} */
  #minting = null;
  /** @type {Config | null} Null: to be asked for. */
  #config;
  #caughtUp = false;

  /** @param {Surroundings} surroundings */
  constructor(surroundings) {
    this.#around = surroundings;
    this.#config = surroundings.config;
    const { status, clock, random } = surroundings;
    this.#line = new Line({ attempt: () => void this.#probe(), status, clock, random });
  }

  open() {
    this.#line.begin();
  }

  /** What has no answer is kept: a page that comes back asks it again. */
  close() {
    this.#line.close();
    for (const asked of this.#asked.values()) {
      asked.request?.abort();
      asked.request = null;
    }
  }

  /** @param {'online' | 'seen' | 'typing' | 'button'} why */
  kick(why) {
    if (why === 'typing') this.#line.nudge();
    else this.#line.kick();
  }

  /** @param {number} turn @param {string} text */
  ask(turn, text) {
    this.#add(turn, { message: text }, PHASE.THINKING);
  }

  /** @param {number} turn @param {string} format @returns {Sink} */
  hear(turn, format) {
    /** @type {Uint8Array[]} */
    let chunks = [];
    return {
      write: (bytes) => void chunks.push(bytes),
      end: () => {
        const audio = toBase64(joined(...chunks));
        this.#add(turn, { audio, mime: `audio/${format.split('/')[0]}` }, PHASE.TRANSCRIBING);
      },
      discard: () => {
        chunks = [];
        this.#emit('END', turn, { flags: END.CUT, audioMs: 0 });
      },
    };
  }

  /** @param {number} turn */
  cancel(turn) {
    const asked = this.#asked.get(turn);
    if (!asked) return;
    this.#asked.delete(turn);
    asked.request?.abort();
    this.#emit('END', turn, { flags: END.CUT, audioMs: 0 });
  }

  played() {
    // Nobody waits for it: the server has sent everything.
  }

  /** @param {boolean} muted a muted page asks for no speech: its answers come the sooner */
  mute(muted) {
    this.#muted = muted;
  }

  /** @param {number} turn @param {object} question @param {number} phase */
  #add(turn, question, phase) {
    const { language, speech } = this.#around;
    const body = { ...question, language, speech: speech && !this.#muted };
    this.#asked.set(turn, { body, request: null });
    this.#emit('STATE', turn, { flags: phase });
    // Without a line it goes out when there is one.
    this.#line.kick();
    void this.#post(turn);
  }

  /** See whether the server is there, what it knows of the chat, and ask again what has no answer. */
  async #probe() {
    try {
      const welcome = await this.#catchUp();
      if (this.#line.closed) return;
      this.#caughtUp = true;
      this.#emit('WELCOME', 0, { content: welcome });
    } catch (error) {
      return this.#line.lost(error instanceof Refusal ? error.retryAfterSeconds * 1_000 : 0);
    }
    this.#line.held();
    for (const turn of this.#asked.keys()) void this.#post(turn);
  }

  /** What WELCOME says in mode v2: what the server offers, and what it knows of the chat. */
  async #catchUp() {
    const { api, identity } = this.#around;
    const config = this.#config ?? (await api.config());
    this.#config = null;
    let history = { messages: [], more: false };
    let anew = false;
    if (identity.chat && !this.#caughtUp) {
      try {
        const { next_turn } = await api.chats(identity.chat, identity.tab);
        identity.goOnFrom(next_turn);
        history = /** @type {any} */ (await api.messages(identity.chat));
      } catch (error) {
        if (!(error instanceof Refusal && error.code === 'chat_gone')) throw error;
        identity.chat = null;
        anew = true;
      }
    }
    return { ...config, history, running: [], anew };
  }

  /** @param {number} turn */
  async #post(turn) {
    const { api, identity, clock } = this.#around;
    const asked = this.#asked.get(turn);
    if (!asked || asked.request || !this.#line.connected) return;
    const request = (asked.request = new AbortController());
    /** @type {string | null} */
    let chat = null;
    try {
      if (!identity.chat) await (this.#minting ??= this.#mint());
      chat = identity.chat;
      const body = { id: chat, ...asked.body };
      const reply = await api.message(body, `${identity.tab}:${turn}`, request.signal);
      if (this.#asked.delete(turn)) this.#tell(turn, reply);
    } catch (error) {
      // Cancelled, or asked again on another line since.
      if (this.#asked.get(turn) !== asked || asked.request !== request) return;
      asked.request = null;
      if (!(error instanceof Refusal)) {
        if (this.#line.connected) this.#line.lost();
        return;
      }
      if (error.code === 'key_in_use') return void clock.after(KEY_IN_USE_MS, () => void this.#post(turn));
      if (error.code === 'chat_gone' && chat) return this.#startAnew(turn, chat);
      this.#fail(turn, error);
    }
  }

  /** Get a chat, once, however many questions wait for it. */
  async #mint() {
    const { api, identity } = this.#around;
    try {
      const { chat, next_turn } = await api.chats(null, identity.tab);
      identity.chat = chat;
      identity.goOnFrom(next_turn);
    } finally {
      this.#minting = null;
    }
  }

  /**
   * The server forgot the chat: the question goes into a new one, which another question may have
   * begun already.
   *
   * @param {number} turn @param {string} forgotten
   */
  #startAnew(turn, forgotten) {
    const { identity } = this.#around;
    if (identity.chat === forgotten) {
      identity.chat = null;
      const history = { messages: [], more: false };
      this.#emit('WELCOME', 0, { content: { history, running: [], anew: true } });
    }
    void this.#post(turn);
  }

  /** @param {number} turn @param {Reply} reply */
  #tell(turn, { answer, audio, audio_error, transcript, sources }) {
    if (transcript !== undefined) this.#emit('TRANSCRIPT', turn, { text: transcript, flags: FINAL });
    if (sources) this.#emit('EVENT', turn, { content: { type: 'sources', sources } });
    if (audio) this.#emit('CLIP', turn, { data: fromBase64(audio) });
    if (audio_error) this.#emit('FAULT', turn, { content: audio_error });
    this.#emit('TEXT', turn, { text: answer, flags: LAST });
    const flags = audio_error ? END.COMPLETE | END.UNSAID : END.COMPLETE;
    this.#emit('END', turn, { flags, pos: byteLength(answer), audioMs: 0 });
  }

  /** @param {number} turn @param {Refusal} error */
  #fail(turn, { code, message, retryAfterSeconds }) {
    this.#asked.delete(turn);
    this.#emit('FAULT', turn, { content: { code, message, retry_after: retryAfterSeconds, fatal: false } });
    this.#emit('END', turn, { flags: END.FAILED, audioMs: 0 });
  }

  /** @param {string} name @param {number} turn @param {Partial<Frame>} fields */
  #emit(name, turn, fields) {
    this.#around.emit(/** @type {Frame} */ ({ name, turn, flags: 0, pos: 0, ...fields }));
  }
}
