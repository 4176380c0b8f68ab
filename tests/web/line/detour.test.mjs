/** From WebSocket to HTTP where no WebSocket gets through, and back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { History } from '../../../web/chat/history.js';
import { Identity } from '../../../web/chat/identity.js';
import { Connection } from '../../../web/line/connection.js';
import { CANCEL } from '../../../web/wire/frames.js';
import { ScriptedSocket, settled, StoppedClock, transports } from '../doubles.mjs';

const CONFIG = { modes: ['v1', 'v2'], warming: [], limits: { frame_bytes: 65_536 }, speech: true };

/** A page, and a server that answers over HTTP while `isThere`; its sockets do what the test says. */
async function made(wanted = 'auto', modes = CONFIG.modes) {
  const clock = new StoppedClock();
  const page = { clock, sockets: [], frames: [], statuses: [], changes: [], asked: [], left: [] };
  Object.assign(page, { isThere: true, isFree: true, isRecording: false, configs: 0 });
  const answered = async (answer) => {
    if (!page.isThere) throw new TypeError('Failed to fetch');
    return answer;
  };
  const identity = new Identity(null, 'x');
  page.connection = new Connection(wanted, {
    api: {
      socketUrl: 'wss://bot.example/ws',
      address: () => 'https://bot.example/',
      config: () => {
        page.configs += 1;
        return answered({ ...CONFIG, modes });
      },
      chats: () => answered({ chat: 'c_1.s', next_turn: 1 }),
      messages: () => answered({ messages: [], more: false }),
      stream: (body, key) => {
        page.asked.push(`streamed ${key.split(':')[1]}`);
        return new Promise(() => {});
      },
      message: (body, key) => {
        page.asked.push(`whole ${key.split(':')[1]}`);
        return new Promise(() => {});
      },
    },
    transports: transports(),
    identity,
    history: new History(),
    clock,
    connect: (url) => page.sockets[page.sockets.push(new ScriptedSocket(url)) - 1],
    emit: ({ name, turn }) => page.frames.push(turn ? `${name} ${turn}` : name),
    status: ({ state }) => page.statuses.push(state),
    configured: () => {},
    change: (use, isWanted) => {
      const { transport, left } = use();
      page.changes.push(`${transport.mode} ${isWanted ? 'wanted' : 'by itself'}`);
      page.left = left;
    },
    isRecording: () => page.isRecording,
    isFree: () => page.isFree,
  });
  page.identity = identity;
  page.socket = () => page.sockets.at(-1);
  page.pass = async (ms) => {
    clock.pass(ms);
    await settled();
  };
  /** A try that a proxy refuses, and the wait for the next. */
  page.refuse = async () => {
    page.socket().drop();
    await settled();
    await page.pass(3_000);
  };
  page.connection.open();
  await settled();
  return page;
}

/** The same, gone over to HTTP. */
async function roundabout() {
  const page = await made();
  await page.refuse();
  await page.refuse();
  assert.equal(page.connection.transport.mode, 'v1');
  page.changes.splice(0);
  page.statuses.splice(0);
  return page;
}

/** Let a WebSocket through that is tried because the page came online. */
async function tryAgain(page) {
  const tries = page.sockets.length;
  page.connection.kick('online');
  await page.pass(0);
  assert.equal(page.sockets.length, tries + 1);
  page.socket().open();
}

test('after two failed tries the streamed form of HTTP is used, and the page is connected', async () => {
  const page = await made();
  await page.refuse();
  assert.equal(page.connection.transport.mode, 'v2');
  await page.refuse();
  assert.deepEqual(page.changes, ['v2 wanted', 'v1 by itself']);
  assert.equal(page.connection.transport.streams, true);
  assert.equal(page.statuses.at(-1), 'connected');
  assert.ok(!page.statuses.includes('closed'));
});

test('an upgrade that nobody answers is given up after four seconds', async () => {
  const page = await made();
  await page.pass(3_000);
  await page.pass(1_000);
  assert.equal(page.connection.transport.mode, 'v1');
  assert.equal(page.socket().readyState, 3);
});

test('a server that is away is waited for, and found again over a WebSocket', async () => {
  const page = await made();
  page.isThere = false;
  for (const longestWaitMs of [1_250, 2_500, 5_000]) {
    page.socket().drop();
    await settled();
    await page.pass(longestWaitMs);
  }
  page.isThere = true;
  page.socket().open();
  page.socket().welcome();
  await page.pass(20_000);
  assert.deepEqual(page.changes, ['v2 wanted']);
  assert.equal(page.statuses.at(-1), 'connected');
});

test('sockets that open and are cut within seconds are no way to talk', async () => {
  const page = await made();
  for (let i = 0; i < 2; i += 1) {
    page.socket().open();
    page.socket().welcome();
    page.clock.pass(2_000);
    await page.refuse();
  }
  assert.equal(page.connection.transport.mode, 'v1');
});

test('a network that stops letting WebSockets through in the middle of a chat is gone round, too', async () => {
  const page = await made();
  page.socket().open();
  page.socket().welcome();
  await page.pass(60_000);
  page.socket().drop();
  await page.pass(1_500);
  await page.refuse();
  await page.refuse();
  assert.equal(page.connection.transport.mode, 'v1');
});

test('a mode that was asked for by name is kept, and so is the only one that there is', async () => {
  for (const page of [await made('v2'), await made('auto', ['v2'])]) {
    await page.refuse();
    await page.refuse();
    await page.refuse();
    assert.deepEqual(page.changes, ['v2 wanted']);
  }
});

test('what the socket left unanswered is handed over with its recording, and with what was stopped', async () => {
  const page = await made();
  page.socket().open();
  page.socket().welcome();
  await page.pass(10_000);
  const { transport } = page.connection;
  transport.ask(1, 'Hi');
  const sink = transport.hear(2, 'pcm16/16000');
  sink.write(Uint8Array.of(1, 2));
  sink.write(Uint8Array.of(3, 4));
  sink.end();
  const thrown = transport.hear(3, 'pcm16/16000');
  thrown.write(Uint8Array.of(5, 6));
  thrown.discard();
  transport.ask(4, 'Never mind');
  transport.cancel(4, 250, CANCEL.BUTTON);
  page.socket().drop();
  await page.pass(1_500);
  await page.refuse();
  await page.refuse();
  const bytes = Uint8Array.of(1, 2, 3, 4);
  assert.deepEqual(page.left, [
    { turn: 1, recording: null, stopped: null },
    { turn: 2, recording: { format: 'pcm16/16000', bytes }, stopped: null },
    { turn: 3, recording: null, stopped: null },
    { turn: 4, recording: null, stopped: { turn: 4, heardMs: 250, reason: CANCEL.BUTTON } },
  ]);
});

test('a recording is not interrupted: the change waits until it is sent', async () => {
  const page = await made();
  page.isRecording = true;
  await page.refuse();
  await page.refuse();
  assert.equal(page.connection.transport.mode, 'v2');
  page.isRecording = false;
  await page.pass(500);
  assert.equal(page.connection.transport.mode, 'v1');
});

test('a socket that opens while a recording puts the change off is kept', async () => {
  const page = await made();
  page.isRecording = true;
  await page.refuse();
  page.socket().drop();
  await page.pass(3_000);
  page.socket().open();
  page.socket().welcome();
  page.isRecording = false;
  await page.pass(20_000);
  assert.deepEqual(page.changes, ['v2 wanted']);
});

test('a WebSocket that gets through later is used, and nobody sees the change', async () => {
  const page = await roundabout();
  await tryAgain(page);
  assert.equal(page.connection.transport.mode, 'v1');
  page.socket().welcome();
  assert.deepEqual(page.changes, ['v2 by itself']);
  assert.deepEqual(page.statuses, []);
  page.connection.transport.ask(1, 'Hi');
  assert.deepEqual(page.socket().heard(), ['HELLO', 'TEXT 1']);
  assert.deepEqual(page.asked, []);
});

test('it is looked for every few minutes, one at a time', async () => {
  const page = await roundabout();
  const tries = page.sockets.length;
  await page.pass(120_000);
  assert.equal(page.sockets.length, tries + 1);
  page.socket().drop();
  await page.pass(239_000);
  assert.equal(page.sockets.length, tries + 1);
  await page.pass(1_000);
  assert.equal(page.sockets.length, tries + 2);
  await page.pass(100_000);
  assert.equal(page.sockets.filter(({ readyState }) => readyState < 3).length, 0);
  assert.deepEqual(page.changes, []);
  assert.deepEqual(page.statuses, []);
});

test('a WebSocket that fails while HTTP is used asks nothing and says nothing', async () => {
  const page = await roundabout();
  const { configs } = page;
  await tryAgain(page);
  page.socket().drop();
  await page.pass(60_000);
  assert.equal(page.configs, configs);
  assert.deepEqual(page.statuses, []);
});

test('while an answer runs nothing is looked for, and what was found is put off', async () => {
  const page = await roundabout();
  const tries = page.sockets.length;
  page.isFree = false;
  page.connection.kick('online');
  await page.pass(60_000);
  assert.equal(page.sockets.length, tries);
  page.isFree = true;
  await page.pass(3_000);
  page.socket().open();
  page.connection.transport.ask(1, 'Hi');
  page.isFree = false;
  const { chat } = page.identity;
  page.frames.splice(0);
  page.socket().welcome({ chat: 'c_9.other' });
  assert.equal(page.connection.transport.mode, 'v1');
  assert.equal(page.identity.chat, chat);
  assert.ok(!page.frames.includes('WELCOME'));
  page.isFree = true;
  await page.pass(3_000);
  page.socket().open();
  page.socket().welcome();
  assert.equal(page.connection.transport.mode, 'v2');
});

test('a socket that was taken back and is cut at once is left for HTTP at its first failure', async () => {
  const page = await roundabout();
  await tryAgain(page);
  page.socket().welcome();
  await page.pass(1_000);
  page.socket().drop();
  await settled();
  assert.equal(page.connection.transport.mode, 'v1');
  const tries = page.sockets.length;
  await page.pass(200_000);
  assert.equal(page.sockets.length, tries);
});

test('an answer that was stopped over HTTP is stopped where it still runs, and told no more', async () => {
  const page = await roundabout();
  const { transport } = page.connection;
  transport.ask(1, 'Hi');
  transport.cancel(1, 0, CANCEL.BUTTON);
  await tryAgain(page);
  page.frames.splice(0);
  page.socket().heard();
  page.socket().welcome({ running: [{ turn: 1, n: 1, text: 4, audio: 0, resumed: true }] });
  assert.deepEqual(page.socket().heard(), ['CANCEL 1']);
  page.socket().say('TEXT', { turn: 1, text: 'More' });
  page.socket().say('CUT', { turn: 1, pos: 4 });
  page.socket().say('END', { turn: 1, pos: 4, flags: 2, audioMs: 0 });
  assert.deepEqual(page.frames, ['WELCOME', 'CUT 1']);
});

test('an answer that was stopped over HTTP and is over by then is not told again', async () => {
  const page = await roundabout();
  page.connection.transport.ask(1, 'Hi');
  page.connection.transport.cancel(1, 0, CANCEL.BUTTON);
  await tryAgain(page);
  page.frames.splice(0);
  page.socket().welcome();
  assert.deepEqual(page.frames, ['WELCOME']);
});

test('a mode that is set by name ends the looking', async () => {
  const page = await roundabout();
  page.connection.setMode('v1');
  assert.deepEqual(page.changes, []);
  page.connection.transport.ask(1, 'Hi');
  await settled();
  assert.deepEqual(page.asked, ['whole 1']);
  const tries = page.sockets.length;
  await page.pass(1_000_000);
  assert.equal(page.sockets.length, tries);
  page.connection.setMode('v2');
  await settled();
  assert.deepEqual(page.changes, ['v2 wanted']);
});

test('a page that went away looks for nothing until it comes back', async () => {
  const page = await roundabout();
  await tryAgain(page);
  page.connection.close(false);
  assert.equal(page.socket().readyState, 3);
  const tries = page.sockets.length;
  await page.pass(1_000_000);
  assert.equal(page.sockets.length, tries);
  page.connection.reopen();
  await settled();
  await page.pass(600_000);
  assert.equal(page.sockets.length, tries + 1);
});
