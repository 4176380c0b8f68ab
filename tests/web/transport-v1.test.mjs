import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Api } from '../../web/api.js';
import { END } from '../../web/frames.js';
import { Identity } from '../../web/identity.js';
import { TransportV1 } from '../../web/transport-v1.js';
import { settled, StoppedClock } from './doubles.mjs';

const config = { modes: ['v1'], warming: [] };

/**
 * A server of a few lines: `routes` answer by path, with [status, body], an error, or a promise of
 * either; a body may be a stream.
 */
function made(routes = {}) {
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
    const stream = content instanceof ReadableStream;
    return new Response(stream ? content : JSON.stringify(content), { status, headers: answerHeaders });
  });
  const clock = new StoppedClock();
  const identity = new Identity(null, 'x');
  const frames = [];
  const statuses = [];
  const transport = new TransportV1({
    api,
    config,
    emit: (frame) => frames.push(frame),
    status: (status) => statuses.push(status),
    identity,
    speech: true,
    language: 'en',
    clock,
    random: () => 0.5,
  });
  return { transport, clock, identity, frames, requests, status: () => statuses.at(-1), routes: known };
}

async function connected(routes) {
  const page = made(routes);
  page.transport.open();
  await settled();
  page.frames.splice(0);
  page.requests.splice(0);
  return page;
}

const offline = () => {
  throw new TypeError('Failed to fetch');
};

test('opening makes no request that the page has made already', async () => {
  const { transport, requests, status } = made();
  transport.open();
  await settled();
  assert.equal(status().state, 'connected');
  assert.deepEqual(requests, []);
});

test('the first message mints a chat, and every one has a key that makes a resend safe', async () => {
  const { transport, requests, identity } = await connected();
  transport.ask(1, 'Hi');
  await settled();
  transport.ask(2, 'And?');
  await settled();
  assert.deepEqual(
    requests.map(({ path }) => path),
    ['api/chats', 'api/message', 'api/message'],
  );
  assert.deepEqual(requests[1].body, { id: 'c_1.s', message: 'Hi', language: 'en', speech: true });
  assert.equal(requests[2].headers['Idempotency-Key'], `${identity.tab}:2`);
});

test('a reply is told in the frames of mode v2', async () => {
  const reply = {
    answer: 'From nine.',
    transcript: 'When?',
    audio: btoa('mp3'),
    sources: [{ title: 'Hours', url: '/hours' }],
  };
  const { transport, frames } = await connected({ 'api/message': () => [200, reply] });
  const sink = transport.hear(1, 'webm/opus');
  sink.write(Uint8Array.of(1, 2));
  sink.write(Uint8Array.of(3));
  sink.end();
  await settled();
  assert.deepEqual(
    frames.map(({ name }) => name),
    ['STATE', 'TRANSCRIPT', 'EVENT', 'CLIP', 'TEXT', 'END'],
  );
  assert.equal(new TextDecoder().decode(frames[3].data), 'mp3');
  assert.equal(frames[5].flags, END.COMPLETE);
});

test('a recording goes as base64 with its kind', async () => {
  const { transport, requests } = await connected();
  const sink = transport.hear(1, 'mp4/aac');
  sink.write(Uint8Array.of(1, 2));
  sink.write(Uint8Array.of(3));
  sink.end();
  await settled();
  assert.equal(requests[1].body.audio, btoa('\x01\x02\x03'));
  assert.equal(requests[1].body.mime, 'audio/mp4');
});

test('speech that failed leaves the answer', async () => {
  const reply = { answer: 'Yes.', audio_error: { code: 'provider_failed', message: 'no' } };
  const { transport, frames } = await connected({ 'api/message': () => [200, reply] });
  transport.ask(1, 'Hi');
  await settled();
  assert.deepEqual(
    frames.map(({ name }) => name),
    ['STATE', 'FAULT', 'TEXT', 'END'],
  );
  assert.equal(frames[3].flags, END.COMPLETE | END.UNSAID);
});

test('a refusal ends the turn with its code', async () => {
  const error = { error: { code: 'busy', message: 'wait' } };
  const { transport, frames } = await connected({
    'api/message': () => [429, error, { 'Retry-After': '5' }],
  });
  transport.ask(1, 'Hi');
  await settled();
  assert.deepEqual(frames[1].content, { code: 'busy', message: 'wait', retry_after: 5, fatal: false });
  assert.equal(frames[2].flags, END.FAILED);
});

test('a question that the network swallowed is asked again under its key when there is one', async () => {
  const page = await connected({ 'api/message': offline });
  page.transport.ask(1, 'Hi');
  await settled();
  assert.equal(page.status().state, 'waiting');
  assert.deepEqual(
    page.frames.map(({ name }) => name),
    ['STATE'],
  );
  page.routes['api/message'] = () => [200, { answer: 'Hello.' }];
  page.clock.pass(1_000);
  await settled();
  const keys = page.requests
    .filter(({ path }) => path === 'api/message')
    .map(({ headers }) => headers['Idempotency-Key']);
  assert.deepEqual(keys, [`${page.identity.tab}:1`, `${page.identity.tab}:1`]);
  assert.deepEqual(page.frames.map(({ name }) => name).slice(-2), ['TEXT', 'END']);
});

test('a key that is in use elsewhere is tried again after a second', async () => {
  const error = { error: { code: 'key_in_use', message: 'open' } };
  const page = await connected({ 'api/message': () => [409, error] });
  page.transport.ask(1, 'Hi');
  await settled();
  page.routes['api/message'] = () => [200, { answer: 'Hello.' }];
  page.clock.pass(1_000);
  await settled();
  assert.equal(page.frames.at(-1).name, 'END');
});

test('a chat that was forgotten is told, and the question goes into a new one', async () => {
  const page = await connected();
  page.transport.ask(1, 'Hi');
  await settled();
  page.routes['api/message'] = ({ body }) =>
    body.id === 'c_2.s' ? [200, { answer: 'Anew.' }] : [404, { error: { code: 'chat_gone', message: '' } }];
  page.routes['api/chats'] = () => [200, { chat: 'c_2.s', next_turn: 1 }];
  page.frames.splice(0);
  page.transport.ask(2, 'Still there?');
  await settled();
  await settled();
  assert.deepEqual(
    page.frames.map(({ name }) => name),
    ['STATE', 'WELCOME', 'TEXT', 'END'],
  );
  assert.equal(page.frames[1].content.anew, true);
  assert.equal(page.identity.chat, 'c_2.s');
});

test('two questions to a chat that was forgotten go into one new chat', async () => {
  const page = await connected();
  page.transport.ask(1, 'Hi');
  await settled();
  let minted = 1;
  page.routes['api/message'] = ({ body }) =>
    body.id === 'c_1.s' ? [404, { error: { code: 'chat_gone', message: '' } }] : [200, { answer: body.id }];
  page.routes['api/chats'] = () => [200, { chat: `c_${(minted += 1)}.s`, next_turn: 1 }];
  page.frames.splice(0);
  page.transport.ask(2, 'One');
  page.transport.ask(3, 'Two');
  for (let i = 0; i < 5; i += 1) await settled();
  assert.deepEqual(
    page.frames.filter(({ name }) => name === 'TEXT').map(({ text }) => text),
    ['c_2.s', 'c_2.s'],
  );
  assert.equal(page.frames.filter(({ name }) => name === 'WELCOME').length, 1);
});

test('a reloaded page gets its history and its next turn', async () => {
  const messages = [{ n: 1, role: 'user', text: 'Hi', status: 'complete', heard: null }];
  const page = made({
    'api/messages': () => [200, { messages, more: false }],
    'api/chats': ({ headers }) => [200, { chat: headers.Authorization.slice(7), next_turn: 5 }],
  });
  page.identity.chat = 'c_9.s';
  page.transport.open();
  await settled();
  assert.deepEqual(page.frames[0].content.history.messages, messages);
  assert.equal(page.requests.at(-1).headers.Authorization, 'Bearer c_9.s');
  assert.equal(page.identity.nextTurn(), 5);
});

test('stopping before the answer is there ends the request', async () => {
  const page = await connected({ 'api/message': () => new Promise(() => {}) });
  page.transport.ask(1, 'Hi');
  await settled();
  page.transport.cancel(1);
  assert.ok(page.requests.at(-1).signal.aborted);
  assert.equal(page.frames.at(-1).flags, END.CUT);
});

test('a muted page asks for no speech', async () => {
  const { transport, requests } = await connected();
  transport.mute(true);
  transport.ask(1, 'Hi');
  await settled();
  assert.equal(requests[1].body.speech, false);
});

test('an answer that broke off half-way is asked for again under its key', async () => {
  const page = await connected();
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"answer": "Hel'));
      controller.error(new TypeError('network error'));
    },
  });
  page.routes['api/message'] = () => [200, broken];
  page.transport.ask(1, 'Hi');
  await settled();
  assert.equal(page.status().state, 'waiting');
  page.routes['api/message'] = () => [200, { answer: 'Hello.' }];
  page.clock.pass(1_000);
  await settled();
  assert.deepEqual(page.frames.map(({ name }) => name).slice(-2), ['TEXT', 'END']);
});

test('a page that went away and came back asks again what has no answer', async () => {
  const page = await connected({ 'api/message': () => new Promise(() => {}) });
  page.transport.ask(1, 'Hi');
  await settled();
  page.transport.close();
  assert.ok(page.requests.at(-1).signal.aborted);
  page.routes['api/message'] = () => [200, { answer: 'Hello.' }];
  page.transport.open();
  await settled();
  assert.deepEqual(page.frames.map(({ name }) => name).slice(-2), ['TEXT', 'END']);
  assert.equal(page.requests.at(-1).headers['Idempotency-Key'], `${page.identity.tab}:1`);
});

test('what a closed transport still finds out is told to nobody', async () => {
  const page = made();
  page.identity.chat = 'c_1.s';
  page.transport.open();
  page.transport.close();
  await settled();
  assert.deepEqual(page.frames, []);
  assert.equal(page.status().state, 'closed');
});
