/** Time and a network that do what the test says, when it says so. */

import { Identity } from '../../web/chat/identity.js';
import { Api } from '../../web/line/api.js';
import { Line } from '../../web/line/line.js';
import { TransportV1 } from '../../web/line/transport-v1.js';
import { TransportV2 } from '../../web/line/transport-v2.js';
import { Transports } from '../../web/line/transports.js';
import { decode, encode } from './frames.mjs';

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

  removeItem(name) {
    this.entries.delete(name);
  }
}

/** The code of a mode, there at once. */
export const code = async (mode) => ({ v1: TransportV1, v2: TransportV2 })[mode];

export const transports = () => new Transports(code);

export const random = () => 0.5;

/** What the server of mode v1 says of itself. */
export const config = { modes: ['v1'], warming: [] };

/**
 * A server of a few lines: `routes` answer by path, with [status, body], an error, or a promise of
 * either; a body is JSON, or else a stream, bytes or a text.
 */
export function pageInV1(routes = {}, options = {}) {
  const requests = [];
  const known = {
    'api/config': () => [200, config],
    'api/chats': () => [200, { chat: 'c_1.s', next_turn: 1 }],
    'api/messages': () => [200, { messages: [], more: false }],
    'api/message': () => [200, { answer: 'Hello.' }],
    ...routes,
  };
  const api = new Api('https://bot.example/', async (url, { method, headers, body, signal }) => {
    const path = String(url).replace('https://bot.example/', '');
    const request = { path, method, headers, body: body && JSON.parse(body), signal };
    requests.push(request);
    const [status, content, answerHeaders = {}] = await known[path](request);
    const isRaw = [ReadableStream, Uint8Array].some((kind) => content instanceof kind) || typeof content === 'string';
    return new Response(isRaw ? content : JSON.stringify(content), { status, headers: answerHeaders });
  });
  const clock = new StoppedClock();
  const identity = new Identity(null, 'x');
  const frames = [];
  const statuses = [];
  const transport = new TransportV1({
    api,
    config,
    emit: (frame) => frames.push(frame),
    line: (attempt) => new Line({ attempt, status: (status) => statuses.push(status), clock, random }),
    identity,
    speech: true,
    language: 'en',
    clock,
    random,
    ...options,
  });
  return { transport, clock, identity, frames, requests, status: () => statuses.at(-1), routes: known };
}

/** The same, connected and with nothing said yet. */
export async function connectedInV1(routes, options) {
  const page = pageInV1(routes, options);
  page.transport.open();
  await settled();
  page.frames.splice(0);
  page.requests.splice(0);
  return page;
}

/** Let everything that waits for promises run. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}
