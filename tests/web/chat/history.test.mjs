import assert from 'node:assert/strict';
import { test } from 'node:test';

import { History } from '../../../web/chat/history.js';

const stored = (n, role, text, status = 'complete') => ({ n, role, text, status, heard: null });
const shown = (history) => history.messages.map(({ role, text }) => `${role}: ${text}`);

test('text is taken by its offset, so that a repeat changes nothing', () => {
  const history = new History();
  history.ask(1, 'Hi', false);
  for (const [pos, text, whole] of [
    [0, 'Grüße', 'Grüße'],
    [0, 'Grüße', 'Grüße'],
    [0, 'Grüße aus', 'Grüße aus'],
    [7, ' aus Zürich', 'Grüße aus Zürich'],
  ]) {
    history.write(1, pos, text);
    assert.equal(history.answer(1).text, whole);
  }
});

test('text cut at every byte offset of a character boundary comes together again', () => {
  const whole = 'Grüße 😀 日本';
  const history = new History();
  history.ask(1, '', false);
  let pos = 0;
  for (const character of whole) {
    history.write(1, pos, character);
    pos += new TextEncoder().encode(character).length;
  }
  assert.equal(history.answer(1).text, whole);
});

test('text after a gap is not put where it does not belong', () => {
  const history = new History();
  history.ask(1, '', false);
  history.write(1, 10, 'later');
  assert.equal(history.answer(1).text, '');
});

test('numbers come with ACCEPTED, the answer next to its question', () => {
  const history = new History();
  history.ask(3, 'Hi', false);
  history.accept(3, 9);
  assert.equal(history.question(3).n, 9);
  assert.equal(history.answer(3).n, 10);
});

test('what the page has is the highest number up to which all is complete', () => {
  const history = new History();
  assert.equal(history.have, 0);
  history.adopt([stored(1, 'user', 'a'), stored(2, 'assistant', 'b')]);
  assert.equal(history.have, 2);
  history.ask(1, 'c', false);
  history.accept(1, 3);
  assert.equal(history.have, 2);
  history.end(1, 'complete');
  assert.equal(history.have, 4);
});

test('what is stored is added once, in its order', () => {
  const history = new History();
  history.adopt([stored(1, 'user', 'a'), stored(2, 'assistant', 'b')]);
  history.ask(1, 'mine', false);
  history.adopt([stored(2, 'assistant', 'b'), stored(3, 'user', 'theirs'), stored(4, 'assistant', 'c')]);
  assert.deepEqual(shown(history), [
    'user: a',
    'assistant: b',
    'user: theirs',
    'assistant: c',
    'user: mine',
    'assistant: ',
  ]);
});

test('the last message that is over has its number, or the next one, from the last note on', () => {
  const history = new History();
  history.adopt([stored(5, 'user', 'a'), stored(6, 'assistant', 'b')]);
  history.ask(1, 'over HTTP', false);
  history.end(1, 'complete');
  history.ask(2, 'waits', false);
  assert.equal(history.lastBut([2]), 8);
  // What still sounds is to be found again.
  assert.equal(history.lastBut([1, 2]), 6);
  history.startAnew('a new one');
  assert.equal(history.lastBut([2]), 0);
});

test('of two questions in the same words each keeps its own number', () => {
  const history = new History();
  history.ask(1, 'Hi', false);
  history.adopt([stored(1, 'user', 'Hi'), stored(2, 'assistant', 'Hello.')]);
  assert.deepEqual(shown(history), ['user: Hi', 'assistant: Hello.', 'user: Hi', 'assistant: ']);
});

test('a question of another tab is known again on the next connection', () => {
  const history = new History();
  history.overhear(0x8000, 5, 'And on Sunday?');
  history.write(0x8000, 0, 'From 11');
  history.disconnect();
  assert.equal(history.answer(0x8000), undefined);
  history.overhear(0x8001, 5, 'And on Sunday?');
  history.write(0x8001, 0, 'From 11 to 4.');
  assert.deepEqual(shown(history), ['user: And on Sunday?', 'assistant: From 11 to 4.']);
  assert.deepEqual(history.ownRunning, []);
});

test('older messages go before the others, and none twice', () => {
  const history = new History();
  history.adopt([stored(3, 'user', 'c'), stored(4, 'assistant', 'd')]);
  assert.equal(history.oldest, 3);
  history.prepend([stored(1, 'user', 'a'), stored(2, 'assistant', 'b'), stored(3, 'user', 'c')]);
  assert.deepEqual(
    history.messages.map(({ n }) => n),
    [1, 2, 3, 4],
  );
});

test('a chat that was forgotten leaves its words and a note, and what was asked last goes on', () => {
  const history = new History();
  history.adopt([stored(1, 'user', 'a'), stored(2, 'assistant', 'b')]);
  history.ask(5, 'c', false);
  history.startAnew('new');
  assert.deepEqual(shown(history), ['user: a', 'assistant: b', 'note: new', 'user: c', 'assistant: ']);
  assert.deepEqual(
    history.messages.map(({ n }) => n),
    [null, null, null, null, null],
  );
});

test('how an answer ended is not told otherwise by a later end', () => {
  const history = new History();
  history.ask(1, 'a', false);
  history.accept(1, 1);
  history.adopt([stored(2, 'assistant', '', 'failed')]);
  history.end(1, 'complete');
  assert.equal(history.answer(1).status, 'failed');
});

test('a rating comes with the stored message, for what is here, what is newer and what is older', () => {
  const history = new History();
  history.ask(1, 'Hi', false);
  history.accept(1, 5);
  history.write(1, 0, 'Hello.');
  history.end(1, 'complete');
  assert.equal(history.at(6).rating, null);
  history.adopt([
    { ...stored(6, 'assistant', 'Hello.'), rating: 'up' },
    { ...stored(8, 'assistant', 'Bye.'), rating: 'down' },
  ]);
  history.prepend([{ ...stored(4, 'assistant', 'Well.'), rating: 'down' }]);
  assert.deepEqual(
    [4, 6, 8].map((n) => history.at(n).rating),
    ['down', 'up', 'down'],
  );
  history.adopt([stored(6, 'assistant', 'Hello.')]);
  assert.equal(history.at(6).rating, null);
});

test('a question of another tab stands above its answer, whichever is told of first', () => {
  const history = new History();
  history.follow(0x8000, 1);
  history.overhear(0x8000, 1, 'When?');
  history.ask(1, 'And where?', false);
  history.overhear(0x8001, 3, 'Who?');
  assert.deepEqual(
    history.messages.map(({ role, n, text }) => [role, n, text]),
    [
      ['user', 1, 'When?'],
      ['assistant', 2, ''],
      ['user', 3, 'Who?'],
      ['assistant', 4, ''],
      ['user', null, 'And where?'],
      ['assistant', null, ''],
    ],
  );
});
