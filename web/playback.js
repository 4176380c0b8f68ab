/**
 * The answers' sound: what sounds, stopping it, hearing it again, and mode v1's writing beside it.
 *
 * @import {Clock} from './clock.js'
 * @import {Message, Transport} from './types.d.ts'
 * @import {Identity} from './identity.js'
 * @import {History} from './history.js'
 * @import {Player} from './player.js'
 */

import { CANCEL } from './frames.js';
import { written } from './writing.js';

const WRITE_EVERY_MS = 40;

export class Playback {
  /** @type {Transport | null} */
  transport = null;
  /** Whether mode v1 writes answers out in step with their speech. */
  writes = true;
  /** Whether the server speaks at all. */
  speaks = true;
  #history;
  #identity;
  #player;
  #clock;
  #changed;
  /** @type {Map<number, Message>} Answers that are spoken again, by the turn of it. */
  #again = new Map();

  /**
   * @param {object} parts
   * @param {History} parts.history
   * @param {Identity} parts.identity
   * @param {Player} parts.player
   * @param {Clock} parts.clock
   * @param {() => void} parts.changed
   */
  constructor({ history, identity, player, clock, changed }) {
    this.#history = history;
    this.#identity = identity;
    this.#player = player;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** The answer that sounds now; null: silence. @returns {Message | null} */
  get sounding() {
    const turn = this.#player.sounding;
    if (turn === null) return null;
    return this.#again.get(turn) ?? this.#history.answer(turn) ?? null;
  }

  /** Whether there is anything that `stop` would stop. */
  get stoppable() {
    return this.#player.sounding !== null || this.#history.ownRunning !== undefined;
  }

  /** @param {number} turn @param {number} posMs @param {Uint8Array} pcm */
  add(turn, posMs, pcm) {
    this.#player.add(turn, posMs, pcm);
  }

  /** Play a whole answer, and write it out beside. @param {Message} answer @param {Uint8Array} clip */
  async playClip(answer, clip) {
    const turn = Number(answer.turn);
    answer.clip = clip;
    if (this.writes) answer.written = 0;
    const ms = await this.#player.addClip(turn, clip);
    this.#write(answer, turn, ms);
  }

  /** All of the turn's sound is here. @param {number} turn */
  complete(turn) {
    this.#player.complete(turn);
  }

  /** Stop what sounds, or else the answer that is under way. */
  stop() {
    const turn = this.#player.sounding ?? this.#history.ownRunning?.turn;
    if (turn) this.#cancel(turn, CANCEL.BUTTON);
  }

  /** Be silent at once. @param {number} reason */
  hush(reason) {
    while (this.#player.sounding !== null) this.#cancel(this.#player.sounding, reason);
  }

  /** Whether an answer can be heard again. @param {Message} message */
  canReplay({ role, text, clip, n }) {
    if (!this.speaks || role !== 'assistant' || !text) return false;
    return clip !== null || (n !== null && !!this.transport?.speak);
  }

  /** Let an answer sound again. @param {Message} message */
  async replay(message) {
    this.hush(CANCEL.BUTTON);
    for (const turn of [...this.#again.keys()]) this.#cancel(turn, CANCEL.BUTTON);
    const turn = this.#identity.nextTurn();
    this.#again.set(turn, message);
    if (message.clip) await this.#player.addClip(turn, message.clip);
    else if (message.n) this.transport?.speak?.(turn, message.n);
  }

  /** Silence first, then tell. @param {number} turn @param {number} reason */
  #cancel(turn, reason) {
    const heardMs = this.#player.stop(turn);
    this.transport?.cancel(turn, heardMs, reason);
    const answer = this.#history.answer(turn);
    if (answer) answer.written = null;
    this.#again.delete(turn);
    this.#changed();
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
    this.#changed();
  }
}
