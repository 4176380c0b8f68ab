/** What a WebSocket’s closing means. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { verdict } from '../../../web/line/closing.js';

test('close codes say whether to come back', () => {
  for (const code of [1001, 1006, 1012, 1013, 4401, 4429, 4503])
    assert.equal(verdict(code).next, 'again', String(code));
  for (const code of [1003, 1009, 4400, 4403]) assert.equal(verdict(code).next, 'failed', String(code));
  for (const code of [4408, 4409]) assert.equal(verdict(code).next, 'resting', String(code));
});
