/**
 * The messages of the chat as this page knows them. No transport, no DOM: values in, values out.
 *
 * @import {Message, StoredMessage} from '../types.d.ts'
 */

import { byteLength, indexAt } from '../wire/utf8.js';
import { LAST_TURN } from './identity.js';

/** @param {Partial<Message> & Pick<Message, 'role'>} fields @returns {Message} */
function message(fields) {
  return {
    text: '',
    bytes: 0,
    status: 'complete',
    n: null,
    turn: null,
    heard: null,
    written: null,
    sources: [],
    phase: 0,
    fault: null,
    spoken: false,
    clip: null,
    suggestions: [],
    rating: null,
    at: Date.now() / 1_000,
    ...fields,
  };
}

/** Whether nothing more comes of it. @param {Pick<Message, 'status'>} message */
export function isOver({ status }) {
  return !['waiting', 'queued', 'running'].includes(status);
}

export class History {
  /** @type {Message[]} Oldest first. */
  messages = [];
  /** Whether the server holds older ones. */
  more = false;

  /**
   * A question of this page, and the place of its answer.
   *
   * @param {number} turn @param {string} text @param {boolean} spoken
   */
  ask(turn, text, spoken) {
    const question = message({ role: 'user', turn, text, spoken, status: spoken ? 'waiting' : 'queued' });
    this.messages.push(question, message({ role: 'assistant', turn, status: 'waiting' }));
    return question;
  }

  /**
   * A question of another tab; known already when the connection was renewed.
   *
   * @param {number} turn @param {number} n @param {string} text
   */
  overhear(turn, n, text) {
    if (!this.at(n)) this.#insert(message({ role: 'user', turn, n, text }));
    this.follow(turn, n);
  }

  /**
   * A turn runs that this page has lost sight of: it was reloaded, or another tab asked.
   *
   * @param {number} turn @param {number} n of the question
   */
  follow(turn, n) {
    const question = this.at(n);
    if (question) question.turn = turn;
    const answer = this.at(n + 1);
    if (!answer) this.#insert(message({ role: 'assistant', turn, n: n + 1, status: 'waiting' }));
    else Object.assign(answer, { turn, status: answer.text ? 'running' : 'waiting' });
  }

  /**
   * Question `n` is answered anew: what there is of its answer is void.
   *
   * @param {number} turn @param {number} n
   */
  anew(turn, n) {
    Object.assign(this.at(n + 1) ?? {}, message({ role: 'assistant', n: n + 1 }));
    this.follow(turn, n);
  }

  /** @returns {Message[]} answers under way to questions of this page */
  get ownRunning() {
    return this.running.filter(({ turn }) => Number(turn) <= LAST_TURN);
  }

  /** @param {number} turn */
  question(turn) {
    return this.messages.findLast((one) => one.turn === turn && one.role === 'user');
  }

  /** @param {number} turn */
  answer(turn) {
    return this.messages.findLast((one) => one.turn === turn && one.role === 'assistant');
  }

  /** @param {number} n */
  at(n) {
    return this.messages.find((one) => one.n === n);
  }

  /**
   * @param {number} turn @param {number} n
   * @param {boolean} [resumed] false: what is here of the answer is another's, of a server that crashed
   */
  accept(turn, n, resumed) {
    const question = this.question(turn);
    const answer = this.answer(turn);
    if (question) question.n = n;
    if (answer) answer.n = n + 1;
    if (answer && resumed === false) Object.assign(answer, { text: '', bytes: 0 });
  }

  /**
   * Add the next piece of an answer. What is there already is skipped, which makes a repeat harmless.
   *
   * @param {number} turn @param {number} pos @param {string} text
   */
  write(turn, pos, text) {
    const answer = this.answer(turn);
    if (!answer) return;
    answer.status = 'running';
    // Counted as they come: to measure all of it at each piece would take longer with every one.
    answer.bytes ||= byteLength(answer.text);
    const known = answer.bytes - pos;
    if (known < 0 || (known > 0 && known >= byteLength(text))) return;
    const piece = text.slice(indexAt(text, known));
    answer.text += piece;
    answer.bytes += byteLength(piece);
  }

  /**
   * The turn is over; its sound may still be heard. What the server said before of how it ended stays.
   *
   * @param {number} turn
   * @param {Message['status']} status of the answer
   */
  end(turn, status) {
    const question = this.question(turn);
    const answer = this.answer(turn);
    if (question && !isOver(question)) question.status = 'complete';
    if (answer && !isOver(answer)) answer.status = status;
  }

  /** @returns {Message[]} answers that are still to come, or to be completed */
  get running() {
    return this.messages.filter((one) => one.role === 'assistant' && one.turn !== null && !isOver(one));
  }

  /** The connection is gone, and with it the numbers of other tabs' turns. */
  disconnect() {
    for (const one of this.messages) {
      if (one.turn !== null && one.turn > LAST_TURN) one.turn = null;
    }
  }

  /**
   * Number of the last message that is over and of none of `turns`, as far as this page can tell: what
   * HTTP brought has none.
   *
   * @param {number[]} turns
   */
  lastBut(turns) {
    let last = 0;
    for (const one of this.messages) {
      if (one.role === 'note') last = 0;
      else if (isOver(one) && !turns.includes(/** @type {number} */ (one.turn))) last = one.n ?? last + 1;
    }
    return last;
  }

  /** The highest number up to which this page holds everything complete. */
  get have() {
    let have = Math.max(this.oldest - 1, 0);
    for (const one of this.messages) {
      if (one.n === null) continue;
      if (one.n !== have + 1 || !isOver(one)) break;
      have = one.n;
    }
    return have;
  }

  /**
   * Take in what the server has stored, newer than what is here.
   *
   * @param {StoredMessage[]} stored
   */
  adopt(stored) {
    for (const one of stored) {
      const { sources = [], rating = null } = one;
      const known = this.at(one.n);
      if (!known) this.#insert(message({ ...one, sources }));
      else Object.assign(known, one, { bytes: 0, rating, sources: sources.length ? sources : known.sources });
    }
  }

  /**
   * Put it before what is younger, and before what has no number yet and waits for its answer.
   *
   * @param {Message} message
   */
  #insert(message) {
    const n = Number(message.n);
    const after = this.messages.findIndex((one) => (one.n === null ? one.turn !== null : one.n > n));
    this.messages.splice(after < 0 ? this.messages.length : after, 0, message);
  }

  /** @param {StoredMessage[]} stored older than all that is here */
  prepend(stored) {
    const older = stored.filter((one) => !this.at(one.n));
    this.messages.unshift(...older.map(({ sources = [], ...one }) => message({ ...one, sources })));
  }

  /**
   * The server forgot the chat: what is on the page has no number in the new one.
   *
   * @param {string} note what stands between the two
   */
  startAnew(note) {
    for (const one of this.messages) one.n = null;
    this.more = false;
    const open = this.messages.findIndex((one) => !isOver(one));
    const at = open < 0 ? this.messages.length : open;
    if (this.messages.length) this.messages.splice(at, 0, message({ role: 'note', text: note }));
  }

  /** @returns {number} of the oldest message that the server knows too */
  get oldest() {
    return this.messages.find((one) => one.n !== null)?.n ?? 0;
  }
}
