/** The conversation as a text. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { json, transcript } from '../../../web/panel/transcript.js';

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

test('as JSON it has what a program may rely on, and nothing else of the page', () => {
  const sources = ['/hours', 'https://shop.example/map'].map((url) => ({ title: 'Hours', url }));
  const message = { n: 2, role: 'assistant', text: 'From nine.', at: 1_700_000_000, sources, turn: 7 };
  const { turn, ...told } = JSON.parse(JSON.stringify(message));
  // Wherever the program runs, it finds the pages.
  told.sources[0].url = 'https://bot.example/hours';
  assert.deepEqual(JSON.parse(json([message], 'https://bot.example/')), [told]);
});
