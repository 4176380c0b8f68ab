import assert from 'node:assert/strict';
import { test } from 'node:test';

import { History } from '../../../web/chat/history.js';
import { Identity } from '../../../web/chat/identity.js';
import { Line } from '../../../web/line/line.js';
import { TransportV2 } from '../../../web/line/transport-v2.js';
import { CANCEL, END } from '../../../web/wire/frames.js';
import { random, ScriptedSocket, StoppedClock } from '../doubles.mjs';

function made(options = {}) {
  const clock = new StoppedClock();
  const history = new History();
  const identity = new Identity(null, 'x');
  const sockets = [];
  const frames = [];
  const statuses = [];
  const transport = new TransportV2({
    url: 'wss://bot.example/ws',
    connect: (url) => sockets[sockets.push(new ScriptedSocket(url)) - 1],
    emit: (frame) => frames.push(frame),
    line: (attempt) => new Line({ attempt, status: (status) => statuses.push(status), clock, random }),
    identity,
    history,
    frameBytes: 65_536,
    speech: true,
    language: 'en',
    clock,
    random,
    ...options,
  });
  return {
    clock,
    history,
    identity,
    transport,
    frames,
    sockets,
    status: () => statuses.at(-1),
    socket: () => sockets.at(-1),
    names: () => frames.splice(0).map(({ name }) => name),
  };
}

function connected(options) {
  const page = made(options);
  page.transport.open();
  page.socket().open();
  page.socket().heard();
  page.socket().welcome();
  page.frames.splice(0);
  return page;
}

test('HELLO says who the page is, what it takes and what it has', () => {
  const { transport, socket, identity, history } = made();
  history.adopt([{ n: 1, role: 'user', text: 'a', status: 'complete', heard: null }]);
  identity.chat = 'c_1.s';
  transport.open();
  socket().open();
  const [{ name, content }] = socket().said;
  assert.equal(name, 'HELLO');
  assert.deepEqual(content, {
    v: 1,
    tab: identity.tab,
    chat: 'c_1.s',
    audio_in: ['pcm16/16000', 'webm/opus', 'mp4/aac'],
    audio_out: ['pcm16/24000'],
    language: 'en',
    captions: true,
    have: 1,
    resume: [],
  });
});

test('without a voice on the server no sound is asked for', () => {
  const { transport, socket } = made({ speech: false });
  transport.open();
  socket().open();
  assert.deepEqual(socket().said[0].content.audio_out, []);
});

test('it is connected when WELCOME is there, and not before', () => {
  const { transport, socket, status, identity } = made();
  transport.open();
  socket().open();
  assert.equal(status().state, 'connecting');
  socket().welcome({ next_turn: 12 });
  assert.equal(status().state, 'connected');
  assert.equal(identity.chat, 'c_1.secret');
  assert.equal(identity.nextTurn(), 12);
});

test('a typed question goes out, and what comes back is handed on', () => {
  const { transport, socket, names } = connected();
  transport.ask(1, 'Wo ist Zoë?');
  assert.equal(socket().said.at(-1).text, 'Wo ist Zoë?');
  socket().say('ACCEPTED', { turn: 1, n: 1 });
  socket().say('TEXT', { turn: 1, text: 'Hier' });
  socket().say('AUDIO', { turn: 1, data: new Uint8Array(48) });
  socket().say('END', { turn: 1, pos: 4, flags: END.COMPLETE, audioMs: 1 });
  assert.deepEqual(names(), ['ACCEPTED', 'TEXT', 'AUDIO', 'END']);
});

test('types that the page does not know are skipped', () => {
  const { socket, names } = connected();
  socket().onmessage({ data: Uint8Array.of(0xfe, 1, 2, 3).buffer });
  assert.deepEqual(names(), []);
});

test('a question that has no answer is asked again on the next connection, under its number', () => {
  const { transport, socket, clock } = connected();
  transport.ask(1, 'Hi');
  socket().drop(1012);
  clock.pass(1_000);
  socket().open();
  assert.deepEqual(socket().said[0].content.resume, [{ turn: 1, text: 0, audio: 0 }]);
  socket().heard();
  socket().welcome();
  assert.deepEqual(socket().heard(), ['TEXT 1']);
});

test('an answer that runs is resumed from where it was, and not asked for again', () => {
  const { transport, socket, clock } = connected();
  transport.ask(1, 'Hi');
  socket().say('TEXT', { turn: 1, text: 'Grüße' });
  socket().say('AUDIO', { turn: 1, pos: 0, data: new Uint8Array(48 * 200) });
  socket().say('AUDIO', { turn: 1, pos: 200, data: new Uint8Array(48 * 100) });
  socket().drop();
  clock.pass(1_000);
  socket().open();
  assert.deepEqual(socket().said[0].content.resume, [{ turn: 1, text: 7, audio: 300 }]);
  socket().heard();
  socket().welcome({ running: [{ turn: 1, n: 1, text: 7, audio: 300, resumed: true }] });
  assert.deepEqual(socket().heard(), []);
});

/** Ask, lose the connection before the answer is there, and find it stored after so many seconds. */
function answeredMeanwhile(seconds, before = () => {}) {
  const { transport, socket, clock, history, names } = connected();
  history.ask(1, 'Hi', false);
  transport.ask(1, 'Hi');
  history.accept(1, 1);
  before(transport);
  socket().drop();
  clock.pass(seconds * 1_000);
  transport.kick('button');
  socket().open();
  socket().heard();
  names();
  const messages = [{ n: 2, role: 'assistant', text: 'Hello.', status: 'complete', heard: null }];
  socket().welcome({ history: { messages, more: false } });
  assert.deepEqual(socket().heard(), []);
  return names();
}

test('an answer that was completed meanwhile ends, and is not asked for again', () => {
  assert.deepEqual(answeredMeanwhile(3_600), ['WELCOME', 'END']);
});

test('its sound is lost where the server would have kept it, were it still the same', () => {
  assert.deepEqual(answeredMeanwhile(2), ['WELCOME', 'LOST', 'END']);
});

test('nothing is lost of an answer that was stopped', () => {
  const stop = (transport) => transport.cancel(1, 200, CANCEL.BUTTON);
  assert.deepEqual(answeredMeanwhile(2, stop), ['WELCOME', 'END']);
});

test('a question to be answered anew is said again until the server has it', () => {
  const { transport, socket, clock, history } = connected();
  history.ask(1, 'When?', false);
  history.accept(1, 1);
  history.anew(2, 1);
  transport.retry(2, 1);
  assert.deepEqual(socket().said.at(-1).content, { type: 'retry', n: 1, turn: 2 });
  for (const running of [[], [{ turn: 2, n: 1, text: 0, audio: 0, resumed: true }]]) {
    socket().drop();
    clock.pass(2_000);
    socket().open();
    socket().heard();
    const messages = [{ n: 2, role: 'assistant', text: 'From', status: 'interrupted', heard: null }];
    socket().welcome({ running, history: { messages, more: false } });
    assert.deepEqual(socket().heard(), running.length ? [] : ['EVENT 2']);
  }
});

test('a recording that lost its line half-way goes on from what the server has', () => {
  const { transport, socket, clock } = connected();
  const sink = transport.hear(1, 'webm/opus');
  sink.write(new Uint8Array(100));
  sink.write(new Uint8Array(50));
  assert.deepEqual(
    socket().said.map(({ pos, flags }) => [pos, flags]),
    [
      [0, 1],
      [100, 1],
    ],
  );
  socket().drop();
  sink.write(new Uint8Array(30));
  clock.pass(1_000);
  socket().open();
  sink.write(new Uint8Array(20));
  assert.deepEqual(socket().heard(), ['HELLO']);
  socket().welcome({ recordings: [{ turn: 1, bytes: 100 }] });
  sink.end();
  const sent = socket().said.map(({ name, pos, data }) => [name, pos, data?.length]);
  assert.deepEqual(sent, [
    ['AUDIO', 100, 50],
    ['AUDIO', 150, 30],
    ['AUDIO', 180, 20],
    ['AUDIO_END', 200, undefined],
  ]);
});

test('a recording fits into the largest frame that the server takes', () => {
  const { transport, socket } = connected({ frameBytes: 1_024 });
  transport.hear(1, 'pcm16/16000').write(new Uint8Array(3_000));
  assert.deepEqual(
    socket().said.map(({ data, pos }) => [data.length, pos]),
    [
      [1016, 0],
      [1016, 1016],
      [968, 2032],
    ],
  );
});

test('what is thrown away is never sent again', () => {
  const { transport, socket, clock } = connected();
  const sink = transport.hear(1, 'pcm16/16000');
  sink.write(new Uint8Array(3_200));
  sink.discard();
  assert.deepEqual(
    socket().said.map(({ name, flags }) => [name, flags]),
    [
      ['AUDIO', 0],
      ['AUDIO_END', 1],
    ],
  );
  socket().drop();
  clock.pass(1_000);
  socket().open();
  socket().heard();
  socket().welcome();
  assert.deepEqual(socket().heard(), ['AUDIO_END 1']);
});

test('after CANCEL nothing of the answer is handed on but its end', () => {
  const { transport, socket, names } = connected();
  transport.ask(1, 'Hi');
  socket().heard();
  transport.cancel(1, 912.4, CANCEL.BUTTON);
  const { name, pos, flags } = socket().said[0];
  assert.deepEqual([name, pos, flags], ['CANCEL', 912, CANCEL.BUTTON]);
  socket().say('TEXT', { turn: 1, text: 'more' });
  socket().say('AUDIO', { turn: 1, data: new Uint8Array(48) });
  socket().say('MARK', { turn: 1, spans: [] });
  socket().say('CUT', { turn: 1, pos: 3 });
  socket().say('END', { turn: 1, flags: END.CUT, audioMs: 0 });
  assert.deepEqual(names(), ['CUT', 'END']);
});

test('a CANCEL that was lost is sent again', () => {
  const { transport, socket, clock } = connected();
  transport.ask(1, 'Hi');
  socket().drop();
  transport.cancel(1, 0, CANCEL.BUTTON);
  clock.pass(1_000);
  socket().open();
  socket().heard();
  socket().welcome({ running: [{ turn: 1, n: 1, text: 0, audio: 0, resumed: true }] });
  assert.deepEqual(socket().heard(), ['CANCEL 1']);
});

test('silence while something is awaited is asked after, and taken for a loss', () => {
  const { transport, socket, clock, sockets } = connected();
  transport.ask(1, 'Hi');
  socket().heard();
  clock.pass(9_999);
  assert.deepEqual(socket().heard(), []);
  clock.pass(1);
  assert.deepEqual(socket().heard(), ['PING']);
  clock.pass(4_000);
  assert.equal(sockets[0].readyState, 3);
  clock.pass(1_000);
  assert.equal(sockets.length, 2);
});

test('a PONG is a sign of life', () => {
  const { transport, socket, clock, sockets } = connected();
  transport.ask(1, 'Hi');
  clock.pass(10_000);
  socket().say('PONG', { nonce: 1 });
  clock.pass(9_000);
  assert.equal(sockets.length, 1);
});

test('a chat in which nothing is awaited is not kept awake', () => {
  const { socket, clock } = connected();
  clock.pass(600_000);
  assert.deepEqual(socket().heard(), []);
});

test('coming online asks whether the connection still stands', () => {
  const { transport, socket } = connected();
  transport.kick('online');
  assert.deepEqual(socket().heard(), ['PING']);
});

test('a connection that neither opens nor fails is given up', () => {
  const { transport, clock, sockets } = made();
  transport.open();
  clock.pass(10_000);
  clock.pass(1_000);
  assert.equal(sockets.length, 2);
});

test('a page that was replaced stays away until the visitor wants it back', () => {
  const { transport, socket, clock, status, sockets } = connected();
  socket().drop(4409);
  clock.pass(100_000);
  assert.equal(sockets.length, 1);
  assert.deepEqual(status(), { state: 'resting', reason: 'replaced' });
  transport.kick('button');
  assert.equal(sockets.length, 2);
});

test('a chat whose secret is wrong is left for a new one', () => {
  const { socket, clock, identity } = connected();
  socket().drop(4401);
  clock.pass(1_000);
  socket().open();
  assert.equal(socket().said[0].content.chat, undefined);
  socket().welcome({ chat: 'c_2.other' });
  assert.equal(identity.chat, 'c_2.other');
});

test('a site that is not let in is not tried again', () => {
  const { transport, socket, clock, status, sockets } = connected();
  socket().drop(4403);
  transport.kick('button');
  clock.pass(100_000);
  assert.equal(sockets.length, 1);
  assert.equal(status().state, 'failed');
});

test('GOAWAY is followed at a moment of the page’s own', () => {
  const { socket, clock, sockets } = connected();
  socket().say('GOAWAY', { content: { seconds: 20, reason: 'restart' } });
  clock.pass(9_999);
  assert.equal(sockets.length, 1);
  clock.pass(1_001);
  assert.equal(sockets.length, 2);
});

test('a chat that was forgotten is told, and the question goes into the new one', () => {
  const { transport, socket, clock, frames, identity } = connected();
  transport.ask(1, 'Hi');
  socket().drop();
  clock.pass(1_000);
  socket().open();
  socket().heard();
  frames.splice(0);
  socket().welcome({ chat: 'c_2.other' });
  assert.equal(frames[0].content.anew, true);
  assert.equal(identity.chat, 'c_2.other');
  assert.deepEqual(socket().heard(), ['TEXT 1']);
});

test('a muted page says so on every connection', () => {
  const { transport, socket, clock } = connected();
  transport.set({ mute: true });
  assert.deepEqual(socket().said[0].content, { mute: true });
  socket().drop();
  clock.pass(1_000);
  socket().open();
  socket().heard();
  socket().welcome();
  assert.deepEqual(socket().heard(), ['SET']);
});

test('whoever leaves for good says BYE', () => {
  const { transport, socket } = connected();
  const last = socket();
  transport.close(true);
  assert.deepEqual(last.heard(), ['BYE']);
  assert.equal(last.readyState, 3);
});

test('an answer that was stopped before its question arrived ends as cut', () => {
  const { transport, socket, clock, frames } = connected();
  socket().drop();
  transport.ask(1, 'Hi');
  transport.cancel(1, 0, CANCEL.BUTTON);
  clock.pass(1_000);
  socket().open();
  socket().heard();
  socket().welcome();
  assert.deepEqual(socket().heard(), []);
  const { name, turn, flags } = frames.at(-1);
  assert.deepEqual([name, turn, flags], ['END', 1, END.CUT]);
});

test('closing forgets the numbers of other tabs’ turns, which the next connection gives anew', () => {
  const { transport, history } = connected();
  history.overhear(0x8000, 1, 'theirs');
  transport.close();
  assert.equal(history.answer(0x8000), undefined);
});
