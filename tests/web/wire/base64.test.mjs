/** Bytes as base64. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fromBase64, toBase64 } from '../../../web/wire/base64.js';

test('base64 carries more bytes than a call stack holds', () => {
  const bytes = Uint8Array.from({ length: 200_001 }, (_, i) => i * 7);
  assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'));
  assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
});
