/**
 * The turns of this page that have no END yet: what they asked, how much of the answer came, and
 * what to send again after a lost connection.
 *
 * @import {History} from '../chat/history.js'
 * @import {Frame} from '../types.d.ts'
 * @import {Stopped} from './transport.d.ts'
 */

import { encode, END } from '../wire/frames.js';
import { SPEECH_BYTES_PER_MS } from '../wire/speech.js';
import { byteLength } from '../wire/utf8.js';
import { OutgoingRecording } from './outgoing-recording.js';

/**
 * @typedef {object} OpenTurn
 * @property {string} [text]
 * @property {OutgoingRecording} [recording]
 * @property {number} [retried] number of the question that is answered anew
 * @property {Stopped} [stopped] how it was cancelled
 * @property {boolean} [isOver] the page knows that it has ended, only the server may not
 * @property {number} textBytes received so far
 * @property {number} audioMs received so far
 */

/** @typedef {{ turn: number, bytes?: number }} Known a turn that the server has, as WELCOME says */

export class OpenTurns {
  /** @type {Map<number, OpenTurn>} */
  #turns = new Map();

  get size() {
    return this.#turns.size;
  }

  /**
   * @param {number} turn
   * @param {{ text?: string, recording?: OutgoingRecording, retried?: number }} asked
   * @param {number} [audioMs] that a page before this one has played; negative: none is to be
   */
  add(turn, asked, audioMs = 0) {
    this.#turns.set(turn, { ...asked, textBytes: 0, audioMs: Math.max(audioMs, 0) });
  }

  /**
   * An answer that was stopped over HTTP, which tells the server nothing: it may still be running.
   *
   * @param {Stopped} stopped
   */
  addStopped(stopped) {
    this.#turns.set(stopped.turn, { stopped, isOver: true, textBytes: 0, audioMs: 0 });
  }

  /** @param {Stopped} stopped */
  cancel(stopped) {
    const open = this.#turns.get(stopped.turn);
    if (open) open.stopped = stopped;
  }

  /**
   * Keep account of what came.
   *
   * @param {Frame} frame
   * @returns {boolean} false: what a cancelled turn still had under way
   */
  note({ name, turn, pos, text, data }) {
    const open = this.#turns.get(turn);
    if (!open) return true;
    if (open.stopped && ['TEXT', 'MARK', 'AUDIO'].includes(name)) return false;
    if (name === 'TEXT') open.textBytes = Math.max(open.textBytes, pos + byteLength(text));
    if (name === 'AUDIO') open.audioMs = Math.max(open.audioMs, pos + data.length / SPEECH_BYTES_PER_MS);
    if (name === 'END') this.#turns.delete(turn);
    return !open.isOver || name === 'CUT';
  }

  /** What another transport is to go on with; a recording's format is its index in HELLO's `audio_in`. */
  get unanswered() {
    const open = [...this.#turns].filter(([, { isOver }]) => !isOver);
    return open.map(([turn, { recording, stopped }]) => ({
      turn,
      recording: recording?.whole ?? null,
      stopped: stopped ?? null,
    }));
  }

  /** HELLO's `resume`. */
  get resumes() {
    return [...this.#turns].map(([turn, { textBytes, audioMs }]) => ({
      turn,
      text: textBytes,
      audio: audioMs,
    }));
  }

  /**
   * Sort the open turns by what the server still has of them.
   *
   * @param {{ running: Known[], recordings: Known[], history: { messages: { n: number }[] } }} welcome
   * @param {History} history
   * @returns {{ frames: Uint8Array[], over: { turn: number, flags: number }[] }}
   *   what to send again, and an END for turns whose own was lost or will never come
   */
  settle(welcome, history) {
    const frames = [];
    const over = [];
    for (const [turn, open] of [...this.#turns]) {
      const answer = history.answer(turn);
      if (welcome.running.some((known) => known.turn === turn)) {
        if (open.stopped) frames.push(cancelFrame(open.stopped));
      } else if (open.retried && !open.stopped) {
        // What is stored may be the answer before it; where it is the new one, it is told once more.
        frames.push(retryFrame(turn, open.retried));
      } else if (
        open.stopped ||
        !(open.text || open.recording) ||
        welcome.history.messages.some(({ n }) => n === answer?.n)
      ) {
        this.#turns.delete(turn);
        if (!open.isOver) over.push({ turn, flags: open.stopped ? END.CUT : END.UNSAID });
      } else if (open.text) {
        frames.push(encode('TEXT', { turn, text: open.text }));
      } else {
        const known = welcome.recordings.find((one) => one.turn === turn);
        frames.push(...(open.recording?.again(known?.bytes ?? 0) ?? []));
      }
    }
    return { frames, over };
  }
}

/** @param {number} turn @param {number} n */
export function retryFrame(turn, n) {
  return encode('EVENT', { content: { type: 'retry', n, turn } });
}

/** @param {Stopped} stopped */
export function cancelFrame({ turn, heardMs, reason }) {
  return encode('CANCEL', { turn, pos: Math.round(heardMs), flags: reason });
}
