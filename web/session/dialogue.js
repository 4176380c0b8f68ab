/**
 * What is said: asks, and takes in what comes back. It knows no transport's ways.
 *
 * @import {History} from '../chat/history.js'
 * @import {Identity} from '../chat/identity.js'
 * @import {Texts} from '../chat/texts.js'
 * @import {Transport} from '../line/transport.d.ts'
 * @import {Frame, Message, View} from '../types.d.ts'
 * @import {Playback} from './playback.js'
 */

import { CANCEL, END, FINAL, LAST } from '../wire/frames.js';

export class Dialogue {
  /** @type {Transport | null} */
  #transport = null;
  #history;
  #identity;
  #playback;
  #view;
  #texts;
  #said;

  /**
   * @param {object} parts
   * @param {History} parts.history
   * @param {Identity} parts.identity
   * @param {Playback} parts.playback
   * @param {View} parts.view
   * @param {Texts} parts.texts
   * @param {(message: Message) => void} parts.said a message is complete
   */
  constructor({ history, identity, playback, view, texts, said }) {
    this.#history = history;
    this.#identity = identity;
    this.#playback = playback;
    this.#view = view;
    this.#texts = texts;
    this.#said = said;
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
   */
  use(transport) {
    this.#transport = transport;
    this.#history.disconnect();
    for (const answer of this.#history.running) {
      const turn = Number(answer.turn);
      const question = this.#history.question(turn);
      if (!question?.text) {
        this.#history.end(turn, 'interrupted');
      } else {
        transport.ask(turn, question.text);
        // Mode v2 would send the sound that was made for v1, which is no PCM.
        if (transport.mode === 'v2') this.#playback.silence(turn);
      }
    }
  }

  /** Take in what comes back. @param {Frame} frame */
  take(frame) {
    this.#takes[frame.name]?.(frame);
    this.#view.changed();
  }

  /** @type {Record<string, (frame: Frame) => void>} What each frame does, by its name. */
  #takes = {
    ACCEPTED: ({ turn, n }) => this.#history.accept(turn, n),

    STATE: ({ turn, flags }) => {
      const answer = this.#history.answer(turn);
      if (answer) answer.phase = flags;
    },

    TRANSCRIPT: ({ turn, text, flags }) => {
      const question = this.#history.question(turn);
      if (!question) return;
      question.text = text;
      if (!(flags & FINAL)) return;
      question.status = 'complete';
      this.#said(question);
    },

    USER: ({ turn, n, text }) => this.#history.overhear(turn, n, text),

    TEXT: ({ turn, pos, text, flags }) => {
      if (this.#history.write(turn, pos, text)) this.#view.announce(text);
      if (flags & LAST) this.#view.announce('\n');
    },

    AUDIO: ({ turn, pos, data }) => this.#playback.add(turn, pos, data),

    CLIP: ({ turn, data }) => {
      const answer = this.#history.answer(turn);
      if (answer) void this.#playback.playClip(answer, data);
    },

    EVENT: ({ turn, content }) => {
      const answer = this.#history.answer(turn);
      if (content.type === 'sources' && answer) answer.sources = content.sources;
    },

    CUT: ({ turn, pos }) => {
      const answer = this.#history.answer(turn);
      if (answer) Object.assign(answer, { heard: pos, status: 'cut', written: null });
    },

    FAULT: ({ turn, content: { code, message } }) => {
      const words = this.#texts.faults[code] ?? message;
      const answer = this.#history.answer(turn);
      if (answer) answer.fault = words;
      else this.#view.notice(words);
      if (code === 'nothing_heard') Object.assign(this.#history.question(turn) ?? {}, { status: 'unheard' });
    },

    END: ({ turn, flags }) => {
      this.#playback.complete(turn);
      const answer = this.#history.answer(turn);
      if (!answer) return;
      this.#history.end(turn, statusOf(flags));
      // What was cut has no last piece that would end its sentence.
      this.#view.announce('\n');
      if (answer.status === 'complete' && answer.fault) answer.fault = this.#texts.speechFailed;
      if (answer.status === 'failed') {
        answer.fault ??= this.#texts.answerFailed;
        this.#view.announce(`${answer.fault}\n`);
      }
      this.#playback.whenWritten(answer, () => this.#said(answer));
    },
  };
}

/** @param {number} flags @returns {Message['status']} */
function statusOf(flags) {
  if (flags & END.FAILED) return 'failed';
  return flags & END.CUT ? 'cut' : 'complete';
}
