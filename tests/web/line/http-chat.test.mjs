/** The chat of a page in mode v1: minted, found again, forgotten. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connectedInV1, pageInV1, settled } from '../doubles.mjs';

test('the first message mints a chat, and every one has a key that makes a resend safe', async () => {
  const { transport, requests, identity } = await connectedInV1();
  transport.ask(1, 'Hi');
  await settled();
  transport.ask(2, 'And?');
  await settled();
  assert.deepEqual(
    requests.map(({ path }) => path),
    ['api/chats', 'api/message', 'api/message'],
  );
  assert.deepEqual(requests[1].body, { id: 'c_1.s', message: 'Hi', language: 'en', speech: true });
  assert.equal(requests[2].headers['Idempotency-Key'], `${identity.tab}:2`);
});

test('a chat that was forgotten is told, and the question goes into a new one', async () => {
  const page = await connectedInV1();
  page.transport.ask(1, 'Hi');
  await settled();
  page.routes['api/message'] = ({ body }) =>
    body.id === 'c_2.s' ? [200, { answer: 'Anew.' }] : [404, { error: { code: 'chat_gone', message: '' } }];
  page.routes['api/chats'] = () => [200, { chat: 'c_2.s', next_turn: 1 }];
  page.frames.splice(0);
  page.transport.ask(2, 'Still there?');
  await settled();
  await settled();
  assert.deepEqual(
    page.frames.map(({ name }) => name),
    ['STATE', 'WELCOME', 'TEXT', 'END'],
  );
  assert.equal(page.frames[1].content.anew, true);
  assert.equal(page.identity.chat, 'c_2.s');
});

test('a reloaded page whose chat has another secret begins anew', async () => {
  const page = pageInV1({ 'api/chats': () => [401, { error: { code: 'unauthorized', message: '' } }] });
  page.identity.chat = 'c_1.wrong';
  page.transport.open();
  await settled();
  assert.equal(page.status().state, 'connected');
  assert.equal(page.frames[0].content.anew, true);
  assert.equal(page.identity.chat, null);
});

test('two questions to a chat that was forgotten go into one new chat', async () => {
  const page = await connectedInV1();
  page.transport.ask(1, 'Hi');
  await settled();
  let minted = 1;
  page.routes['api/message'] = ({ body }) =>
    body.id === 'c_1.s' ? [404, { error: { code: 'chat_gone', message: '' } }] : [200, { answer: body.id }];
  page.routes['api/chats'] = () => [200, { chat: `c_${(minted += 1)}.s`, next_turn: 1 }];
  page.frames.splice(0);
  page.transport.ask(2, 'One');
  page.transport.ask(3, 'Two');
  for (let i = 0; i < 5; i += 1) await settled();
  assert.deepEqual(
    page.frames.filter(({ name }) => name === 'TEXT').map(({ text }) => text),
    ['c_2.s', 'c_2.s'],
  );
  assert.equal(page.frames.filter(({ name }) => name === 'WELCOME').length, 1);
});

test('a reloaded page gets its history and its next turn', async () => {
  const messages = [{ n: 1, role: 'user', text: 'Hi', status: 'complete', heard: null }];
  const page = pageInV1({
    'api/messages': () => [200, { messages, more: false }],
    'api/chats': ({ headers }) => [200, { chat: headers.Authorization.slice(7), next_turn: 5 }],
  });
  page.identity.chat = 'c_9.s';
  page.transport.open();
  await settled();
  assert.deepEqual(page.frames[0].content.history.messages, messages);
  assert.equal(page.requests.at(-1).headers.Authorization, 'Bearer c_9.s');
  assert.equal(page.identity.nextTurn(), 5);
});
