/** What ends a recording from outside, and what passes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Interruptions } from '../../../web/voice/interruptions.js';
import { StoppedClock } from '../doubles.mjs';

function watched() {
  const clock = new StoppedClock();
  const ends = [];
  return { clock, ends, interruptions: new Interruptions(clock, (why) => ends.push(why)) };
}

test('silence from the system ends a recording after a second', () => {
  const { clock, ends, interruptions } = watched();
  interruptions.lasts('muted', true);
  clock.pass(999);
  assert.deepEqual(ends, []);
  clock.pass(1);
  assert.deepEqual(ends, ['muted']);
});

test('what passes in time ends nothing, and begins anew the next time', () => {
  const { clock, ends, interruptions } = watched();
  interruptions.lasts('hidden', true);
  clock.pass(4_900);
  interruptions.lasts('hidden', false);
  clock.pass(60_000);
  interruptions.lasts('hidden', true);
  clock.pass(4_900);
  assert.deepEqual(ends, []);
  clock.pass(100);
  assert.deepEqual(ends, ['hidden']);
});

test('a recording ends once', () => {
  const { clock, ends, interruptions } = watched();
  interruptions.lasts('muted', true);
  interruptions.lasts('hidden', true);
  interruptions.end('unplugged');
  interruptions.end('failed');
  clock.pass(60_000);
  assert.deepEqual(ends, ['unplugged']);
});

test('a recording that the visitor has ended is not interrupted any more', () => {
  const { clock, ends, interruptions } = watched();
  interruptions.lasts('muted', true);
  interruptions.stop();
  interruptions.lasts('hidden', true);
  interruptions.end('unplugged');
  clock.pass(60_000);
  assert.deepEqual(ends, []);
});
