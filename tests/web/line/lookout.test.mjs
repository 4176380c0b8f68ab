/** When a page that uses HTTP looks for a WebSocket. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Lookout } from '../../../web/line/lookout.js';
import { StoppedClock } from '../doubles.mjs';

const MINUTE = 60_000;

function made() {
  const clock = new StoppedClock();
  const page = { clock, isFree: true, looks: [], missesAll: true };
  page.lookout = new Lookout({
    clock,
    isFree: () => page.isFree,
    look: () => {
      page.looks.push(clock.now());
      if (page.missesAll) page.lookout.missed();
    },
  });
  return page;
}

test('it looks after two minutes, then less and less often, and never stops', () => {
  const { lookout, clock, looks } = made();
  lookout.begin();
  clock.pass(190 * MINUTE);
  assert.deepEqual(
    looks.map((ms) => ms / MINUTE),
    [2, 6, 14, 30, 62, 94, 126, 158, 190],
  );
});

test('a page that comes online or into sight looks at once, and not again within ten seconds', () => {
  for (const why of ['online', 'seen']) {
    const { lookout, clock, looks } = made();
    lookout.begin();
    lookout.hint(why);
    clock.pass(9_999);
    lookout.hint(why);
    clock.pass(0);
    assert.deepEqual(looks, [0]);
    clock.pass(1);
    lookout.hint(why);
    clock.pass(0);
    assert.deepEqual(looks, [0, 10_000]);
  }
});

test('a new network is looked at as often as the first one', () => {
  const { lookout, clock, looks } = made();
  lookout.begin();
  clock.pass(29 * MINUTE);
  looks.splice(0);
  lookout.hint('online');
  clock.pass(6 * MINUTE);
  assert.deepEqual(
    looks.map((ms) => ms / MINUTE),
    [29, 33],
  );
});

test('while there is something to do it waits, and looks soon after', () => {
  const page = made();
  page.lookout.begin();
  page.isFree = false;
  page.clock.pass(5 * MINUTE);
  assert.deepEqual(page.looks, []);
  page.isFree = true;
  page.clock.pass(3_000);
  assert.equal(page.looks.length, 1);
});

test('a way that is found and lost again within seconds is not looked for at once', () => {
  const page = made();
  page.missesAll = false;
  page.lookout.begin();
  page.clock.pass(2 * MINUTE);
  page.lookout.end();
  page.lookout.begin();
  page.clock.pass(4 * MINUTE - 1);
  assert.equal(page.looks.length, 1);
  page.clock.pass(1);
  assert.equal(page.looks.length, 2);
  page.lookout.end();
  page.lookout.forget();
  page.lookout.begin();
  page.clock.pass(2 * MINUTE);
  assert.equal(page.looks.length, 3);
});

test('who is on a WebSocket looks for none', () => {
  const { lookout, clock, looks } = made();
  lookout.hint('online');
  lookout.begin();
  lookout.end();
  lookout.hint('seen');
  lookout.missed();
  lookout.postponed();
  clock.pass(100 * MINUTE);
  assert.deepEqual(looks, []);
});
