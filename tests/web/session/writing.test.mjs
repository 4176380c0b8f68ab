/** Writing an answer out in step with its speech. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { written } from '../../../web/session/writing.js';

test('writing goes word by word and never ahead of the word that is spoken', () => {
  const text = 'We open at nine, every day.';
  const seen = Array.from({ length: 101 }, (_, i) => text.slice(0, written(text, i / 100)));
  assert.equal(seen[0], 'We');
  assert.equal(seen[100], text);
  for (const [i, part] of seen.entries()) {
    assert.ok(part.length >= Math.floor((text.length * i) / 100));
    assert.ok(part === text || text[part.length] === ' ', part);
  }
});

test('writing without spaces does not tear a character apart', () => {
  const text = '😀'.repeat(60);
  for (let i = 0; i <= 100; i += 1) assert.equal(written(text, i / 100) % 2, 0);
});

test('writing stands whole when all was heard, and at its beginning before', () => {
  assert.equal(written('one two', 1), 7);
  assert.equal(written('one two', 5), 7);
  assert.equal(written('one two', -1), 3);
});
