/** What a screen reader is told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { takeSentences } from '../../../web/panel/announcer.js';

test('growing text is announced by whole sentences', () => {
  const said = [];
  let rest = '';
  for (const piece of ['We op', 'en at 9.30 a.m', '. Come', ' in! He said', ' “yes.” Then\n', 'done']) {
    const taken = takeSentences(rest + piece);
    said.push(...taken.sentences);
    rest = taken.rest;
  }
  assert.deepEqual(said, ['We open at 9.30 a.m.', 'Come in!', 'He said “yes.”', 'Then']);
  assert.deepEqual(takeSentences(`${rest}\n`), { sentences: ['done'], rest: '' });
});
