/** Sentences of speech, in order, each once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Sentences } from '../../../web/session/sentences.js';
import { settled } from '../doubles.mjs';

const MS = 48;

/** A decoder whose answers the test gives, and what was played. */
function made() {
  const played = [];
  const decoding = [];
  const sentences = new Sentences(
    (turn, posMs, pcm) => played.push([turn, posMs, pcm.length / MS]),
    () => new Promise((resolve, reject) => decoding.push({ resolve, reject })),
  );
  const give = async (ms) => {
    decoding.shift().resolve(new Uint8Array(ms * MS));
    await settled();
  };
  const fail = async () => {
    decoding.shift().reject(new Error('no sound'));
    await settled();
  };
  const add = async (turn, index) => {
    sentences.add(turn, index, Uint8Array.of(index));
    await settled();
  };
  return { sentences, played, decoding, give, fail, add };
}

test('each begins where the one before it ends, and long ones come in pieces', async () => {
  const { played, add, give } = made();
  await add(1, 0);
  await add(1, 1);
  await give(2_300);
  await give(500);
  assert.deepEqual(played, [
    [1, 0, 1_000],
    [1, 1_000, 1_000],
    [1, 2_000, 300],
    [1, 2_300, 500],
  ]);
});

test('no piece is longer than the player’s sums are exact', () => {
  // As the player does it: a piece whose end is rounded up would keep the next one out.
  for (let ms = 1; ms <= 1_000; ms += 1) assert.ok(((ms * 24) / 24_000) * 1_000 <= ms);
});

test('one is decoded after the other', async () => {
  const { decoding, add, give } = made();
  await add(1, 0);
  await add(1, 1);
  assert.equal(decoding.length, 1);
  await give(10);
  assert.equal(decoding.length, 1);
});

test('what does not make a whole millisecond is left out, and so is what can’t be decoded', async () => {
  const { played, decoding, add, give, fail } = made();
  await add(1, 0);
  await add(1, 1);
  await add(1, 2);
  decoding.shift().resolve(new Uint8Array(10 * MS + 46));
  await settled();
  await fail();
  await give(5);
  assert.deepEqual(played, [
    [1, 0, 10],
    [1, 10, 5],
  ]);
});

test('an answer that is sent again begins again', async () => {
  const { played, add, give } = made();
  await add(1, 0);
  await give(10);
  await add(1, 0);
  await add(1, 1);
  await give(10);
  await give(20);
  assert.deepEqual(played, [
    [1, 0, 10],
    [1, 0, 10],
    [1, 10, 20],
  ]);
});

test('it is complete when the last one was handed on', async () => {
  const { sentences, add, give } = made();
  let isComplete = false;
  await add(1, 0);
  sentences.complete(1, () => (isComplete = true));
  await settled();
  assert.equal(isComplete, false);
  assert.deepEqual(sentences.turns, [1]);
  await give(10);
  assert.equal(isComplete, true);
  assert.deepEqual(sentences.turns, []);
  sentences.complete(2, () => (isComplete = 'at once'));
  assert.equal(isComplete, 'at once');
});

test('what was stopped while it was decoded does not sound, and is not completed', async () => {
  const { sentences, played, add, give } = made();
  await add(1, 0);
  sentences.complete(1, () => assert.fail('completed'));
  sentences.stop(1);
  await give(10);
  assert.deepEqual(played, []);
});
