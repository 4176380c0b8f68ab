/**
 * What is said: asks, takes in what comes back, and lets it sound. It knows no transport's ways.
 *
 * @import {Clock} from './clock.js'
 * @import {Frame, Message, Transport, View} from './types.d.ts'
 * @import {Identity} from './identity.js'
 * @import {History} from './history.js'
 * @import {Player} from './player.js'
 * @import {Texts} from './texts.js'
 */

import { CANCEL, END, FINAL, LAST } from './frames.js';
import { written } from './writing.js';

const WRITE_EVERY_MS = 40;

export class Dialogue {
  /** Whether mode v1 writes answers out in step with their speech. */
  writes = true;
  /** Whether the server speaks at all. */
  speaks = true;
  /** @type {Transport | null} */
  #transport = null;
  #history;
  #identity;
  #player;
  #view;
  #texts;
  #clock;
  #said;
  /** @type {Map<number, Message>} Answers that are spoken again, by the turn of it. */
  #again = new Map();
  /** @type {Set<number>} Turns whose sound was made for another mode than the one that runs now. */
  #silent = new Set();

  /**
   * @param {object} parts
   * @param {History} parts.history
   * @param {Identity} parts.identity
   * @param {Player} parts.player
   * @param {View} parts.view
   * @param {Texts} parts.texts
   * @param {Clock} parts.clock
   * @param {(message: Message) => void} parts.said a message is complete
   */
  constructor({ history, identity, player, view, texts, clock, said }) {
    this.#history = history;
    this.#identity = identity;
    this.#player = player;
    this.#view = view;
    this.#texts = texts;
    this.#clock = clock;
    this.#said = said;
  }

  // ── Asking ──────────────────────────────────────────────────────────────────────────────────

  /** @param {string} text */
  ask(text) {
    this.hush(CANCEL.TYPED_OVER);
    const turn = this.#identity.nextTurn();
    this.#said(this.#history.ask(turn, text, false));
    this.#transport?.ask(turn, text);
    this.#identity.keep();
    this.#view.changed();
  }

  /** A recording was sent under this turn. @param {number} turn */
  asked(turn) {
    this.#history.ask(turn, '', true);
    this.#identity.keep();
    this.#view.changed();
  }

  /**
   * Go on through another transport. What the old one left unanswered is asked again: the same turn
   * is never billed twice.
   *
   * @param {Transport} transport
   */
  use(transport) {
    this.#transport = transport;
    this.#history.disconnect();
    for (const answer of this.#history.running) {
      const turn = Number(answer.turn);
      const question = this.#history.question(turn);
      if (!question?.text) this.#history.end(turn, 'interrupted');
      else {
        transport.ask(turn, question.text);
        this.#silent.add(turn);
      }
    }
  }

  // ── Listening and silence ───────────────────────────────────────────────────────────────────

  /** The answer that sounds now. @returns {Message | null} */
  get sounding() {
    const turn = this.#player.sounding;
    if (turn === null) return null;
    return this.#again.get(turn) ?? this.#history.answer(turn) ?? null;
  }

  /** Whether there is anything that `stop` would stop. */
  get stoppable() {
    return this.#player.sounding !== null || this.#ownRunning !== undefined;
  }

  /** Stop what sounds, or else the answer that is under way. */
  stop() {
    const turn = this.#player.sounding ?? this.#ownRunning?.turn;
    if (turn) this.#cancel(turn, CANCEL.BUTTON);
  }

  /** Be silent at once; silence first, then tell. @param {number} reason */
  hush(reason) {
    while (this.#player.sounding !== null) this.#cancel(this.#player.sounding, reason);
  }

  /** Let an answer sound again. @param {Message} message */
  async replay(message) {
    this.hush(CANCEL.BUTTON);
    for (const turn of [...this.#again.keys()]) this.#cancel(turn, CANCEL.BUTTON);
    if (message.clip) {
      const turn = this.#identity.nextTurn();
      this.#again.set(turn, message);
      await this.#player.addClip(turn, message.clip);
    } else if (message.n && this.#transport?.speak) {
      const turn = this.#identity.nextTurn();
      this.#again.set(turn, message);
      this.#transport.speak(turn, message.n);
    }
  }

  /** @param {Message} message */
  canReplay(message) {
    if (!this.speaks || message.role !== 'assistant' || !message.text) return false;
    return message.clip !== null || (message.n !== null && !!this.#transport?.speak);
  }

  get #ownRunning() {
    return this.#history.running.findLast(({ turn }) => turn !== null && turn < 0x8000);
  }

  /** @param {number} turn @param {number} reason */
  #cancel(turn, reason) {
    const heardMs = this.#player.stop(turn);
    this.#transport?.cancel(turn, heardMs, reason);
    const answer = this.#history.answer(turn);
    if (answer) answer.written = null;
    this.#again.delete(turn);
    this.#view.changed();
  }

  // ── What comes back, by the name of its frame ───────────────────────────────────────────────

  /** @param {Frame} frame */
  take(frame) {
    const take = /** @type {Record<string, (frame: Frame) => void>} */ (this.#takes)[frame.name];
    take?.call(this, frame);
    this.#view.changed();
  }

  #takes = {
    ACCEPTED: (/** @type {Frame} */ { turn, n }) => this.#history.accept(turn, n),

    STATE: (/** @type {Frame} */ { turn, flags }) => {
      const answer = this.#history.answer(turn);
      if (answer) answer.phase = flags;
    },

    TRANSCRIPT: (/** @type {Frame} */ { turn, text, flags }) => {
      const question = this.#history.question(turn);
      if (!question) return;
      question.text = text;
      if (!(flags & FINAL)) return;
      question.status = 'complete';
      this.#said(question);
    },

    USER: (/** @type {Frame} */ { turn, n, text }) => this.#history.overhear(turn, n, text),

    TEXT: (/** @type {Frame} */ { turn, pos, text, flags }) => {
      if (this.#history.write(turn, pos, text)) this.#view.announce(text);
      if (flags & LAST) this.#view.announce('\n');
    },

    AUDIO: (/** @type {Frame} */ { turn, pos, data }) => {
      if (!this.#silent.has(turn)) this.#player.add(turn, pos, data);
    },

    CLIP: (/** @type {Frame} */ { turn, data }) => {
      const answer = this.#history.answer(turn);
      if (!answer) return;
      answer.clip = data;
      if (this.writes) answer.written = 0;
      void this.#player.addClip(turn, data).then((ms) => this.#write(answer, turn, ms));
    },

    EVENT: (/** @type {Frame} */ { turn, content }) => {
      const answer = this.#history.answer(turn);
      if (content.type === 'sources' && answer) answer.sources = content.sources;
    },

    CUT: (/** @type {Frame} */ { turn, pos }) => {
      const answer = this.#history.answer(turn);
      if (answer) Object.assign(answer, { heard: pos, status: 'cut', written: null });
    },

    FAULT: (/** @type {Frame} */ { turn, content: { code, message } }) => {
      const words = this.#texts.faults[code] ?? message;
      const answer = this.#history.answer(turn);
      if (answer) answer.fault = words;
      else this.#view.notice(words);
      if (code === 'nothing_heard') Object.assign(this.#history.question(turn) ?? {}, { status: 'unheard' });
    },

    END: (/** @type {Frame} */ frame) => this.#end(frame),
  };

  /** @param {Frame} frame */
  #end({ turn, flags }) {
    this.#player.complete(turn);
    const answer = this.#history.answer(turn);
    if (!answer || this.#again.has(turn)) return;
    this.#history.end(turn, statusOf(flags));
    if (answer.status === 'complete' && answer.fault) answer.fault = this.#texts.speechFailed;
    if (answer.status === 'failed') {
      answer.fault ??= this.#texts.answerFailed;
      this.#view.announce(`${answer.fault}\n`);
    }
    this.#said(answer);
  }

  /**
   * Write the answer out while it is spoken; what does not sound stands there at once.
   *
   * @param {Message} answer @param {number} turn @param {number} ms
   */
  #write(answer, turn, ms) {
    if (!this.#player.has(turn) || this.#player.isBlocked || answer.written === null) {
      answer.written = null;
    } else {
      const headMs = this.#player.sounding === turn ? (this.#player.playheadMs ?? 0) : 0;
      answer.written = written(answer.text, headMs / ms);
      this.#clock.after(WRITE_EVERY_MS, () => this.#write(answer, turn, ms));
    }
    this.#view.changed();
  }
}

/** @param {number} flags @returns {Message['status']} */
function statusOf(flags) {
  if (flags & END.FAILED) return 'failed';
  return flags & END.CUT ? 'cut' : 'complete';
}
