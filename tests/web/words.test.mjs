import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { troubleAhead, troubleOf } from '../../web/microphone-trouble.js';
import { PHASE } from '../../web/frames.js';
import { texts } from '../../web/texts.js';

const words = texts('en');

const page = (changes) => ({ secure: true, present: true, allowed: true, framed: false, ...changes });

test('the causes of a silent microphone are told apart', () => {
  const causes = [
    ['TypeError', page({ secure: false, present: false }), 'insecure'],
    ['TypeError', page({ present: false }), 'unsupported'],
    ['NotAllowedError', page({ allowed: false }), 'policy'],
    ['NotAllowedError', page({ allowed: false, framed: true }), 'frame'],
    ['NotAllowedError', page({ allowed: null, framed: true }), 'frame'],
    ['NotAllowedError', page({ framed: true }), 'denied'],
    ['NotAllowedError', page({}), 'denied'],
    ['NotFoundError', page({}), 'missing'],
    ['NotReadableError', page({}), 'busy'],
    ['AbortError', page({}), 'busy'],
    ['Whatever', page({}), 'failed'],
  ];
  for (const [name, probes, trouble] of causes) assert.equal(troubleOf(name, probes), trouble);
});

test('what can be known before asking is said before asking', () => {
  assert.equal(troubleAhead(page({})), null);
  assert.equal(troubleAhead(page({ allowed: null })), null);
  assert.equal(troubleAhead(page({ secure: false })), 'insecure');
});

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
  const errors = readFileSync(new URL('../../voicechat/errors.py', import.meta.url), 'utf8');
  for (const code of Object.keys(words.faults))
    assert.ok(errors.includes(`code = "${code}"`) || errors.includes(`"${code}"`), code);
});
