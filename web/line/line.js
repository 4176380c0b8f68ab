/**
 * Keeps a line to the server: tries, waits longer and longer, gives up, begins again when asked.
 *
 * What a try is, and when it held, the transport says.
 *
 * @import {Clock, Status} from '../types.d.ts'
 * @import {Why} from './transport.d.ts'
 */

import { TRIES, waitMs } from './backoff.js';

// A round that typing began is not begun again by the next key.
const NUDGE_EVERY_MS = 5_000;

export class Line {
  #failures = 0;
  #nudgedMs = -Infinity;
  /** @type {Status} */
  #status = { state: 'closed' };
  /** @type {() => void} */
  #cancel = () => {};
  #parts;

  /**
   * @param {object} parts
   * @param {() => void} parts.attempt ends in `held` or `lost`
   * @param {(status: Status) => void} parts.status
   * @param {Clock} parts.clock
   * @param {() => number} [parts.random]
   */
  constructor(parts) {
    this.#parts = parts;
  }

  get connected() {
    return this.#status.state === 'connected';
  }

  /** Whether nobody wants the line: a try that was under way then changes nothing any more. */
  get closed() {
    return this.#status.state === 'closed';
  }

  /** Begin a new round, its first try at once. */
  begin() {
    this.#failures = 0;
    this.#try();
  }

  /** The server answered: the next loss begins a new round. */
  held() {
    if (this.closed) return;
    this.#cancel();
    this.#failures = 0;
    this.#say({ state: 'connected' });
  }

  /** @param {number} [atLeastMs] a wait that the server asked for */
  lost(atLeastMs = 0) {
    if (this.closed) return;
    this.#cancel();
    this.#failures += 1;
    if (this.#failures > TRIES) return this.#say({ state: 'failed', reason: 'unreachable' });
    const until = this.#parts.clock.now() + Math.max(waitMs(this.#failures, this.#parts.random), atLeastMs);
    this.#countDown(until);
  }

  /**
   * No more tries of its own accord.
   *
   * @param {'resting' | 'failed'} state resting: the next word of the visitor begins a round
   * @param {string} reason key of the words that say why
   */
  stop(state, reason) {
    this.#cancel();
    this.#say({ state, reason });
  }

  /**
   * The server lets no page of this origin in: only its owner can change that, and only the console is theirs.
   *
   * @param {Error} refusal whose message names the setting
   */
  shutOut({ message }) {
    console.warn(`voicechat: ${message}`);
    this.stop('failed', 'forbidden');
  }

  /**
   * Something speaks for success now: begin a round, unless connected or trying already.
   *
   * @param {Why} [why] the visitor who types does it with every key, and counts now and then
   */
  kick(why) {
    const { state, reason } = this.#status;
    if (why === 'typing') {
      if (this.#parts.clock.now() - this.#nudgedMs < NUDGE_EVERY_MS) return;
      this.#nudgedMs = this.#parts.clock.now();
    }
    if (state === 'waiting' || state === 'resting' || (state === 'failed' && reason === 'unreachable')) {
      this.begin();
    }
  }

  close() {
    this.#cancel();
    this.#say({ state: 'closed' });
  }

  #try() {
    this.#cancel();
    this.#say({ state: 'connecting', again: this.#failures > 0 });
    this.#parts.attempt();
  }

  /** @param {number} until */
  #countDown(until) {
    const leftMs = until - this.#parts.clock.now();
    if (leftMs <= 0) return this.#try();
    this.#cancel = this.#parts.clock.after(leftMs % 1_000 || 1_000, () => this.#countDown(until));
    // Last: who is told may close the line.
    this.#say({ state: 'waiting', seconds: Math.ceil(leftMs / 1_000) });
  }

  /** @param {Status} status */
  #say(status) {
    this.#status = status;
    this.#parts.status(status);
  }
}
