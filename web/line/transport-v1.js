/**
 * Mode v1: one HTTP request for each question. What it hears it tells in the frames of mode v2.
 *
 * @import {Config, Frame, Sink} from '../types.d.ts'
 * @import {Api} from './api.js'
 * @import {Stopped, TransportParts, Unanswered, Why, Wishes} from './transport.d.ts'
 */

import { joined } from '../wire/bytes.js';
import { END, PHASE } from '../wire/frames.js';
import { TRIES, waitMs } from './backoff.js';
import { heard } from './event-stream.js';
import { HttpChat } from './http-chat.js';
import { bodyOf } from './http-recording.js';
import { isGone, isRefusal, isShutOut, Refusal } from './refusal.js';
import { Telling } from './telling.js';

const KEY_IN_USE_MS = 1_000;

/**
 * @typedef {object} Asked
 * @property {object} body
 * @property {Unanswered['recording']} recording
 * @property {AbortController | null} request under way
 * @property {number} unreached how often there was no server that would answer
 */

export class TransportV1 {
  /** @type {'v1'} */
  mode = 'v1';
  formats = ['webm/opus', 'mp4/aac', 'ogg/opus'];
  speak = null;
  retry = null;
  /** Whether answers come piece by piece; else whole, and are written out in step with their speech. */
  streams;
  /** @type {Stopped[]} */
  stopped = [];
  #parts;
  #line;
  #muted = false;
  /** @type {Map<number, Asked>} Not answered yet. */
  #asked = new Map();
  #chat;
  /** Whether what waited for the line is being asked, each as soon as the one before is answered. */
  #isCatchingUp = false;

  /**
   * @param {TransportParts & { api: Api, config: Config, streams?: boolean }} parts `config` as the page
   *   has just got it
   */
  constructor(parts) {
    this.#parts = parts;
    this.streams = parts.streams ?? false;
    this.#chat = new HttpChat(parts);
    this.#line = parts.line(() => void this.#probe());
  }

  open() {
    this.#line.begin();
  }

  /** What has no answer is kept: a page that comes back asks it again. */
  close() {
    this.#line.close();
    // Another page may have gone on with the chat, should this one come back.
    this.#chat.caughtUp = false;
    for (const asked of this.#asked.values()) {
      asked.request?.abort();
      asked.request = null;
    }
  }

  /** @param {Why} why */
  kick(why) {
    this.#line.kick(why);
  }

  /** @param {number} turn @param {string} text */
  ask(turn, text) {
    this.#add(turn, { message: text }, null, PHASE.THINKING);
  }

  /** @param {number} turn @param {string} format @returns {Sink} */
  hear(turn, format) {
    /** @type {Uint8Array[]} */
    let chunks = [];
    return {
      write: (bytes) => void chunks.push(bytes),
      end: () => {
        const recording = { format, bytes: joined(...chunks) };
        this.#add(turn, bodyOf(recording), recording, PHASE.TRANSCRIBING);
      },
      discard: () => {
        chunks = [];
        this.#emit('END', turn, { flags: END.CUT });
      },
    };
  }

  /** @param {number} turn @param {number} heardMs @param {number} reason */
  cancel(turn, heardMs, reason) {
    this.stopped.push({ turn, heardMs, reason });
    // To leave a request stops no answer.
    const { api, identity } = this.#parts;
    const event = { type: 'cancel', tab: identity.tab, turn, pos: Math.round(heardMs), reason };
    if (identity.chat) api.tell(identity.chat, event).catch(() => {});
    const asked = this.#asked.get(turn);
    if (!asked) return;
    this.#asked.delete(turn);
    asked.request?.abort();
    this.#emit('END', turn, { flags: END.CUT });
  }

  played() {
    // Nobody waits for it: the server has sent everything.
  }

  /** A muted page asks for no speech: its answers come the sooner. @param {Wishes} wishes */
  set({ mute = this.#muted }) {
    this.#muted = mute;
  }

  /** @returns {Unanswered[]} */
  get unanswered() {
    return [...this.#asked].map(([turn, { recording }]) => ({ turn, recording }));
  }

  /**
   * @param {number} turn
   * @param {object} question
   * @param {Unanswered['recording']} recording
   * @param {number} phase
   */
  #add(turn, question, recording, phase) {
    const { language, speech } = this.#parts;
    const body = { ...question, language, speech: speech && !this.#muted };
    this.stopped = this.stopped.filter((one) => one.turn > turn);
    this.#asked.set(turn, { body, recording, request: null, unreached: 0 });
    this.#emit('STATE', turn, { flags: phase });
    // Without a line it goes out when there is one.
    this.#line.kick();
    // Those that waited for the line go out before it.
    if (!this.#isCatchingUp) void this.#post(turn);
  }

  /** See whether the server is there, what it knows of the chat, and ask again what has no answer. */
  async #probe() {
    try {
      const welcome = await this.#chat.catchUp();
      if (this.#line.closed) return;
      this.#chat.caughtUp = true;
      this.#emit('WELCOME', 0, { content: welcome });
    } catch (error) {
      if (isShutOut(error)) return this.#shutOut(error);
      return this.#line.lost(askedToWaitMs(error));
    }
    this.#line.held();
    // One after the other: a later question that came first would say that nobody waits for the others.
    this.#isCatchingUp = true;
    for (const turn of this.#asked.keys()) await this.#post(turn);
    this.#isCatchingUp = false;
  }

  /** @param {number} turn */
  async #post(turn) {
    const { clock } = this.#parts;
    const asked = this.#asked.get(turn);
    if (!asked || asked.request || !this.#line.connected) return;
    const request = (asked.request = new AbortController());
    /** @type {string | null} */
    let chat = null;
    try {
      chat = await this.#chat.id();
      await this.#fetch(turn, asked, /** @type {string} */ (chat), request);
    } catch (error) {
      // Cancelled, or asked again on another line since.
      if (this.#asked.get(turn) !== asked || asked.request !== request) return;
      asked.request = null;
      if (isShutOut(error)) return this.#shutOut(error);
      if (!isRefusal(error)) return this.#lost();
      if (isAway(error)) return this.#tryAgain(turn, asked, error);
      if (error.code === 'key_in_use') return void clock.after(KEY_IN_USE_MS, () => void this.#post(turn));
      if (error.code === 'chat_erased') return this.#emit('EVENT', 0, { content: { type: 'erased' } });
      if (isGone(error) && chat) return this.#startAnew(turn, chat);
      this.#fail(turn, error);
    }
  }

  /** @param {number} turn @param {Asked} asked @param {string} chat @param {AbortController} request */
  async #fetch(turn, asked, chat, request) {
    const { api, identity } = this.#parts;
    const key = `${identity.tab}:${turn}`;
    const body = { id: chat, ...asked.body };
    const isWanted = () => this.#asked.get(turn) === asked && asked.request === request;
    const telling = new Telling((name, fields) => this.#emit(name, turn, fields));
    let reply = this.streams
      ? await api.stream(body, key, request.signal)
      : await api.message(body, key, request.signal);
    if (reply instanceof ReadableStream)
      reply = await heard(reply, (...event) => isWanted() && telling.event(...event));
    if (!isWanted()) return;
    this.#asked.delete(turn);
    telling.close(reply);
  }

  /**
   * Ask once more when the server is there again. It may be there for all but this question: its
   * tries are counted for themselves.
   *
   * @param {number} turn @param {Asked} asked @param {Refusal} error
   */
  #tryAgain(turn, asked, error) {
    asked.unreached += 1;
    if (asked.unreached > TRIES) {
      return this.#fail(turn, error.code === 'unreached' ? new Refusal('provider_failed') : error);
    }
    this.#lost(Math.max(waitMs(asked.unreached, this.#parts.random), askedToWaitMs(error)));
  }

  /** One loss is told once, however many questions find it. @param {number} [wait] */
  #lost(wait) {
    if (this.#line.connected) this.#line.lost(wait);
  }

  /**
   * The server forgot the chat: the question goes into a new one, which another question may have
   * begun already.
   *
   * @param {number} turn @param {string} forgotten
   */
  #startAnew(turn, forgotten) {
    if (this.#chat.forget(forgotten)) {
      const history = { messages: [], more: false };
      this.#emit('WELCOME', 0, { content: { history, running: [], anew: true } });
    }
    void this.#post(turn);
  }

  /** The server lets no page of this origin in: no question is answered any more. @param {Refusal} error */
  #shutOut(error) {
    if (this.#line.closed) return;
    for (const turn of this.#asked.keys()) this.#fail(turn, error);
    this.#line.shutOut(error);
  }

  /** @param {number} turn @param {Refusal} error */
  #fail(turn, { code, message }) {
    this.#asked.delete(turn);
    this.#emit('FAULT', turn, { content: { code, message } });
    this.#emit('END', turn, { flags: END.FAILED });
  }

  /** @param {string} name @param {number} turn @param {Partial<Frame>} fields */
  #emit(name, turn, fields) {
    this.#parts.emit(/** @type {Frame} */ ({ name, turn, flags: 0, pos: 0, ...fields }));
  }
}

/**
 * Whether the server is not there, or just about to go: the next one answers.
 *
 * @param {Refusal} error
 */
function isAway({ code, retryAfterSeconds }) {
  return code === 'unreached' || (code === 'unavailable' && retryAfterSeconds > 0);
}

/** How long the server, or what answered in its place, asked to stay away. @param {unknown} error */
function askedToWaitMs(error) {
  return isRefusal(error) ? error.retryAfterSeconds * 1_000 : 0;
}
