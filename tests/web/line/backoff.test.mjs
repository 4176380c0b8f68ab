/** How long to wait before trying again. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TRIES, waitMs } from '../../../web/line/backoff.js';

test('the wait doubles from one second to thirty', () => {
  const middle = Array.from({ length: 8 }, (_, i) => waitMs(i + 1, () => 0.5));
  assert.deepEqual(
    middle,
    [1, 2, 4, 8, 16, 30, 30, 30].map((seconds) => seconds * 1_000),
  );
  assert.equal(TRIES, 5);
});

test('chance moves the wait by a quarter, and never past the longest', () => {
  assert.equal(
    waitMs(1, () => 0),
    750,
  );
  assert.ok(waitMs(1, () => 0.999) < 1_250);
  assert.equal(
    waitMs(9, () => 0.999),
    30_000,
  );
});
