/** What a screen reader is told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sentences } from '../../../web/panel/announcer.js';

test('growing text is announced by whole sentences', () => {
  const said = [];
  let text = '';
  let told = 0;
  for (const piece of ['We op', 'en at 9.30 a.m', '. Come', ' in! He said', ' “yes.” Then\n', 'done']) {
    text += piece;
    for (const sentence of sentences(text.slice(told))) {
      told += sentence.length;
      said.push(sentence.trim());
    }
  }
  assert.deepEqual(said, ['We open at 9.30 a.m.', 'Come in!', 'He said “yes.”', 'Then']);
  assert.deepEqual(sentences(`${text.slice(told)}\n`), ['done\n']);
});

test('languages without spaces between their sentences have sentences, too', () => {
  assert.deepEqual(sentences('九時から。六時まで。どう'), ['九時から。', '六時まで。']);
});

test('a text of many marks and no end is looked through once', () => {
  assert.deepEqual(sentences(`Contents ${'.'.repeat(100_000)}7`), []);
  assert.deepEqual(sentences(`What${'?!'.repeat(50_000)} Well${'”'.repeat(100_000)}`).length, 1);
});
