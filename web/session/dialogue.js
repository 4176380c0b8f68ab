/**
 * What is said: asks, and takes in what comes back. It knows no transport's ways.
 *
 * @import {History} from '../chat/history.js'
 * @import {Identity} from '../chat/identity.js'
 * @import {Texts} from '../chat/texts.js'
 * @import {Transport, Unanswered} from '../line/transport.d.ts'
 * @import {Frame, Left, Message, StoredMessage, View} from '../types.d.ts'
 * @import {Playback} from './playback.js'
 */

import { isOver } from '../chat/history.js';
import { CANCEL, END, FINAL, WORDS } from '../wire/frames.js';

export class Dialogue {
  /** @type {Transport | null} */
  #transport = null;
  #history;
  #identity;
  #playback;
  #view;
  #texts;
  #said;
  #erased;
  /** Who else is told of each frame, before it is taken in. @type {((frame: Frame) => void) | null} */
  watcher = null;
  /** Stored messages up to this number are none that were left open. */
  #known = 0;

  /**
   * @param {object} parts
   * @param {History} parts.history
   * @param {Identity} parts.identity
   * @param {Playback} parts.playback
   * @param {View} parts.view
   * @param {Texts} parts.texts
   * @param {(message: Message) => void} parts.said a message is complete
   * @param {() => void} parts.erased the chat was, here or in another tab
   */
  constructor({ history, identity, playback, view, texts, said, erased }) {
    this.#history = history;
    this.#identity = identity;
    this.#playback = playback;
    this.#view = view;
    this.#texts = texts;
    this.#said = said;
    this.#erased = erased;
  }

  /** @param {string} text */
  ask(text) {
    this.#playback.hush(CANCEL.TYPED_OVER);
    const turn = this.#identity.nextTurn();
    this.#said(this.#history.ask(turn, text, false));
    this.#transport?.ask(turn, text);
    this.#identity.keep();
    this.#view.changed();
  }

  /**
   * Have the last question answered anew.
   *
   * @returns {boolean} false: it has no number here, or this mode can only ask it anew
   */
  retry() {
    const [question, answer] = this.#history.messages.slice(-2);
    // Pressed twice.
    if (!isOver(answer)) return true;
    const { n } = question;
    if (!n || !this.#transport?.retry) return false;
    this.#playback.hush(CANCEL.TYPED_OVER);
    const turn = this.#identity.nextTurn();
    this.#history.anew(turn, n);
    this.#transport.retry(turn, n);
    this.#view.changed();
    return true;
  }

  /** What the next page is to go on with, and to speak to its end; a question without words is the server's concern. @returns {Left} */
  get left() {
    const running = this.#history.ownRunning.map(({ turn }) => Number(turn));
    const turns = [...new Set([...this.#playback.turns, ...running])];
    /** @type {[number, string, number][]} */
    const open = turns.map((turn) => [
      turn,
      this.#history.question(turn)?.text ?? '',
      this.#playback.reached(turn),
    ]);
    return [Math.max(this.#known, this.#history.lastBut(turns)), ...open.filter(([, text]) => text)];
  }

  /** Go on with what the page before has left. @param {Left} left */
  restore([known, ...open]) {
    this.#known = known;
    for (const [turn, text, heardMs] of open) {
      // It is this page's own, which came back.
      if (this.#history.question(turn)) continue;
      this.#identity.goOnFrom(turn + 1);
      this.#history.ask(turn, text, false);
      this.#playback.resume(turn, heardMs);
      this.#transport?.ask(turn, text, heardMs);
    }
    this.#view.changed();
  }

  /** A recording is being sent under this turn. @param {number} turn */
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
   * @param {Unanswered[]} [left]
   */
  use(transport, left = []) {
    this.#transport = transport;
    const own = this.#history.ownRunning.map(({ turn }) => ({ turn: Number(turn) }));
    const open = new Map([...own, ...left].map((one) => [one.turn, one]));
    for (const one of open.values()) this.#goOn(transport, one);
  }

  /** @param {Transport} transport @param {Unanswered} one */
  #goOn(transport, { turn, recording, stopped }) {
    const question = this.#history.question(turn);
    if (stopped) {
      transport.cancel(turn, stopped.heardMs, stopped.reason);
      this.#end(turn, END.CUT);
    } else if (!question) {
      // A stored answer that was being spoken again: what came of it sounds to its end.
      this.#end(turn, END.UNSAID);
    } else if (question.text && question.status !== 'waiting') {
      transport.ask(turn, question.text, this.#playback.reached(turn));
    } else if (recording && (transport.mode === 'v1' || transport.formats.includes(recording.format))) {
      const sink = transport.hear(turn, recording.format);
      sink.write(recording.bytes);
      sink.end();
    } else {
      this.#history.end(turn, 'interrupted');
    }
  }

  /** The turn ends, though the server does not say so. @param {number} turn @param {number} flags */
  #end(turn, flags) {
    this.take(/** @type {Frame} */ ({ name: 'END', turn, flags }));
  }

  /**
   * What was asked over HTTP has no numbers yet. A question is known by its words and its answer by
   * the question: where it was stopped here, the server may have gone on for a while.
   *
   * @param {StoredMessage[]} stored
   */
  recognize(stored) {
    const { messages } = this.#history;
    // What stands above a note was said in a chat that is forgotten.
    const asked = messages.slice(messages.findLastIndex(({ role }) => role === 'note') + 1);
    const known = this.#known;
    this.#known = 0;
    for (const { n, role, text } of stored) {
      if (role !== 'user' || n <= known || this.#history.at(n)) continue;
      const own = asked.find((one) => one.role === 'user' && one.n === null && one.turn && one.text === text);
      if (own) this.#history.accept(Number(own.turn), n);
    }
  }

  /** Take in what comes back. @param {Frame} frame */
  take(frame) {
    this.watcher?.(frame);
    this.#takes[frame.name]?.(frame, this.#history.answer(frame.turn));
    this.#view.changed();
  }

  /**
   * What each frame does, by its name.
   *
   * @type {Record<string, (frame: Frame, answer: Message | undefined) => void>}
   */
  #takes = {
    ACCEPTED: ({ turn, n }) => this.#history.accept(turn, n),

    STATE: ({ flags }, answer) => {
      if (answer) answer.phase = flags;
      // It is here by the first word, then.
      if (this.#playback.speaks) this.#view.withVoice(() => {});
    },

    TRANSCRIPT: ({ turn, pos, text, flags }) => {
      const question = this.#history.question(turn);
      if (!question) return this.#view.withVoice((aloud) => aloud.captioned(text, pos));
      question.text = text;
      if (!(flags & FINAL)) return;
      question.status = 'complete';
      this.#said(question);
    },

    USER: ({ turn, n, text }) => this.#history.overhear(turn, n, text),

    TEXT: ({ turn, pos, text }) => this.#history.write(turn, pos, text),

    MARK: ({ turn, flags, spans }) => {
      if (flags & WORDS) this.#view.withVoice((aloud) => aloud.words(turn, spans));
      else this.#playback.mark(turn, spans);
    },

    AUDIO: ({ turn, pos, data }) => this.#playback.add(turn, pos, data),

    CLIP: ({ data }, answer) => {
      if (answer) void this.#playback.playClip(answer, data);
    },

    SENTENCE: ({ pos, data }, answer) => {
      if (answer) this.#playback.addSentence(answer, pos, data);
    },

    EVENT: ({ turn, content }, answer) => {
      if (content.type === 'erased') return this.#erased();
      if (content.type === 'retry') return this.#history.anew(turn, content.n);
      // `sources` and `suggestions` bring what they are named after; others bring nothing of the kind.
      Object.assign(answer ?? {}, { [content.type]: content[content.type] });
    },

    CUT: ({ pos }, answer) => {
      // Of what a crash of the server broke off, history had the rest.
      if (answer && answer.status !== 'interrupted') Object.assign(answer, { heard: pos, status: 'cut', written: null });
    },

    FAULT: ({ turn, content: { code, message } }, answer) => {
      const words = this.#texts.faults[code] ?? message;
      this.#view.fault(code, words);
      if (answer) answer.fault = words;
      else this.#view.notice(words);
      if (code === 'nothing_heard') Object.assign(this.#history.question(turn) ?? {}, { status: 'unheard' });
    },

    LOST: ({ turn }, answer) => {
      if (answer) this.#playback.goOn(turn, answer);
    },

    END: ({ turn, flags }, answer) => {
      this.#playback.complete(turn);
      if (!answer) return;
      this.#history.end(turn, statusOf(flags));
      if (answer.status === 'complete' && answer.fault) answer.fault = this.#texts.speechFailed;
      if (answer.status === 'failed') answer.fault ??= this.#texts.answerFailed;
      this.#playback.whenWritten(answer, () => this.#said(answer));
    },
  };
}

/** @param {number} flags @returns {Message['status']} */
function statusOf(flags) {
  if (flags & END.FAILED) return 'failed';
  return flags & END.CUT ? 'cut' : 'complete';
}
