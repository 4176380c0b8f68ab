import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Line } from '../../../web/line/line.js';
import { StoppedClock } from '../doubles.mjs';

function made() {
  const clock = new StoppedClock();
  const statuses = [];
  let tries = 0;
  const line = new Line({
    attempt: () => (tries += 1),
    status: (status) => statuses.push(status),
    clock,
    random: () => 0.5,
  });
  return { clock, line, statuses, tries: () => tries, last: () => statuses.at(-1) };
}

test('the first try comes at once', () => {
  const { line, tries, last } = made();
  line.begin();
  assert.equal(tries(), 1);
  assert.deepEqual(last(), { state: 'connecting', again: false });
});

test('the words count the seconds down to the next try', () => {
  const { line, clock, statuses, tries } = made();
  line.begin();
  line.lost();
  line.lost();
  statuses.splice(0);
  line.lost();
  clock.pass(4_000);
  assert.deepEqual(
    statuses.map(({ state, seconds }) => seconds ?? state),
    [4, 3, 2, 1, 'connecting'],
  );
  assert.equal(tries(), 2);
});

test('after five more tries it gives up and leaves the next round to the visitor', () => {
  const { line, clock, tries, last } = made();
  line.begin();
  for (let i = 0; i < 6; i += 1) {
    line.lost();
    clock.pass(40_000);
  }
  assert.equal(tries(), 6);
  assert.deepEqual(last(), { state: 'failed', reason: 'unreachable' });
  line.kick();
  assert.equal(tries(), 7);
});

test('a line that held begins its next round with a short wait', () => {
  const { line, clock, last } = made();
  line.begin();
  for (let i = 0; i < 4; i += 1) {
    line.lost();
    clock.pass(40_000);
  }
  line.held();
  line.lost();
  assert.equal(last().seconds, 1);
});

test('a kick while waiting tries at once, and the count begins anew', () => {
  const { line, tries, last } = made();
  line.begin();
  line.lost();
  line.lost();
  line.lost();
  line.kick();
  assert.equal(tries(), 2);
  line.lost();
  assert.equal(last().seconds, 1);
});

test('typing tries at once, but not with every key', () => {
  const { line, clock, tries } = made();
  line.begin();
  for (let i = 0; i < 10; i += 1) {
    line.lost();
    line.kick('typing');
  }
  assert.equal(tries(), 2);
  clock.pass(5_000);
  line.lost();
  line.kick('typing');
  assert.ok(tries() > 2);
});

test('a kick does nothing to a line that holds or tries', () => {
  const { line, tries } = made();
  line.begin();
  line.kick();
  line.held();
  line.kick();
  assert.equal(tries(), 1);
});

test('what was refused is not tried again by itself', () => {
  const { line, clock, tries } = made();
  line.begin();
  line.stop('failed', 'forbidden');
  line.kick();
  clock.pass(100_000);
  assert.equal(tries(), 1);
});

test('a chat that rests goes on with the next word', () => {
  const { line, clock, tries } = made();
  line.begin();
  line.stop('resting', 'idle');
  clock.pass(100_000);
  assert.equal(tries(), 1);
  line.kick('typing');
  assert.equal(tries(), 2);
});

test('a server that asks for patience gets it', () => {
  const { line, last } = made();
  line.begin();
  line.lost(7_000);
  assert.equal(last().seconds, 7);
});

test('a line that was closed during a try stays closed, whatever comes of the try', () => {
  for (const outcome of ['held', 'lost']) {
    const { line, clock, tries, last } = made();
    line.begin();
    line.close();
    line[outcome]();
    clock.pass(100_000);
    assert.equal(tries(), 1);
    assert.deepEqual(last(), { state: 'closed' });
  }
});
