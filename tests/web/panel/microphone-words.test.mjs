/** What is said above a recording, and the time on it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { timeFor, wordsFor } from '../../../web/panel/microphone-words.js';

/** Each text is its own key. */
const TEXTS = {
  askingLong: 'askingLong',
  releaseToSend: 'releaseToSend',
  releaseToDiscard: 'releaseToDiscard',
  cannotHear: 'cannotHear',
  chosenGone: 'chosenGone',
  recordingEnded: { unplugged: 'unplugged' },
  sendOrDiscard: 'sendOrDiscard',
};

const voice = (changes) => ({
  state: 'recording',
  ended: null,
  held: '',
  isAskingLong: false,
  isChosenGone: false,
  ...changes,
});

test('the most pressing is said', () => {
  const cases = [
    [voice({}), false, ''],
    [voice({ state: 'asking' }), false, ''],
    [voice({ state: 'asking', isAskingLong: true, held: 'send' }), false, 'askingLong'],
    [voice({ held: 'send', isChosenGone: true }), false, 'releaseToSend'],
    [voice({ held: 'send' }), true, 'cannotHear'],
    [voice({ held: 'discard' }), true, 'releaseToDiscard'],
    [voice({ isChosenGone: true }), false, 'chosenGone'],
    [voice({ state: 'kept', ended: 'unplugged', held: 'send' }), true, 'unplugged sendOrDiscard'],
    [voice({ state: 'sending', isChosenGone: true }), false, ''],
  ];
  for (const [state, isSilent, words] of cases) assert.equal(wordsFor(state, isSilent, TEXTS), words);
});

test('the time counts up, and down in the last ten seconds', () => {
  assert.deepEqual(timeFor(0, 119.7), { time: '0:00', isEnding: false });
  assert.deepEqual(timeFor(65.9, 53.8), { time: '1:05', isEnding: false });
  assert.deepEqual(timeFor(109.6, 10.1), { time: '1:49', isEnding: false });
  assert.deepEqual(timeFor(109.7, 10), { time: '−0:10', isEnding: true });
  assert.deepEqual(timeFor(119.6, 0.1), { time: '−0:01', isEnding: true });
  assert.deepEqual(timeFor(119.7, 0), { time: '−0:00', isEnding: true });
});
