/** Why a microphone stays silent. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { troubleOf } from '../../../web/voice/microphone-trouble.js';

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

