/** How the page finds its server and its mode, and what is left when it leaves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { History } from '../../../web/chat/history.js';
import { Identity } from '../../../web/chat/identity.js';
import { Connection } from '../../../web/line/connection.js';
import { Refusal } from '../../../web/line/refusal.js';
import { Transports } from '../../../web/line/transports.js';
import { code, ScriptedSocket, settled, StoppedClock } from '../doubles.mjs';

const CONFIG = { modes: ['v1'], warming: [], limits: {}, speech: true };

/** A page and a server whose answer to each question about itself the test gives. */
function made(fetch = code) {
  const clock = new StoppedClock();
  const answers = [];
  const statuses = [];
  const configured = [];
  const connection = new Connection('auto', {
    api: {
      config: () => new Promise((resolve, reject) => answers.push({ resolve, reject })),
      address: () => 'https://bot.example/',
    },
    transports: new Transports(fetch),
    identity: new Identity(null, 'x'),
    history: new History(),
    clock,
    emit: () => {},
    status: ({ state, reason }) => statuses.push(reason ? `${state}: ${reason}` : state),
    configured: (config) => configured.push(config),
    change: (use) => use(),
    connect: (url) => new ScriptedSocket(url),
  });
  return { connection, clock, answers, statuses, configured };
}

test('the mode that the server has is used', async () => {
  const { connection, answers, statuses } = made();
  connection.open();
  answers[0].resolve(CONFIG);
  await settled();
  assert.equal(connection.transport?.mode, 'v1');
  assert.equal(statuses.at(-1), 'connected');
});

test('a page that left while the server was asked opens no transport', async () => {
  const { connection, answers, configured } = made();
  connection.open();
  connection.close(true);
  answers[0].resolve(CONFIG);
  await settled();
  assert.equal(connection.transport, null);
  assert.deepEqual(configured, []);
});

test('a page that left while the server could not be reached does not try again', async () => {
  const { connection, answers, clock } = made();
  connection.open();
  connection.close(true);
  answers[0].reject(new TypeError('Failed to fetch'));
  await settled();
  clock.pass(100_000);
  assert.equal(answers.length, 1);
});

test('a server that is warming up is asked until it is warm, and not by a page that left', async () => {
  const { connection, answers, clock, configured } = made();
  connection.open();
  answers[0].resolve({ ...CONFIG, warming: ['stt'] });
  await settled();
  clock.pass(1_500);
  answers[1].reject(new TypeError('Failed to fetch'));
  await settled();
  clock.pass(1_500);
  connection.close(true);
  answers[2].resolve({ ...CONFIG, warming: ['stt'] });
  await settled();
  clock.pass(100_000);
  assert.equal(answers.length, 3);
  assert.deepEqual(
    configured.map(({ warming }) => warming),
    [['stt'], ['stt']],
  );
});

/** What the server answers a page that it does not let in. */
const REFUSAL = new Refusal('origin_refused', 'Pages of https://shop.example may not use this bot.');

test('a page that the server does not let in says so and tries no more, whatever happens', async () => {
  const { connection, clock, answers, statuses } = made();
  connection.open();
  answers[0].reject(REFUSAL);
  await settled();
  for (const why of ['online', 'seen', 'typing', 'button']) connection.kick(why);
  connection.open();
  clock.pass(1_000_000);
  assert.deepEqual(statuses, ['connecting', 'failed: forbidden']);
  assert.equal(answers.length, 1);
});

test('a server that lets the page in no more while it warms up is not asked on', async () => {
  const { connection, answers, clock, statuses } = made();
  connection.open();
  answers[0].resolve({ ...CONFIG, warming: ['stt'] });
  await settled();
  clock.pass(1_500);
  answers[1].reject(REFUSAL);
  await settled();
  clock.pass(1_000_000);
  assert.equal(answers.length, 2);
  assert.equal(statuses.at(-1), 'failed: forbidden');
  assert.equal(connection.transport, null);
});

test('a page that left meanwhile is told nothing any more', async () => {
  const { connection, answers, statuses } = made();
  connection.open();
  connection.close(true);
  answers[0].reject(REFUSAL);
  await settled();
  assert.equal(statuses.at(-1), 'closed');
});

test('the code of the mode that is wanted is fetched beside the question what there is, and no other', async () => {
  const fetched = [];
  const { connection, answers } = made((mode) => {
    fetched.push(mode);
    return code(mode);
  });
  connection.open();
  assert.deepEqual(fetched, ['v2']);
  answers[0].resolve({ ...CONFIG, modes: ['v1', 'v2'] });
  await settled();
  assert.equal(connection.transport?.mode, 'v2');
  assert.deepEqual([...new Set(fetched)], ['v2']);
});

test('code that does not come is fetched again, from another address each time', async () => {
  const addresses = [];
  const { connection, answers, statuses, clock } = made((mode, retry) => {
    addresses.push(mode + retry);
    return retry.length < 3 ? Promise.reject(new TypeError('Failed to fetch')) : code(mode);
  });
  connection.setMode('v1');
  connection.open();
  for (let tries = 1; !connection.transport; tries += 1) {
    answers.at(-1).resolve(CONFIG);
    await settled();
    if (!connection.transport) assert.equal(statuses.at(-1), 'waiting');
    assert.ok(tries < 5);
    clock.pass(60_000);
  }
  assert.equal(addresses.length, new Set(addresses).size);
  assert.equal(connection.transport.mode, 'v1');
});

test('a mode that is set while the code of another is under way is the one that is used', async () => {
  const arrive = {};
  const { connection, answers } = made((mode) => new Promise((then) => (arrive[mode] = () => then(code(mode)))));
  connection.open();
  answers[0].resolve({ ...CONFIG, modes: ['v1', 'v2'] });
  await settled();
  connection.setMode('v1');
  arrive.v2();
  await settled();
  assert.equal(connection.transport, null);
  arrive.v1();
  await settled();
  assert.equal(connection.transport.mode, 'v1');
});

test('a page that left while code was under way opens no transport', async () => {
  let arrive = () => {};
  const { connection, answers } = made((mode) => new Promise((then) => (arrive = () => then(code(mode)))));
  connection.open();
  answers[0].resolve(CONFIG);
  await settled();
  connection.close(true);
  arrive();
  await settled();
  assert.equal(connection.transport, null);
});

test('a mode whose code fails while nothing is in use yet is tried again', async () => {
  const arrive = {};
  const { connection, answers, statuses } = made((mode) => new Promise((...ends) => (arrive[mode] = ends)));
  connection.open();
  answers[0].resolve({ ...CONFIG, modes: ['v1', 'v2'] });
  await settled();
  connection.setMode('v1');
  arrive.v2[0](code('v2'));
  arrive.v1[1](new TypeError('Failed to fetch'));
  await settled();
  assert.equal(connection.transport, null);
  assert.equal(statuses.at(-1), 'waiting');
});

test('a page that comes back after its element was removed opens nothing', async () => {
  const { connection, answers } = made();
  connection.open();
  answers[0].resolve(CONFIG);
  await settled();
  connection.close(true);
  connection.reopen();
  await settled();
  assert.equal(answers.length, 1);
});
