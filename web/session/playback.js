/**
 * The answers' sound: what sounds, stopping it, hearing it again, and mode v1's writing beside it.
 *
 * @import {History} from '../chat/history.js'
 * @import {Identity} from '../chat/identity.js'
 * @import {Transport} from '../line/transport.d.ts'
 * @import {Clock, Message} from '../types.d.ts'
 * @import {Player} from '../voice/player.js'
 */

import { isOver } from '../chat/history.js';
import { joined } from '../wire/bytes.js';
import { CANCEL, PLAYED } from '../wire/frames.js';
import { SPEECH_BYTES_PER_MS } from '../wire/speech.js';
import { Sentences } from './sentences.js';
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
  identity;
  /** Who else is told how far a turn was heard. @type {((turn: number, ms: number) => void) | null} */
  watcher = null;
  #player;
  #clock;
  #changed;
  #sentences;
  /** @type {Map<number, number>} How far the sound of each turn is here, in milliseconds. */
  #hereMs = new Map();
  /** @type {Map<number, number[][]>} What is said when, of each turn whose sound still comes. */
  #marks = new Map();
  /** @type {Map<number, Message>} Answers that are spoken again, by the turn of it. */
  again = new Map();
  /** @type {Map<number, number>} Turns that are not to sound, with the milliseconds that came of each. */
  #silenced = new Map();
  /** @type {Map<Message, () => void>} What waits for an answer to stand there whole. */
  #afterWriting = new Map();
  /** @type {Map<number, number>} Milliseconds that were heard of each turn. */
  #heardMs = new Map();

  /**
   * @param {object} parts
   * @param {History} parts.history
   * @param {Identity} parts.identity
   * @param {Player} parts.player
   * @param {Clock} parts.clock
   * @param {() => void} parts.changed
   * @param {(mp3: Uint8Array) => Promise<Uint8Array>} [parts.decode] into PCM as mode v2 sends it
   */
  constructor({ history, identity, player, clock, changed, decode }) {
    this.#history = history;
    this.identity = identity;
    this.#player = player;
    this.#clock = clock;
    this.#changed = changed;
    this.#sentences = new Sentences((...piece) => this.#addRest(...piece), decode);
  }

  /** The answer that sounds now; null: silence. @returns {Message | null} */
  get sounding() {
    const turn = this.#player.sounding;
    if (turn === null) return null;
    return this.again.get(turn) ?? this.#history.answer(turn) ?? null;
  }

  /** Whether there is anything that `stop` would stop. */
  get stoppable() {
    return this.turns.length > 0 || this.#history.ownRunning.length > 0;
  }

  /** All turns that sound or are going to, the first one first. */
  get turns() {
    return [...new Set([...this.#player.turns, ...this.#sentences.turns])];
  }

  /** @param {number} turn @param {number} posMs @param {Uint8Array} pcm */
  add(turn, posMs, pcm) {
    const endMs = posMs + pcm.length / SPEECH_BYTES_PER_MS;
    this.#hereMs.set(turn, Math.max(endMs, this.#hereMs.get(turn) ?? 0));
    if (!this.#silenced.has(turn)) return this.#player.add(turn, posMs, pcm);
    this.#silenced.set(turn, endMs);
    // The server waits for the playhead before it sends more, and before it ends the turn.
    this.transport?.played(turn, endMs, PLAYED.MUTED);
  }

  /** @param {number} turn @param {number[][]} spans as MARK says */
  mark(turn, spans) {
    this.#marks.set(turn, [...(this.#marks.get(turn) ?? []), ...spans]);
  }

  /**
   * The server has the rest of the sound no more: have it spoken from the sentence on in which what is
   * here ends.
   *
   * @param {number} turn @param {Message} answer
   */
  goOn(turn, answer) {
    const hereMs = this.#hereMs.get(turn) ?? 0;
    const begun = this.#marks.get(turn)?.findLast(([, , fromMs]) => fromMs < hereMs);
    if (begun && !this.#silenced.has(turn)) this.#speak(answer, begun[0]);
  }

  /**
   * Play a sentence, the next one of its answer or one again.
   *
   * @param {Message} answer @param {number} index @param {Uint8Array} mp3
   */
  addSentence(answer, index, mp3) {
    const { clip } = answer;
    answer.clip = index && clip ? joined(clip, mp3) : mp3;
    this.#sentences.add(Number(answer.turn), index, mp3);
  }

  /**
   * Add what is not here yet: another transport, or a try before, may have brought some of it.
   *
   * @param {number} turn @param {number} posMs @param {Uint8Array} pcm
   */
  #addRest(turn, posMs, pcm) {
    const knownMs = Math.max((this.#hereMs.get(turn) ?? 0) - posMs, 0);
    const rest = pcm.subarray(knownMs * SPEECH_BYTES_PER_MS);
    if (rest.length) this.add(turn, posMs + knownMs, rest);
  }

  /** How far the turn was heard. @param {number} turn @param {number} ms @param {number} flags */
  played(turn, ms, flags) {
    this.watcher?.(turn, ms);
    this.transport?.played(turn, ms, flags);
    if (!(flags & PLAYED.MUTED)) this.#heardMs.set(turn, ms);
    if (flags & PLAYED.ENDED) this.again.delete(turn);
  }

  /** Whether the voice speaks, now or in a moment. */
  get isSpeaking() {
    return this.turns.length > 0 && !this.#isMute;
  }

  get #isMute() {
    return !this.speaks || this.#player.muted || this.#player.isBlocked;
  }

  /**
   * How much of an answer the voice has said, for others to say the rest.
   *
   * @param {Message} answer
   * @returns {number} milliseconds; Infinity: all; negative: the voice is saying it, or is going to
   */
  heardMs(answer) {
    const turn = Number(answer.turn);
    const heardMs = this.#heardMs.get(turn) ?? 0;
    if (this.#isMute || this.#silenced.has(turn)) return heardMs;
    if (!isOver(answer) || this.turns.includes(turn)) return -1;
    return heardMs && !answer.fault ? Infinity : heardMs;
  }

  /** Play a whole answer, and write it out beside. @param {Message} answer @param {Uint8Array} clip */
  async playClip(answer, clip) {
    const turn = Number(answer.turn);
    answer.clip = clip;
    if (this.#silenced.has(turn)) return;
    if (this.writes) answer.written = 0;
    this.#write(answer, turn, await this.#sentences.add(turn, 0, clip));
  }

  /** How far the next page finds the turn heard; negative: it is not to sound. @param {number} turn */
  reached(turn) {
    return this.#silenced.has(turn) ? -1 : Math.floor(this.#heardMs.get(turn) ?? 0);
  }

  /** Leave out what the page before has played. @param {number} turn @param {number} ms as `reached` said */
  resume(turn, ms) {
    if (ms < 0) return this.silence(turn);
    this.#heardMs.set(turn, ms);
    this.#hereMs.set(turn, ms);
  }

  /** Do `then` as soon as all of the answer that is here can be read. @param {Message} answer @param {() => void} then */
  whenWritten(answer, then) {
    if (answer.written === null) then();
    else this.#afterWriting.set(answer, then);
  }

  /** All of the turn's sound is here. @param {number} turn */
  complete(turn) {
    this.#sentences.complete(turn, () => this.#complete(turn));
  }

  /** @param {number} turn */
  #complete(turn) {
    this.#hereMs.delete(turn);
    this.#marks.delete(turn);
    this.#player.complete(turn);
    if (!this.#player.turns.includes(turn)) this.again.delete(turn);
    const endMs = this.#silenced.get(turn);
    this.#silenced.delete(turn);
    if (endMs) this.transport?.played(turn, endMs, PLAYED.MUTED | PLAYED.ENDED);
  }

  /** Stop what sounds, or else the answer that is under way. */
  stop() {
    const turn = this.turns[0] ?? this.#history.ownRunning.at(-1)?.turn;
    if (turn) this.#cancel(turn, CANCEL.BUTTON);
  }

  /** Stop all that sounds, or was asked to sound again. @param {number} reason */
  hush(reason) {
    for (const turn of new Set([...this.turns, ...this.again.keys()])) this.#cancel(turn, reason);
  }

  /** Stop all that sounds, and let nothing sound that is under way. @param {number} reason */
  quiet(reason) {
    this.hush(reason);
    for (const { turn } of this.#history.running) this.silence(Number(turn));
  }

  /** It is over: what is still being decoded does not sound either. */
  close() {
    this.#sentences.close();
    this.#player.close();
  }

  /** Have the text of this turn alone. @param {number} turn */
  silence(turn) {
    this.#silenced.set(turn, 0);
  }

  /** Whether an answer can be heard again. @param {Message} message */
  canReplay({ role, text, clip, n }) {
    if (!this.speaks || role !== 'assistant' || !text) return false;
    return clip !== null || (n !== null && !!this.transport?.speak);
  }

  /** Whether a question can be asked again: in mode v2 the server has the recording of one without words. @param {Message} question */
  canRetry({ role, text, n, status }) {
    return role === 'user' && (text !== '' || (n !== null && status !== 'unheard' && !!this.transport?.retry));
  }

  /** Let an answer sound again. @param {Message} message @param {number} [pos] from this byte of its text on */
  replay(message, pos = 0) {
    this.hush(CANCEL.BUTTON);
    const { clip } = message;
    if (!clip || pos) return this.#speak(message, pos);
    const turn = this.identity.nextTurn();
    this.again.set(turn, message);
    void this.#sentences.add(turn, 0, clip);
    this.complete(turn);
  }

  /** Have an answer spoken again. @param {Message} message @param {number} pos from this byte of its text on */
  #speak(message, pos) {
    const turn = this.identity.nextTurn();
    this.again.set(turn, message);
    if (message.n) this.transport?.speak?.(turn, message.n, pos);
  }

  /** Silence first, then tell. @param {number} turn @param {number} reason */
  #cancel(turn, reason) {
    this.#sentences.stop(turn);
    const heardMs = this.#player.stop(turn);
    this.transport?.cancel(turn, heardMs, reason);
    const answer = this.#history.answer(turn);
    if (answer) this.#finishWriting(answer);
    this.again.delete(turn);
    this.#changed();
  }

  /**
   * Write the answer out while it is spoken; what does not sound stands there at once.
   *
   * @param {Message} answer @param {number} turn @param {number} ms
   */
  #write(answer, turn, ms) {
    if (!this.#player.has(turn) || this.#player.isBlocked || answer.written === null) {
      this.#finishWriting(answer);
    } else {
      const headMs = this.#player.sounding === turn ? (this.#player.playheadMs ?? 0) : 0;
      answer.written = written(answer.text, headMs / ms);
      this.#clock.after(WRITE_EVERY_MS, () => this.#write(answer, turn, ms));
    }
    this.#changed();
  }

  /** @param {Message} answer */
  #finishWriting(answer) {
    answer.written = null;
    const then = this.#afterWriting.get(answer);
    this.#afterWriting.delete(answer);
    then?.();
  }
}
