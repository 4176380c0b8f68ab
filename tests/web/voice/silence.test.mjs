/** When a microphone is said to hear nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Silence } from '../../../web/voice/silence.js';

const SPEECH = 0.1;
const ROOM = 0.003;

/** Levels ten times a second, as [level, seconds]; returns the seconds at which it lasts too long first. */
function lastsFrom(...course) {
  const silence = new Silence();
  silence.begin(0);
  let ms = 0;
  for (const [level, seconds] of course) {
    for (const end = ms + seconds * 1_000; ms < end; ms += 100) {
      silence.add(level, ms);
      if (silence.lasts(ms)) return ms / 1_000;
    }
  }
  return null;
}

test('three seconds without a voice are too long', () => {
  assert.equal(lastsFrom([ROOM, 5]), 3);
  assert.equal(lastsFrom([0, 5]), 3);
});

test('who was heard may think as long as the room is heard', () => {
  assert.equal(lastsFrom([ROOM, 2], [SPEECH, 1], [ROOM, 60]), null);
});

test('a line that falls dead after a voice is told of', () => {
  assert.equal(lastsFrom([SPEECH, 1], [0, 5]), 3.9);
});

test('a level that cannot be measured says nothing', () => {
  assert.equal(lastsFrom([null, 60]), null);
});

test('each recording begins anew', () => {
  const silence = new Silence();
  silence.begin(0);
  assert.ok(silence.lasts(3_000));
  silence.begin(3_000);
  assert.ok(!silence.lasts(5_900));
});
