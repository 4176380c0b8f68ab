/** The waterfall of one answer: which bars there are, and where they lie. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bars } from '../../../web/debug/stages.js';

const SPOKEN = {
  upload: -3000,
  accepted: 1,
  begun: 2,
  transcript: 300,
  first_text: 700,
  first_clause: 750,
  first_sound: 900,
  first_sent: 901,
  first_heard: 1000,
  whole_text: 1500,
  whole_sound: 6000,
  end: 6001,
};

test('a spoken answer has a bar for each stage, in their order, with when it was over', () => {
  assert.deepEqual(
    bars(SPOKEN).map(({ label, ms }) => [label, ms]),
    [
      ['Upload', 3000],
      ['Hearing', 300],
      ['First token', 700],
      ['First clause', 750],
      ['First sound', 900],
      ['Sent', 901],
      ['Heard', 1000],
      ['Whole text', 1500],
      ['Whole sound', 6000],
    ],
  );
});

test('each bar begins where the one before it is over, all on one axis', () => {
  const [upload, hearing, token, clause, sound, sent, heard] = bars(SPOKEN);
  // The axis ends at 1150 ms and the recording takes at most a fifth of that before 0.
  const share = (ms) => (ms + 230) / (1150 + 230);
  const near = (one, other) => assert.ok(Math.abs(one - other) < 1e-9, `${one} is not ${other}`);
  near(upload.start, 0);
  near(upload.end, share(0));
  near(hearing.start, share(2));
  near(token.start, hearing.end);
  near(clause.start, token.end);
  near(sound.start, clause.end);
  near(sent.start, sound.end);
  near(heard.start, sent.end);
  near(heard.end, share(1000));
});

test('what ends after the first sound was heard runs out of the axis', () => {
  const [text, sound] = bars(SPOKEN).slice(-2);
  assert.deepEqual([text.end, sound.end], [1, 1]);
  assert.ok(text.start < sound.start && sound.start < 1);
});

test('a typed answer without sound has neither upload nor sound', () => {
  const at = { accepted: 1, begun: 1, first_text: 40, whole_text: 90, end: 91 };
  assert.deepEqual(
    bars(at).map(({ label }) => label),
    ['First token', 'Whole text'],
  );
});

test('the wait for earlier questions is told where there was one', () => {
  const [queue, token] = bars({ accepted: 1, begun: 800, first_text: 900, end: 1000 });
  assert.deepEqual([queue.label, queue.ms], ['Queue', 800]);
  assert.equal(token.start, queue.end);
});

test('an answer that failed at once has no bars', () => {
  assert.deepEqual(bars({ accepted: 0, begun: 0, end: 0 }), []);
});

test('a stage that is over before the one in front of it has a bar without a length', () => {
  const [, token] = bars({ ...SPOKEN, upload: undefined, transcript: 300, first_text: 100 });
  assert.equal(token.label, 'First token');
  assert.equal(token.start, token.end);
});
