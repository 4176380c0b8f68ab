/** Time and a network that do what the test says, when it says so. */

import { decode, encode } from '../../web/frames.js';

/** A clock that stands still until it is told to go on. */
export class StoppedClock {
  #nowMs = 0;
  #timers = new Set();

  now = () => this.#nowMs;

  after = (ms, then) => {
    const timer = { atMs: this.#nowMs + ms, then };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Let `ms` pass; what is due runs at its own time, in order. */
  pass(ms) {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.then();
    }
    this.#nowMs = untilMs;
  }
}

/** The server's end of a WebSocket: what came from the page, and a way to answer. */
export class ScriptedSocket {
  readyState = 0;
  /** @type {any[]} Frames from the page, decoded. */
  said = [];
  onopen = null;
  onmessage = null;
  onclose = null;

  constructor(url) {
    this.url = url;
  }

  send(bytes) {
    this.said.push(decode(bytes));
  }

  close() {
    this.readyState = 3;
  }

  /** Take what was said since the last time, as `NAME` or `NAME turn`. */
  heard() {
    return this.said.splice(0).map(({ name, turn }) => (turn ? `${name} ${turn}` : name));
  }

  open() {
    this.readyState = 1;
    this.onopen?.();
  }

  say(name, fields) {
    const { buffer } = encode(name, fields, 'server').slice();
    this.onmessage?.({ data: buffer });
  }

  welcome(content = {}) {
    const nothing = { running: [], recordings: [], history: { messages: [], more: false } };
    this.say('WELCOME', { content: { v: 1, chat: 'c_1.secret', next_turn: 1, ...nothing, ...content } });
  }

  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

/** Storage as the browser gives it, in memory. */
export class MemoryStorage {
  entries = new Map();

  getItem(name) {
    return this.entries.get(name) ?? null;
  }

  setItem(name, value) {
    this.entries.set(name, value);
  }
}

/** Let everything that waits for promises run. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}
