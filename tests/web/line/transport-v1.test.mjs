/** Mode v1: a request for each question, and what a lost line or a proxy makes of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CANCEL, END } from '../../../web/wire/frames.js';
import { config, connectedInV1, pageInV1, settled } from '../doubles.mjs';

const offline = () => {
  throw new TypeError('Failed to fetch');
};

const keysOf = ({ requests }) =>
  requests.filter(({ path }) => path === 'api/message').map(({ headers }) => headers['Idempotency-Key']);

test('opening makes no request that the page has made already', async () => {
  const { transport, requests, status } = pageInV1();
  transport.open();
  await settled();
  assert.equal(status().state, 'connected');
  assert.deepEqual(requests, []);
});

test('a reply is told in the frames of mode v2', async () => {
  const reply = {
    answer: 'From nine.',
    transcript: 'When?',
    audio: btoa('mp3'),
    sources: [{ title: 'Hours', url: '/hours' }],
  };
  const { transport, frames } = await connectedInV1({ 'api/message': () => [200, reply] });
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
  const { transport, requests } = await connectedInV1();
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
  const { transport, frames } = await connectedInV1({ 'api/message': () => [200, reply] });
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
  const { transport, frames } = await connectedInV1({
    'api/message': () => [429, error, { 'Retry-After': '5' }],
  });
  transport.ask(1, 'Hi');
  await settled();
  assert.deepEqual(frames[1].content, { code: 'busy', message: 'wait' });
  assert.equal(frames[2].flags, END.FAILED);
});

test('a question that the network swallowed is asked again under its key when there is one', async () => {
  const page = await connectedInV1({ 'api/message': offline });
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
  assert.deepEqual(keysOf(page), [`${page.identity.tab}:1`, `${page.identity.tab}:1`]);
  assert.deepEqual(page.frames.map(({ name }) => name).slice(-2), ['TEXT', 'END']);
});

const proxyError = (status) => () => [status, `<html><h1>${status} Bad Gateway</h1></html>`];

for (const status of [502, 503, 504]) {
  test(`a proxy that answers ${status} in the server’s place is a lost line, and the question is asked again`, async () => {
    const page = await connectedInV1({ 'api/message': proxyError(status), 'api/config': proxyError(status) });
    page.transport.ask(1, 'Hi');
    await settled();
    assert.equal(page.status().state, 'waiting');
    page.clock.pass(1_000);
    await settled();
    assert.equal(page.status().state, 'waiting');
    page.routes['api/config'] = () => [200, config];
    page.routes['api/message'] = () => [200, { answer: 'Hello.' }];
    page.clock.pass(2_000);
    await settled();
    assert.deepEqual(keysOf(page), [`${page.identity.tab}:1`, `${page.identity.tab}:1`]);
    assert.deepEqual(
      page.frames.map(({ name }) => name),
      ['STATE', 'WELCOME', 'TEXT', 'END'],
    );
  });
}

test('the waits between such tries grow, and the sixth failure is the question’s end', async () => {
  const page = await connectedInV1({ 'api/message': proxyError(504) });
  const waits = [];
  page.transport.ask(1, 'Hi');
  for (;;) {
    await settled();
    if (page.status().state === 'connected') break;
    const sent = keysOf(page).length;
    let seconds = 0;
    for (; keysOf(page).length === sent; seconds += 1) {
      page.clock.pass(1_000);
      await settled();
    }
    waits.push(seconds);
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16]);
  assert.equal(new Set(keysOf(page)).size, 1);
  assert.equal(page.frames.at(-2).content.code, 'provider_failed');
  assert.equal(page.frames.at(-1).flags, END.FAILED);
});

test('a proxy’s wish when to come back is heeded', async () => {
  const page = await connectedInV1({
    'api/message': () => [503, 'maintenance', { 'Retry-After': '7' }],
  });
  page.transport.ask(1, 'Hi');
  await settled();
  assert.deepEqual(page.status(), { state: 'waiting', seconds: 7 });
});

const STOPPING = { error: { code: 'unavailable', message: 'This server starts again.' } };

test('of a server that is about to stop the next one is asked, under the same key', async () => {
  const page = await connectedInV1({ 'api/message': () => [503, STOPPING, { 'Retry-After': '2' }] });
  page.transport.ask(1, 'Hi');
  await settled();
  assert.deepEqual(page.status(), { state: 'waiting', seconds: 2 });
  page.routes['api/message'] = () => [200, { answer: 'Hello.' }];
  page.clock.pass(2_000);
  await settled();
  assert.deepEqual(keysOf(page), [`${page.identity.tab}:1`, `${page.identity.tab}:1`]);
  assert.equal(page.frames.at(-1).flags, END.COMPLETE);
});

test('one that goes on stopping is no server in the end, in its own words', async () => {
  const page = await connectedInV1({ 'api/message': () => [503, STOPPING, { 'Retry-After': '2' }] });
  page.transport.ask(1, 'Hi');
  for (let tries = 0; tries < 6; tries += 1) {
    await settled();
    page.clock.pass(20_000);
  }
  await settled();
  assert.equal(page.frames.at(-2).content.code, 'unavailable');
  assert.equal(page.frames.at(-1).flags, END.FAILED);
});

test('what says not when to come back is the question’s end', async () => {
  const page = await connectedInV1({ 'api/message': () => [503, STOPPING] });
  page.transport.ask(1, 'Hi');
  await settled();
  assert.equal(page.frames.at(-1).flags, END.FAILED);
});

test('what is asked while earlier questions go out goes out after them', async () => {
  const page = await connectedInV1({ 'api/message': proxyError(502) });
  page.transport.ask(1, 'One');
  page.transport.ask(2, 'Two');
  await settled();
  page.requests.splice(0);
  const answer = [];
  page.routes['api/message'] = () => new Promise((then) => answer.push(then));
  page.clock.pass(2_000);
  await settled();
  page.transport.ask(3, 'Three');
  while (answer.length) {
    answer.pop()([200, { answer: 'Yes.' }]);
    await settled();
  }
  const asked = page.requests.filter(({ path }) => path === 'api/message').map(({ body }) => body.message);
  assert.deepEqual(asked, ['One', 'Two', 'Three']);
});

test('an error of the server’s own is no proxy’s', async () => {
  const error = { error: { code: 'provider_timeout', message: 'slow' } };
  const { transport, frames, status } = await connectedInV1({ 'api/message': () => [504, error] });
  transport.ask(1, 'Hi');
  await settled();
  assert.equal(status().state, 'connected');
  assert.equal(frames[1].content.code, 'provider_timeout');
});

test('a key that is in use elsewhere is tried again after a second', async () => {
  const error = { error: { code: 'key_in_use', message: 'open' } };
  const page = await connectedInV1({ 'api/message': () => [409, error] });
  page.transport.ask(1, 'Hi');
  await settled();
  page.routes['api/message'] = () => [200, { answer: 'Hello.' }];
  page.clock.pass(1_000);
  await settled();
  assert.equal(page.frames.at(-1).name, 'END');
});

test('questions that are asked again after a lost line go one after the other', async () => {
  const page = await connectedInV1({ 'api/message': offline });
  page.transport.ask(1, 'One');
  page.transport.ask(2, 'Two');
  await settled();
  page.requests.splice(0);
  let answer = () => {};
  page.routes['api/message'] = () =>
    new Promise((resolve) => (answer = () => resolve([200, { answer: 'Hello.' }])));
  page.clock.pass(1_000);
  await settled();
  assert.deepEqual(keysOf(page), [`${page.identity.tab}:1`]);
  answer();
  await settled();
  assert.deepEqual(keysOf(page), [`${page.identity.tab}:1`, `${page.identity.tab}:2`]);
});

test('stopping before the answer is there ends the request, and the engine', async () => {
  const page = await connectedInV1({ 'api/message': () => new Promise(() => {}), 'api/events': () => [204] });
  page.transport.ask(1, 'Hi');
  await settled();
  page.transport.cancel(1, 120.4, CANCEL.BUTTON);
  const [asked, stopped] = page.requests.slice(-2);
  assert.ok(asked.signal.aborted);
  assert.equal(stopped.path, 'api/events');
  assert.deepEqual(stopped.body, { type: 'cancel', tab: page.identity.tab, turn: 1, pos: 120, reason: CANCEL.BUTTON });
  assert.equal(page.frames.at(-1).flags, END.CUT);
  await settled();
});

test('where the server does not hear of it nothing is said', async () => {
  const page = await connectedInV1({ 'api/message': () => new Promise(() => {}), 'api/events': () => [503] });
  page.transport.ask(1, 'Hi');
  await settled();
  page.transport.cancel(1, 0, CANCEL.BUTTON);
  const count = page.frames.length;
  await settled();
  assert.equal(page.frames.length, count);
});

test('what waits in a chat that was erased is not asked in another', async () => {
  const page = await connectedInV1({ 'api/message': () => [404, { error: { code: 'chat_erased', message: '' } }] });
  page.transport.ask(1, 'Hi');
  await settled();
  assert.deepEqual(page.frames.at(-1).content, { type: 'erased' });
  assert.equal(keysOf(page).length, 1);
});

test('a question after one that was stopped waits for nothing', async () => {
  const page = await connectedInV1({ 'api/message': () => new Promise(() => {}) });
  page.transport.ask(1, 'Hi');
  await settled();
  page.transport.cancel(1);
  page.transport.ask(2, 'And?');
  await settled();
  assert.equal(page.requests.at(-1).headers['Idempotency-Key'], `${page.identity.tab}:2`);
});

test('a question that was stopped before there was a chat is not sent', async () => {
  const page = await connectedInV1();
  page.transport.ask(1, 'Hi');
  page.transport.cancel(1);
  page.transport.ask(2, 'And?');
  await settled();
  const sent = page.requests.filter(({ path, signal }) => path === 'api/message' && !signal.aborted);
  assert.deepEqual(
    sent.map(({ body }) => body.message),
    ['And?'],
  );
});

test('a muted page asks for no speech', async () => {
  const { transport, requests } = await connectedInV1();
  transport.set({ mute: true });
  transport.ask(1, 'Hi');
  await settled();
  assert.equal(requests[1].body.speech, false);
});

test('an answer that broke off half-way is asked for again under its key', async () => {
  const page = await connectedInV1();
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
  const page = await connectedInV1({ 'api/message': () => new Promise(() => {}) });
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
  const page = pageInV1();
  page.identity.chat = 'c_1.s';
  page.transport.open();
  page.transport.close();
  await settled();
  assert.deepEqual(page.frames, []);
  assert.equal(page.status().state, 'closed');
});

test('a server that lets the page in no more fails what was asked, and is not asked again', async () => {
  const refusal = { error: { code: 'origin_refused', message: 'Pages of this origin may not.' } };
  const { transport, clock, frames, requests, status } = await connectedInV1({
    'api/message': () => [403, refusal],
  });
  transport.ask(1, 'Hi');
  transport.ask(2, 'And?');
  await settled();
  assert.deepEqual(status(), { state: 'failed', reason: 'forbidden' });
  const ends = frames.filter(({ name }) => name === 'END');
  assert.deepEqual(
    ends.map(({ turn, flags }) => [turn, flags]),
    [
      [1, END.FAILED],
      [2, END.FAILED],
    ],
  );
  const asked = requests.length;
  for (const why of ['online', 'seen', 'typing', 'button']) transport.kick(why);
  clock.pass(1_000_000);
  await settled();
  assert.equal(requests.length, asked);
});

test('a page that comes back to a server that refuses it by then tries no more', async () => {
  const { transport, clock, requests, status, routes } = await connectedInV1({ 'api/message': offline });
  routes['api/config'] = () => [403, { error: { code: 'origin_refused', message: 'No.' } }];
  transport.ask(1, 'Hi');
  await settled();
  clock.pass(2_000);
  await settled();
  assert.deepEqual(status(), { state: 'failed', reason: 'forbidden' });
  const asked = requests.length;
  clock.pass(1_000_000);
  assert.equal(requests.length, asked);
});
