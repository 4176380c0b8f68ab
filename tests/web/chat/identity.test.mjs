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

test('a page goes on with what the page before left, once', () => {
  const storage = new MemoryStorage();
  const { tab } = goneFrom(storage, [2, [3, 'When?', 0]]);
  const page = new Identity(storage, 'x');
  assert.equal(page.tab, tab);
  assert.deepEqual(page.takeLeft(), [2, [3, 'When?', 0]]);
  assert.equal(page.takeLeft(), null);
});

test('what was written before there was a chat is left to the next page, too', () => {
  const storage = new MemoryStorage();
  const before = new Identity(storage, 'x');
  before.keep();
  before.leave([0, [1, 'When?', 0]]);
  const after = new Identity(storage, 'x');
  assert.equal(after.chat, null);
  assert.deepEqual(after.takeLeft(), [0, [1, 'When?', 0]]);
});

test('a page that comes back as it was has what the pages after it left', () => {
  const storage = new MemoryStorage();
  const page = goneFrom(storage, [0]);
  const next = new Identity(storage, 'x');
  next.leave([0, [7, 'And?', 0]]);
  page.comeBack();
  assert.deepEqual(page.takeLeft(), [0, [7, 'And?', 0]]);
});
