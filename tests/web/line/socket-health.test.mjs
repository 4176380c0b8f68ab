/** What a WebSocket's failing means. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SocketHealth } from '../../../web/line/socket-health.js';
import { settled, StoppedClock } from '../doubles.mjs';

const CONFIG = { modes: ['v1', 'v2'] };

function made(options = {}) {
  const clock = new StoppedClock();
  const page = { clock, isReached: true, asked: 0, blocked: 0, lasted: 0 };
  page.health = new SocketHealth({
    clock,
    reached: async () => {
      page.asked += 1;
      return page.isReached ? CONFIG : null;
    },
    blocked: () => (page.blocked += 1),
    lasted: () => (page.lasted += 1),
    ...options,
  });
  /** A socket that fails, or lives for a while first. */
  page.fail = async (code = 1006, livedMs = null) => {
    page.health.tried();
    if (livedMs !== null) {
      page.health.held();
      clock.pass(livedMs);
    }
    page.health.lost(code);
    await settled();
  };
  return page;
}

test('two failures where HTTP is answered say that no WebSocket gets through', async () => {
  const page = made();
  await page.fail();
  assert.equal(page.blocked, 0);
  await page.fail();
  assert.equal(page.blocked, 1);
});

test('a server that is away is no proxy’s doing, however often it is tried', async () => {
  const page = made();
  page.isReached = false;
  for (let i = 0; i < 10; i += 1) await page.fail();
  assert.equal(page.blocked, 0);
});

test('a server that comes back between a failure and the question over HTTP is given one more try', async () => {
  const page = made();
  page.isReached = false;
  await page.fail();
  page.isReached = true;
  await page.fail();
  assert.equal(page.blocked, 0);
  page.health.tried();
  page.health.held();
  page.clock.pass(10_000);
  await page.fail();
  assert.equal(page.blocked, 0);
});

test('four seconds without an answer are enough by themselves', async () => {
  const page = made();
  page.health.tried();
  page.clock.pass(3_000);
  await settled();
  page.clock.pass(999);
  assert.equal(page.blocked, 0);
  page.clock.pass(1);
  assert.equal(page.blocked, 1);
});

test('sockets that are cut within seconds count as failures, and older ones do not', async () => {
  const young = made();
  await young.fail(1006, 9_999);
  await young.fail(1006, 500);
  assert.equal(young.blocked, 1);
  const old = made();
  for (let i = 0; i < 5; i += 1) await old.fail(1006, 10_000);
  assert.equal(old.blocked, 0);
  assert.equal(old.asked, 0);
  assert.equal(old.lasted, 5);
});

test('a failure is forgotten when a socket lasts', async () => {
  const page = made();
  await page.fail();
  await page.fail(1006, 10_000);
  await page.fail();
  assert.equal(page.blocked, 0);
});

test('what the server itself closes has got through', async () => {
  const page = made();
  for (const code of [1001, 1011, 1012, 1013, 4403, 4429, 4503]) {
    await page.fail(code);
    await page.fail(code, 100);
  }
  assert.equal(page.asked, 0);
});

test('a socket that opens while HTTP is asked, or within a second after, is used', async () => {
  for (const isLate of [false, true]) {
    let answer = () => {};
    const page = made({ reached: () => new Promise((resolve) => (answer = () => resolve(CONFIG))) });
    page.health.tried();
    page.clock.pass(7_000);
    if (!isLate) page.health.held();
    answer();
    await settled();
    page.clock.pass(999);
    if (isLate) page.health.held();
    page.clock.pass(100_000);
    assert.equal(page.blocked, 0);
  }
});

test('what is found out of one try is not held against the next', async () => {
  let answer = () => {};
  const page = made({ reached: () => new Promise((resolve) => (answer = () => resolve(CONFIG))) });
  page.health.tried();
  page.clock.pass(3_000);
  page.health.lost(1001);
  page.health.tried();
  answer();
  await settled();
  page.clock.pass(2_000);
  assert.equal(page.blocked, 0);
});

test('where they were blocked before one more failure says it all', async () => {
  const page = made({ isDoubtful: true });
  await page.fail(1006, 100);
  assert.equal(page.blocked, 1);
});

test('nothing is found out for a page that left', async () => {
  const page = made({ isDoubtful: true });
  page.health.tried();
  page.health.lost(1006);
  page.health.stop();
  await settled();
  page.clock.pass(100_000);
  assert.equal(page.blocked, 0);
});
