/** How the page finds its server and its mode, and what is left when it leaves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { History } from '../../../web/chat/history.js';
import { Identity } from '../../../web/chat/identity.js';
import { Refusal } from '../../../web/line/api.js';
import { Connection } from '../../../web/line/connection.js';
import { settled, StoppedClock } from '../doubles.mjs';

const CONFIG = { modes: ['v1'], warming: [], limits: {}, speech: true };

/** A page and a server whose answer to each question about itself the test gives. */
function made() {
  const clock = new StoppedClock();
  const answers = [];
  const statuses = [];
  const configured = [];
  const connection = new Connection('auto', {
    api: {
      config: () => new Promise((resolve, reject) => answers.push({ resolve, reject })),
      address: () => 'https://bot.example/',
    },
    identity: new Identity(null, 'x'),
    history: new History(),
    clock,
    emit: () => {},
    status: ({ state, reason }) => statuses.push(reason ? `${state}: ${reason}` : state),
    configured: (config) => configured.push(config),
    change: (use) => use(),
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
