import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ownNames } from '../../web/own-names.mjs';

const names = await ownNames(fileURLToPath(new URL('../..', import.meta.url)));

for (const [whose, own] of Object.entries({
  'the widget’s classes call': ['goOnFrom', 'whenWritten', 'isAnother', 'scroller'],
  'the widget’s types call': ['playheadMs', 'announce', 'socketUrl', 'atLeastMs'],
  'the tables of words call': ['chosenGone', 'releaseToSend', 'phases'],
})) {
  test(`what only ${whose} so is its own`, () => {
    for (const name of own) assert.ok(names.includes(name), name);
  });
}

for (const [whose, foreign] of Object.entries({
  'a browser': ['focus', 'length', 'getSettings'],
  'the audio thread': ['process'],
  'the page': ['open', 'isOpen', 'playhead', 'hint', 'spoken'],
  'an attribute': ['held', 'consent'],
  'the wire': ['text', 'turn', 'suggestions', 'retry_after', 'frame_bytes', 'paid'],
  'a rule of plurals': ['one', 'other'],
  'a text in quotes': ['recordingLimit', 'constructor'],
})) {
  test(`what ${whose} calls so is not`, () => {
    for (const name of foreign) assert.ok(!names.includes(name), name);
  });
}
