/** Where each piece of sound goes on the audio clock. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HeadStart, Schedule } from '../../../web/voice/schedule.js';

test('pieces of sound join at whole samples', () => {
  const schedule = new Schedule(24_000);
  const starts = Array.from({ length: 50 }, (_, i) => schedule.place(i * 100, 100, 1.000_01));
  for (const [i, at] of starts.entries()) {
    assert.ok(Math.abs(at * 24_000 - Math.round(at * 24_000)) < 1e-6);
    assert.equal(Math.round((at - starts[0]) * 24_000), i * 2_400);
  }
});

test('a piece that was scheduled before is not scheduled again', () => {
  const schedule = new Schedule(24_000);
  schedule.place(0, 200, 0);
  assert.equal(schedule.place(0, 200, 0), null);
  assert.equal(schedule.place(100, 100, 0), null);
  assert.notEqual(schedule.place(200, 200, 0), null);
});

test('a piece that comes too late starts soon, and those after it shift alike', () => {
  const schedule = new Schedule(24_000);
  schedule.place(0, 100, 0);
  const late = schedule.place(100, 100, 5);
  assert.ok(late > 5 && late < 5.1);
  assert.equal(Math.round((schedule.place(200, 100, 5) - late) * 24_000), 2_400);
});

test('the playhead follows the clock, stands still in a gap, and ends with the sound', () => {
  const schedule = new Schedule(24_000);
  const at = schedule.place(0, 100, 0);
  assert.equal(schedule.playheadMs(0), 0);
  assert.equal(Math.round(schedule.playheadMs(at + 0.05)), 50);
  assert.equal(schedule.playheadMs(at + 3), 100);
  assert.ok(schedule.ranOut(at + 3));
  const next = schedule.place(100, 100, at + 3);
  assert.equal(schedule.playheadMs(at + 3), 100);
  assert.equal(Math.round(schedule.playheadMs(next + 0.02)), 120);
  assert.ok(!schedule.ranOut(next + 0.02));
});

test('sound that goes on from the middle counts from there', () => {
  const schedule = new Schedule(24_000);
  const at = schedule.place(4_000, 100, 2);
  assert.equal(schedule.playheadMs(2), 4_000);
  assert.equal(Math.round(schedule.playheadMs(at + 0.05)), 4_050);
});

/** Play an answer in pieces of 100 ms; `late`: how many of them come after the one before has ended. */
function play(head, late) {
  const schedule = new Schedule(24_000, head);
  let end = schedule.place(0, 100, 0) + 0.1;
  for (let i = 1; i <= 5; i += 1) {
    const now = i <= late ? end + 1 : end - 0.05;
    end = schedule.place(i * 100, 100, now) + 0.1;
  }
  return schedule;
}

test('what ran out waits longer the next time, within bounds, and less again once all went well', () => {
  const head = new HeadStart();
  const first = head.seconds;
  assert.ok(play(head, 2).hadGaps);
  assert.ok(Math.abs(head.seconds - first - 0.04) < 1e-9);
  const schedule = new Schedule(24_000, head);
  assert.ok(schedule.place(0, 100, 7) >= 7 + head.seconds);
  for (let i = 0; i < 20; i += 1) play(head, 5);
  assert.equal(head.seconds, 0.3);
  assert.ok(!play(head, 0).hadGaps);
  head.learn(false);
  assert.ok(head.seconds < 0.3);
  for (let i = 0; i < 20; i += 1) head.learn(false);
  assert.equal(head.seconds, first);
});

test('the silence behind an answer is no gap in it', () => {
  const head = new HeadStart();
  const schedule = new Schedule(24_000, head);
  schedule.place(0, 100, 0);
  assert.ok(schedule.ranOut(60));
  assert.ok(!schedule.hadGaps);
  assert.equal(head.seconds, new HeadStart().seconds);
});
