/** The conversation as a text. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { transcript } from '../../../web/panel/transcript.js';

const names = { you: 'Sie', assistant: 'Assistent' };

test('each message is a paragraph with who said it, and a note stands for itself', () => {
  const said = transcript(
    [
      { role: 'user', text: 'Hi' },
      { role: 'assistant', text: 'Hello.\n\n- one' },
      { role: 'note', text: 'A new one.' },
    ],
    names,
  );
  assert.equal(said, 'Sie: Hi\n\nAssistent: Hello.\n\n- one\n\nA new one.\n');
});

test('what has no words is left out', () => {
  assert.equal(transcript([{ role: 'user', text: '' }], names), '');
});
