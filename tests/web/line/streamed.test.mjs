/** Mode v1 piece by piece: text as it comes, speech by sentences, and what a break makes of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CANCEL, END, PHASE } from '../../../web/wire/frames.js';
import { connectedInV1, settled } from '../doubles.mjs';

const EVENTS = { 'Content-Type': 'text/event-stream' };

const encoded = (events) =>
  new TextEncoder().encode(
    events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join(''),
  );

/** A stream that the test writes. */
function script() {
  let controller;
  const body = new ReadableStream({ start: (one) => void (controller = one) });
  return {
    answer: () => [200, body, EVENTS],
    say: async (...events) => {
      controller.enqueue(encoded(events));
      await settled();
    },
    close: () => controller.close(),
    fail: () => controller.error(new TypeError('network error')),
  };
}

const streamed = (routes) => connectedInV1(routes, { streams: true });

/** What was told, in short: name, place, text. */
const told = (frames) =>
  frames.splice(0).map(({ name, pos, text }) => (text ? `${name} ${pos} ${text}` : `${name} ${pos}`));

test('a page that wants the answer whole asks for no stream, and one that wants it piece by piece does', async () => {
  for (const [streams, accept] of [
    [true, 'text/event-stream'],
    [false, undefined],
  ]) {
    const { transport, requests } = await connectedInV1({}, { streams });
    transport.ask(1, 'Hi');
    await settled();
    assert.equal(requests.at(-1).headers.Accept, accept);
  }
});

test('each piece is told as it comes', async () => {
  const { answer, say } = script();
  const { transport, frames } = await streamed({ 'api/message': answer });
  const sink = transport.hear(1, 'webm/opus');
  sink.write(Uint8Array.of(1));
  sink.end();
  await settled();
  assert.deepEqual(told(frames), ['STATE 0']);
  await say(['transcript', { text: 'When?' }]);
  assert.deepEqual(
    frames.map(({ flags }) => flags),
    [1, PHASE.THINKING],
  );
  assert.deepEqual(told(frames), ['TRANSCRIPT 0 When?', 'STATE 0']);
  await say(['text', { text: 'Für ' }], ['text', { text: 'alle.' }]);
  assert.deepEqual(told(frames), ['TEXT 0 Für ', 'TEXT 5 alle.']);
  await say(['audio', { audio: btoa('one') }], ['audio', { audio: btoa('two') }]);
  assert.equal(new TextDecoder().decode(frames[1].data), 'two');
  assert.deepEqual(told(frames), ['SENTENCE 0', 'SENTENCE 1']);
  await say(['end', { sources: [{ title: 'Hours', url: '/hours' }], audio_error: { code: 'provider_failed' } }]);
  assert.equal(frames.at(-1).flags, END.COMPLETE | END.UNSAID);
  assert.deepEqual(told(frames), ['EVENT 0', 'FAULT 0', 'TEXT 10', 'END 10']);
});

test('a stream that breaks is asked for again under its key, and told from its start', async () => {
  const broken = script();
  const page = await streamed({ 'api/message': broken.answer });
  page.transport.ask(1, 'Hi');
  await settled();
  await broken.say(['text', { text: 'Hel' }], ['audio', { audio: btoa('one') }]);
  broken.fail();
  await settled();
  assert.equal(page.status().state, 'waiting');
  page.frames.splice(0);
  const whole = script();
  page.routes['api/message'] = whole.answer;
  page.clock.pass(1_000);
  await settled();
  await whole.say(['text', { text: 'Hello.' }], ['audio', { audio: btoa('one') }], ['end', {}]);
  assert.deepEqual(told(page.frames), ['WELCOME 0', 'TEXT 0 Hello.', 'SENTENCE 0', 'TEXT 6', 'END 6']);
  const keys = page.requests.map(({ headers }) => headers['Idempotency-Key']).filter(Boolean);
  assert.deepEqual(keys, [`${page.identity.tab}:1`, `${page.identity.tab}:1`]);
});

test('a stream that ends too early, or that a proxy has written into, is asked for again', async () => {
  const early = script();
  const spoilt = () => [200, 'event: text\ndata: <html>\n\n', EVENTS];
  for (const answer of [early.answer, spoilt]) {
    const page = await streamed({ 'api/message': answer });
    page.transport.ask(1, 'Hi');
    await settled();
    if (answer === early.answer) early.close();
    await settled();
    assert.equal(page.status().state, 'waiting');
    page.routes['api/message'] = () => [200, encoded([['end', {}]]), EVENTS];
    page.clock.pass(1_000);
    await settled();
    assert.equal(page.frames.at(-1).name, 'END');
  }
});

test('an error in the middle ends the turn with its code', async () => {
  const { answer, say } = script();
  const { transport, frames } = await streamed({ 'api/message': answer });
  transport.ask(1, 'Hi');
  await settled();
  await say(['text', { text: 'Hel' }], ['error', { error: { code: 'provider_failed', message: 'no' } }]);
  assert.equal(frames.at(-2).content.code, 'provider_failed');
  assert.equal(frames.at(-1).flags, END.FAILED);
});

test('where what is on the way turns the stream into JSON, or all of it comes at once, the answer is there', async () => {
  const json = await streamed({ 'api/message': () => [200, { answer: 'Hello.', audio: btoa('mp3') }] });
  json.transport.ask(1, 'Hi');
  await settled();
  assert.deepEqual(told(json.frames), ['STATE 0', 'CLIP 0', 'TEXT 0 Hello.', 'END 6']);
  const once = script();
  const buffered = await streamed({ 'api/message': once.answer });
  buffered.transport.ask(1, 'Hi');
  await settled();
  await once.say(['text', { text: 'Hel' }], ['text', { text: 'lo.' }], ['end', {}]);
  assert.deepEqual(told(buffered.frames), ['STATE 0', 'TEXT 0 Hel', 'TEXT 3 lo.', 'TEXT 6', 'END 6']);
});

test('after a stop nothing more is told', async () => {
  const { answer, say } = script();
  const { transport, frames, requests } = await streamed({ 'api/message': answer });
  transport.ask(1, 'Hi');
  await settled();
  transport.cancel(1, 0, CANCEL.BUTTON);
  frames.splice(0);
  await say(['text', { text: 'Hel' }], ['end', {}]);
  assert.ok(requests.find(({ path }) => path === 'api/message').signal.aborted);
  assert.deepEqual(frames, []);
});

test('an answer that was stopped is remembered until a later question stops it on the server', async () => {
  const { transport } = await streamed({ 'api/message': () => new Promise(() => {}) });
  transport.ask(4, 'Hi');
  transport.cancel(4, 120, CANCEL.BUTTON);
  assert.deepEqual(transport.stopped, [{ turn: 4, heardMs: 120, reason: CANCEL.BUTTON }]);
  transport.ask(5, 'And?');
  assert.deepEqual(transport.stopped, []);
});

test('raw sound goes as a WAV file, and another transport can have it as it was', async () => {
  const { transport, requests } = await streamed({ 'api/message': () => new Promise(() => {}) });
  const sink = transport.hear(1, 'pcm16/16000');
  sink.write(Uint8Array.of(1, 2, 3, 4));
  sink.end();
  await settled();
  const { audio, mime } = requests.at(-1).body;
  const file = Buffer.from(audio, 'base64');
  assert.equal(mime, 'audio/wav');
  assert.equal(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16), 'RIFFWAVEfmt ');
  assert.deepEqual([4, 24, 28, 40].map((at) => file.readUInt32LE(at)), [40, 16_000, 32_000, 4]);
  assert.deepEqual([...file.subarray(44)], [1, 2, 3, 4]);
  const bytes = Uint8Array.of(1, 2, 3, 4);
  assert.deepEqual(transport.unanswered, [{ turn: 1, recording: { format: 'pcm16/16000', bytes } }]);
});

test('a stream that a stopping server ends is asked for again when it says', async () => {
  const stream = script();
  const page = await streamed({ 'api/message': stream.answer });
  page.transport.ask(1, 'Hi');
  await settled();
  await stream.say(['error', { error: { code: 'unavailable', message: 'It starts again.', retry_after: 2 } }]);
  assert.deepEqual(page.status(), { state: 'waiting', seconds: 2 });
});
