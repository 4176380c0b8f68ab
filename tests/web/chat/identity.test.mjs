import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Identity } from '../../../web/chat/identity.js';
import { MemoryStorage } from '../doubles.mjs';

test('a tab is 128 random bits in base64url', () => {
  const tabs = Array.from({ length: 50 }, () => new Identity(null, 'x').tab);
  for (const tab of tabs) assert.match(tab, /^[\w-]{22}$/);
  assert.equal(new Set(tabs).size, 50);
});

test('nothing is stored before the first message', () => {
  const storage = new MemoryStorage();
  const identity = new Identity(storage, 'x');
  identity.chat = 'c_1.s';
  identity.leave([0]);
  assert.equal(storage.entries.size, 0);
});

test('a reloaded page goes on as the same tab, in the same chat, with the next turn', () => {
  const storage = new MemoryStorage();
  const before = new Identity(storage, 'x');
  before.chat = 'c_1.s';
  assert.equal(before.nextTurn(), 1);
  before.keep();
  before.leave([0]);
  const after = new Identity(storage, 'x');
  assert.equal(after.chat, 'c_1.s');
  assert.equal(after.tab, before.tab);
  assert.equal(after.nextTurn(), 2);
});

test('a duplicated browser tab has the chat and a tab of its own', () => {
  const storage = new MemoryStorage();
  const first = new Identity(storage, 'x');
  first.keep();
  first.chat = 'c_1.s';
  const second = new Identity(storage, 'x');
  assert.equal(second.chat, 'c_1.s');
  assert.notEqual(second.tab, first.tab);
});

test('the server may move the turns forward, never back', () => {
  const identity = new Identity(null, 'x');
  identity.goOnFrom(7);
  identity.goOnFrom(3);
  assert.equal(identity.nextTurn(), 7);
});

test('after the last turn there is a new tab', () => {
  const identity = new Identity(null, 'x');
  const { tab } = identity;
  identity.goOnFrom(0x7fff);
  assert.equal(identity.nextTurn(), 0x7fff);
  assert.equal(identity.tab, tab);
  assert.equal(identity.nextTurn(), 1);
  assert.notEqual(identity.tab, tab);
});

test('storage that is full, forbidden or spoilt is no obstacle', () => {
  const full = {
    getItem: () => '{"chat": 7',
    setItem: () => {
      throw new Error('full');
    },
  };
  const identity = new Identity(full, 'x');
  identity.keep();
  identity.leave([0]);
  assert.equal(identity.chat, null);
});

test('a chat that was forgotten leaves nothing in storage, whatever still comes of it', () => {
  const storage = new MemoryStorage();
  const identity = new Identity(storage, 'x');
  identity.chat = 'c_1.secret';
  identity.keep();
  assert.equal(storage.entries.size, 1);
  identity.forget();
  identity.chat = 'c_2.secret';
  identity.leave([0]);
  assert.equal(storage.entries.size, 0);
});

/** A page that left `left` in `storage`. */
function goneFrom(storage, left) {
  const before = new Identity(storage, 'x');
  before.chat = 'c_1.s';
  before.keep();
  before.leave(left);
  return before;
}

test('a page goes on with what the page before left, once', async () => {
  const storage = new MemoryStorage();
  const { tab } = goneFrom(storage, [2, [3, 'When?', 0]]);
  const page = new Identity(storage, 'x');
  assert.equal(page.tab, tab);
  assert.deepEqual(await page.claim(), [2, [3, 'When?', 0]]);
  assert.equal(await page.claim(), null);
});

test('what was written before there was a chat is left to the next page, too', async () => {
  const storage = new MemoryStorage();
  const before = new Identity(storage, 'x');
  before.keep();
  before.leave([0, [1, 'When?', 0]]);
  const after = new Identity(storage, 'x');
  assert.equal(after.chat, null);
  assert.deepEqual(await after.claim(), [0, [1, 'When?', 0]]);
});

test('a page that comes back as it was has what the pages after it left', async () => {
  const storage = new MemoryStorage();
  const page = goneFrom(storage, [0]);
  const next = new Identity(storage, 'x');
  await next.claim();
  next.leave([0, [7, 'And?', 0]]);
  page.comeBack();
  assert.deepEqual(await page.claim(), [0, [7, 'And?', 0]]);
});

/** Locks as a browser gives them to all pages of an origin; who waits gives up when its time is over. */
function locksOf() {
  const held = new Map();
  const request = async (name, { signal }, hold) => {
    while (held.has(name)) {
      const over = new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)));
      await Promise.race([held.get(name), over]);
    }
    const holding = hold();
    held.set(name, holding);
    await holding;
    held.delete(name);
  };
  return { request, held };
}

test('of two pages with one tab the first goes on as it, and the other has the chat alone', async () => {
  const storage = new MemoryStorage();
  const copy = new MemoryStorage();
  const { tab } = goneFrom(storage, [2, [3, 'When?', 0]]);
  copy.entries = new Map(storage.entries);
  const locks = locksOf();
  const page = new Identity(storage, 'x');
  const twin = new Identity(copy, 'x');
  assert.deepEqual(await page.claim(locks), [2, [3, 'When?', 0]]);
  // The time after which the twin gives up keeps no process alive.
  const alive = setInterval(() => {}, 1_000);
  assert.equal(await twin.claim(locks), null);
  clearInterval(alive);
  assert.equal(page.tab, tab);
  assert.notEqual(twin.tab, tab);
  assert.equal(twin.chat, 'c_1.s');
});

test('a page that leaves lets the next one have its tab', async () => {
  const storage = new MemoryStorage();
  const { tab } = goneFrom(storage, [0]);
  const locks = locksOf();
  for (let pages = 0; pages < 3; pages += 1) {
    const page = new Identity(storage, 'x');
    await page.claim(locks);
    assert.equal(page.tab, tab);
    assert.equal(locks.held.size, 1);
    page.leave([0]);
  }
});

test('what was not claimed yet is left to the next page', async () => {
  const storage = new MemoryStorage();
  goneFrom(storage, [2, [3, 'When?', 0]]);
  new Identity(storage, 'x').leave([0, [4, 'And?', 0]]);
  assert.deepEqual(await new Identity(storage, 'x').claim(locksOf()), [2, [3, 'When?', 0], [4, 'And?', 0]]);
});

test('a tab that nobody had before needs no lock', async () => {
  const locks = locksOf();
  await new Identity(new MemoryStorage(), 'x').claim(locks);
  assert.equal(locks.held.size, 0);
});
