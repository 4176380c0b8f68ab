import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ownNames } from '../../web/own-names.mjs';

const names = await ownNames(fileURLToPath(new URL('../..', import.meta.url)));

test('what only the widget’s classes call so is its own', () => {
  for (const name of ['goOnFrom', 'whenWritten', 'isAnother']) assert.ok(names.includes(name), name);
});

for (const [whose, foreign] of Object.entries({
  'a browser': ['focus', 'length', 'getSettings'],
  'the audio thread': ['process'],
  'the page': ['open', 'isOpen', 'playhead'],
  'the wire': ['text', 'turn', 'suggestions'],
  'the tables of words': ['secondsLeft', 'title', 'chosenGone'],
  'a text in quotes': ['recordingLimit', 'constructor'],
})) {
  test(`what ${whose} calls so is not`, () => {
    for (const name of foreign) assert.ok(!names.includes(name), name);
  });
}
