/** Every word that the widget says. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { texts } from '../../../web/chat/texts.js';
import { PHASE } from '../../../web/wire/frames.js';

const words = texts('en');

test('every cause says what helps', () => {
  for (const [trouble, text] of Object.entries(words.microphone)) {
    assert.match(text, /try again|typing/i, trouble);
  }
});

test('nothing is left without words', () => {
  const walk = (value, path) => {
    if (typeof value === 'object')
      for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`);
    else if (!/phases\.[05]$/.test(path))
      assert.ok((typeof value === 'function' ? value(3) : value).length > 0, path);
  };
  walk(words, 'texts');
});

test('each phase of STATE that a visitor waits in has words', () => {
  for (const phase of ['LISTENING', 'TRANSCRIBING', 'THINKING', 'SPEAKING', 'QUEUED']) {
    assert.ok(words.phases[PHASE[phase]], phase);
  }
});

test('the worded faults are codes that the server has', () => {
  const errors = readFileSync(new URL('../../../voicechat/errors.py', import.meta.url), 'utf8');
  for (const code of Object.keys(words.faults))
    assert.ok(errors.includes(`code = "${code}"`) || errors.includes(`"${code}"`), code);
});

test('one of something is said in the singular', () => {
  assert.equal(words.charactersLeft(1), '1 character left');
  assert.equal(words.charactersLeft(0), '0 characters left');
  assert.equal(words.tooLong(1), '1 character too many');
  assert.match(words.recordingLimit(1), /1 second,/);
});
