/** How the page finds its server and its mode, and what is left when it leaves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { History } from '../../../web/chat/history.js';
import { Identity } from '../../../web/chat/identity.js';
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
    status: ({ state }) => statuses.push(state),
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
