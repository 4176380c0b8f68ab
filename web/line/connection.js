/**
 * The page's connection to the server: asks what it offers, chooses a mode, keeps a transport, and
 * changes it when asked or when WebSockets don't get through.
 *
 * @import {History} from '../chat/history.js'
 * @import {Identity} from '../chat/identity.js'
 * @import {Clock, Config, Frame, Status} from '../types.d.ts'
 * @import {Api} from './api.js'
 * @import {Transport} from './transport.d.ts'
 */

import { isShutOut } from './api.js';
import { Line } from './line.js';
import { chooseMode, makeTransport } from './transports.js';

const WARMING_POLL_MS = 1_500;

// So often a WebSocket may fail before the server is asked over HTTP, where it can say why.
const SOCKET_TRIES = 2;

export class Connection {
  /** @type {Config | null} */
  config = null;
  /** @type {Transport | null} */
  transport = null;
  #parts;
  #wanted;
  #line;
  #hasBegun = false;
  #hasConnected = false;
  #socketFailures = 0;
  /** @type {() => void} */
  #stopWarming = () => {};

  /**
   * @param {string} wanted `v1`, `v2` or `auto`
   * @param {object} parts
   * @param {Api} parts.api
   * @param {Identity} parts.identity
   * @param {History} parts.history
   * @param {Clock} parts.clock
   * @param {string} [parts.language]
   * @param {(frame: Frame) => void} parts.emit
   * @param {(status: Status) => void} parts.status
   * @param {(config: Config) => void} parts.configured the server said what it offers, or offers now
   * @param {(use: () => Transport) => void} parts.change called for a change of transport: ends what
   *   belongs to the old one, then calls `use` for the new one
   */
  constructor(wanted, parts) {
    this.#wanted = wanted;
    this.#parts = parts;
    const { clock, status } = parts;
    this.#line = new Line({ attempt: () => void this.#load(), status, clock });
  }

  /** The visitor opened the chat. */
  open() {
    if (this.#hasBegun) return this.kick('seen');
    this.#hasBegun = true;
    this.#line.begin();
  }

  /** A reason to try again now. @param {'online' | 'seen' | 'typing' | 'button'} why */
  kick(why) {
    if (this.transport) this.transport.kick(why);
    else if (why === 'typing') this.#line.nudge();
    else this.#line.kick();
  }

  /** @param {string} wanted `v1`, `v2` or `auto` */
  setMode(wanted) {
    this.#wanted = wanted;
    if (this.config) this.#use(this.config, wanted);
  }

  /** @param {Partial<Config>} facts what WELCOME says of the server */
  learn(facts) {
    if (this.config) this.#configure({ ...this.config, ...facts });
  }

  /** @param {boolean} leaving for good */
  close(leaving) {
    this.transport?.close(leaving);
    if (!leaving) return;
    this.#line.close();
    this.#stopWarming();
  }

  async #load() {
    const { api } = this.#parts;
    const config = await api.config().catch((error) => {
      if (this.#gaveUp(error)) return;
      console.warn(`voicechat: ${api.address('')} was not reached.`, error);
      this.#line.lost();
    });
    if (!config || this.#line.closed) return;
    this.#configure(config);
    this.#use(config, this.#wanted);
  }

  /**
   * Try no more where the server lets no page of this origin in.
   *
   * @param {unknown} error @returns {boolean} whether that is what it says
   */
  #gaveUp(error) {
    if (!isShutOut(error)) return false;
    const { transport } = this;
    this.transport = null;
    transport?.close();
    if (!this.#line.closed) this.#line.shutOut(error);
    return true;
  }

  /** @param {Config} config */
  #configure(config) {
    this.config = config;
    this.#parts.configured(config);
    this.#stopWarming();
    if (config.warming.length) {
      this.#stopWarming = this.#parts.clock.after(WARMING_POLL_MS, () => void this.#lookAgain());
    }
  }

  async #lookAgain() {
    // Where the server does not answer just now, it is asked once more.
    const config = await this.#parts.api
      .config()
      .catch((error) => (this.#gaveUp(error) ? null : this.config));
    if (config && !this.#line.closed) this.#configure(config);
  }

  /** Use the wanted mode, or the one that there is. @param {Config} config @param {string} wanted */
  #use(config, wanted) {
    const mode = chooseMode(wanted, config.modes);
    if (this.transport?.mode === mode) return;
    const { change, ...common } = this.#parts;
    this.#hasConnected = false;
    this.#socketFailures = 0;
    change(() => {
      this.transport?.close();
      const transport = makeTransport(mode, {
        ...common,
        config,
        // What an earlier transport still finds out is no news of this one.
        status: (status) => this.transport === transport && this.#show(status),
      });
      this.transport = transport;
      transport.open();
      return transport;
    });
  }

  /** @param {Status} status */
  #show(status) {
    if (status.state === 'connected') {
      this.#hasConnected = true;
      this.#socketFailures = 0;
    }
    this.#parts.status(status);
    const failed = status.state === 'connecting' && status.again;
    if (failed && this.transport?.mode === 'v2') void this.#askWhy();
  }

  /**
   * A browser does not say why a WebSocket failed: the server may let this page in no more. And some
   * networks let no WebSocket through: where HTTP works, `auto` goes on with it.
   */
  async #askWhy() {
    this.#socketFailures += 1;
    if (this.#socketFailures < SOCKET_TRIES) return;
    const config = await this.#parts.api.config().catch((error) => void this.#gaveUp(error));
    if (config?.modes.includes('v1') && this.#mayFallBack) this.#use(config, 'v1');
  }

  get #mayFallBack() {
    const isSocket = this.transport?.mode === 'v2';
    return this.#wanted === 'auto' && isSocket && !this.#hasConnected && !this.#line.closed;
  }
}
