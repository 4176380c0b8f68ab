/** The events of a streamed answer, wherever the network cuts them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventsOf } from '../../../web/line/event-stream.js';

const STREAM =
  'event: text\ndata: {"text":"Zoë: 2 €"}\n\n: keep-alive\n\nevent: audio\ndata: {"audio":"bXAz"}\n\nevent: end\ndata: {}\n\n';

/** What is read of `pieces`, each a packet. */
async function read(...pieces) {
  const body = ReadableStream.from(pieces);
  const events = [];
  for await (const { name, content } of eventsOf(body)) events.push([name, content]);
  return events;
}

test('events are read wherever they are cut, in the middle of a character too', async () => {
  const bytes = new TextEncoder().encode(STREAM);
  const whole = [
    ['text', { text: 'Zoë: 2 €' }],
    ['audio', { audio: 'bXAz' }],
    ['end', {}],
  ];
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    assert.deepEqual(await read(bytes.slice(0, cut), bytes.slice(cut)), whole, `cut at ${cut}`);
  }
  assert.deepEqual(await read(...[...bytes].map((byte) => Uint8Array.of(byte))), whole);
});

test('what is not complete is no event', async () => {
  assert.deepEqual(await read(new TextEncoder().encode('event: text\ndata: {"te')), []);
});

test('who reads no further lets go of the response', async () => {
  let isCancelled = false;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(STREAM)),
    cancel: () => void (isCancelled = true),
  });
  for await (const { name } of eventsOf(body)) if (name === 'text') break;
  assert.ok(isCancelled);
});
