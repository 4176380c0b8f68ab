/**
 * The page's connection to the server: asks what it offers, chooses a mode, keeps a transport, and
 * changes it when asked, when WebSockets don't get through, and when they do again.
 *
 * @import {History} from '../chat/history.js'
 * @import {Identity} from '../chat/identity.js'
 * @import {Clock, Config, Frame, Status} from '../types.d.ts'
 * @import {Api} from './api.js'
 * @import {Transport, Unanswered, Why} from './transport.d.ts'
 * @import {Transports} from './transports.js'
 */

import { Line } from './line.js';
import { Lookout } from './lookout.js';
import { Offer } from './offer.js';
import { isShutOut } from './refusal.js';
import { SocketHealth } from './socket-health.js';
import { chooseMode } from './transports.js';

// A recording goes to the transport it was begun with: the next one waits until it is sent.
const RECORDING_POLL_MS = 500;

/**
 * What goes on, and what it goes on with.
 *
 * @typedef {{ transport: Transport, left: Unanswered[] }} Change
 */

export class Connection {
  /** @type {Transport | null} */
  transport = null;
  #parts;
  #wanted;
  #line;
  #offer;
  #lookout;
  #isConnected = false;
  /** @type {Transport | null} A WebSocket that is tried while HTTP is used. */
  #candidate = null;
  /** Whether HTTP is used for want of a WebSocket. */
  #isDetour = false;
  #stopWaiting = () => {};

  /**
   * @param {string} wanted `v1`, `v2` or `auto`
   * @param {object} parts
   * @param {Api} parts.api
   * @param {Transports} parts.transports
   * @param {Identity} parts.identity
   * @param {History} parts.history
   * @param {Clock} parts.clock
   * @param {string} [parts.language]
   * @param {(url: string) => WebSocket} [parts.connect]
   * @param {(frame: Frame) => void} parts.emit
   * @param {(status: Status) => void} parts.status
   * @param {(config: Config) => void} parts.configured the server said what it offers, or offers now
   * @param {Promise<void>} [parts.restored] until then this page may have another's tab
   * @param {(use: () => Change, isWanted: boolean) => void} parts.change called for a change of
   *   transport: ends what belongs to the old one where the change `isWanted`, else keeps it for the
   *   new one; calls `use` in between
   * @param {() => boolean} parts.isRecording
   * @param {() => boolean} parts.isFree whether nothing is asked, answered or heard just now
   */
  constructor(wanted, parts) {
    this.#wanted = wanted;
    this.#parts = parts;
    this.#line = new Line({ ...parts, attempt: () => void this.#load() });
    this.#offer = new Offer({ ...parts, gaveUp: (error) => this.#gaveUp(error) });
    this.#lookout = new Lookout({
      ...parts,
      isFree: () => this.#isConnected && parts.isFree(),
      look: () => this.#look(),
    });
  }

  /** What the server offers; null: not known yet. */
  get config() {
    return this.#offer.config;
  }

  /** The visitor opened the chat. */
  open() {
    if (this.#line.closed) this.#line.begin();
    else this.kick('seen');
  }

  /** A reason to try again now. @param {Why} why */
  kick(why) {
    if (why === 'online' || why === 'seen') this.#lookout.hint(why);
    (this.transport ?? this.#line).kick(why);
  }

  /** @param {string} wanted `v1`, `v2` or `auto` */
  setMode(wanted) {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (this.config) void this.#use(this.config);
  }

  /** @param {Partial<Config>} facts what WELCOME says of the server */
  learn(facts) {
    if (this.config) this.#offer.take({ ...this.config, ...facts });
  }

  /** @param {boolean} leaving for good */
  close(leaving) {
    this.#settle();
    this.transport?.close(leaving);
    if (!leaving) return;
    this.#line.close();
    this.#offer.close();
  }

  /** The page is there again, as it was. */
  reopen() {
    if (this.#line.closed) return;
    this.transport?.open();
    if (this.#isDetour) this.#lookout.begin();
  }

  async #load() {
    const { api, transports } = this.#parts;
    // Beside the question, for most servers have what is wanted.
    void transports.has(this.#wanted);
    const config = await api.config().catch((error) => {
      if (this.#gaveUp(error)) return;
      console.warn(`voicechat: ${api.address('')} was not reached.`, error);
      this.#line.lost();
    });
    await this.#parts.restored;
    if (!config || this.#line.closed) return;
    this.#offer.take(config);
    await this.#use(config);
  }

  /**
   * Try no more where the server lets no page of this origin in.
   *
   * @param {unknown} error @returns {boolean} whether that is what it says
   */
  #gaveUp(error) {
    if (!isShutOut(error)) return false;
    const { transport } = this;
    this.#settle();
    this.transport = null;
    transport?.close();
    if (!this.#line.closed) this.#line.shutOut(error);
    return true;
  }

  /**
   * Use the wanted mode, or the one that there is. Where its code does not come, it is tried again, or
   * what is in use stays so.
   *
   * @param {Config} config
   */
  async #use(config) {
    const wanted = this.#wanted;
    const mode = chooseMode(wanted, config.modes);
    const isThere = await this.#parts.transports.has(mode);
    // Another was wanted meanwhile, or none.
    if (wanted !== this.#wanted || this.#line.closed) return;
    if (!isThere) return this.transport ? undefined : this.#line.lost();
    this.#isDetour = false;
    this.#settle();
    if (this.transport?.mode === mode) this.transport.streams = this.#streams;
    else this.#put(() => this.#made(mode, config), { isWanted: true });
  }

  /** Mode v1 by name is the whole answer in one piece, to compare; who only has to use it sees it grow. */
  get #streams() {
    return this.#wanted !== 'v1';
  }

  /**
   * @param {() => Transport} make
   * @param {{ isWanted?: boolean, isOpen?: boolean }} how
   */
  #put(make, { isWanted = false, isOpen = false }) {
    this.#parts.change(() => {
      const old = this.transport;
      const left = old?.unanswered ?? [];
      const transport = make();
      // What the old one says of its end is no news any more.
      this.transport = transport;
      old?.close();
      if (!isOpen) transport.open();
      return { transport, left };
    }, isWanted);
  }

  /** @param {'v1' | 'v2'} mode @param {Config} config @returns {Transport} */
  #made(mode, config) {
    const isCurrent = () => this.transport === transport;
    const health = new SocketHealth({
      ...this.#parts,
      reached: async () => (isCurrent() ? this.#offer.ask() : null),
      blocked: (now) => void (isCurrent() && this.#goRound(now)),
      lasted: () => this.#lookout.forget(),
      isDoubtful: this.#isDetour,
    });
    const transport = this.#parts.transports.make(mode, {
      ...this.#parts,
      config,
      health,
      streams: this.#streams,
      stopped: this.transport?.stopped,
      admit: () => isCurrent() || (this.#candidate === transport && this.#parts.isFree()),
      status: (status) => {
        if (isCurrent()) this.#show(status);
        else if (this.#candidate === transport) this.#judge(transport, status);
      },
    });
    return transport;
  }

  /** @param {Status} status */
  #show(status) {
    this.#isConnected = status.state === 'connected';
    this.#parts.status(status);
  }

  /**
   * Some networks let no WebSocket through: where HTTP works, `auto` goes on with it.
   *
   * @param {Config} config
   */
  async #goRound(config) {
    this.#stopWaiting();
    const { clock, isRecording, transports } = this.#parts;
    const mayGo = () => {
      const isStuck = !this.#isConnected && this.transport?.mode === 'v2' && !this.#line.closed;
      return isStuck && this.#wanted === 'auto' && config.modes.includes('v1');
    };
    // Where the code does not come, the next try finds it blocked again.
    if (!mayGo() || !(await transports.has('v1')) || !mayGo()) return;
    if (isRecording()) {
      this.#stopWaiting = clock.after(RECORDING_POLL_MS, () => void this.#goRound(config));
      return;
    }
    this.#put(() => this.#made('v1', config), {});
    this.#isDetour = true;
    this.#lookout.begin();
  }

  /** See whether a WebSocket gets through by now. */
  #look() {
    if (!this.config) return;
    this.#candidate = this.#made('v2', this.config);
    this.#candidate.open();
  }

  /** @param {Transport} candidate @param {Status} status */
  #judge(candidate, { state }) {
    if (state === 'connecting') return;
    this.#candidate = null;
    if (state === 'connected') {
      this.#isDetour = false;
      this.#lookout.end();
      this.#put(() => candidate, { isOpen: true });
      if (!this.#isConnected) this.#show({ state });
    } else if (state === 'closed') {
      this.#lookout.postponed();
    } else {
      candidate.close();
      this.#lookout.missed();
    }
  }

  /** Look for no other way any more. */
  #settle() {
    const candidate = this.#candidate;
    this.#candidate = null;
    candidate?.close();
    this.#lookout.end();
    this.#stopWaiting();
  }
}
