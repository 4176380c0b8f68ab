/** Where each piece of sound goes on the audio clock. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Schedule } from '../../../web/voice/schedule.js';

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
