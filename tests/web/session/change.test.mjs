/** What a change of transport leaves of the questions, the answers and their sound. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CANCEL, END, FINAL } from '../../../web/wire/frames.js';
import { settled } from '../doubles.mjs';
import { made } from './talking.mjs';

/** A transport of a mode that keeps what it is told. */
function transportOf(mode, formats = []) {
  const calls = [];
  const keep =
    (name) =>
    (...values) =>
      void calls.push([name, ...values]);
  const hear = (turn, format) => {
    calls.push(['hear', turn, format]);
    return { write: (bytes) => calls.push(['write', [...bytes]]), end: () => calls.push(['end']) };
  };
  const names = ['ask', 'cancel', 'played'];
  return { mode, formats, calls, hear, ...Object.fromEntries(names.map((name) => [name, keep(name)])) };
}

const RECORDING = { format: 'pcm16/16000', bytes: Uint8Array.of(1, 2) };

test('questions are asked again in their order, spoken ones with their recording until they were heard', () => {
  const { dialogue, take } = made();
  dialogue.asked(1);
  take('TRANSCRIPT', 1, { text: 'when are', flags: 0 });
  dialogue.asked(2);
  take('TRANSCRIPT', 2, { text: 'And where?', flags: FINAL });
  const v1 = transportOf('v1');
  dialogue.use(v1, [
    { turn: 2, recording: RECORDING },
    { turn: 1, recording: RECORDING },
  ]);
  assert.deepEqual(v1.calls, [
    ['hear', 1, 'pcm16/16000'],
    ['write', [1, 2]],
    ['end'],
    ['ask', 2, 'And where?', 0],
  ]);
});

test('a spoken question whose recording nobody has, or that the new mode can’t take, is interrupted', () => {
  for (const left of [[], [{ turn: 1, recording: { format: 'ogg/opus', bytes: Uint8Array.of(1) } }]]) {
    const { dialogue, history } = made();
    dialogue.asked(1);
    const v2 = transportOf('v2', ['pcm16/16000', 'webm/opus']);
    dialogue.use(v2, left);
    assert.deepEqual(v2.calls, []);
    assert.equal(history.answer(1).status, 'interrupted');
  }
});

test('an answer that was stopped is not asked for again, and the new transport knows of it', () => {
  const { dialogue, take, history } = made();
  dialogue.ask('Hi');
  take('TEXT', 1, { text: 'Hel' });
  const v1 = transportOf('v1');
  dialogue.use(v1, [{ turn: 1, stopped: { turn: 1, heardMs: 40, reason: CANCEL.BUTTON } }]);
  assert.deepEqual(v1.calls, [['cancel', 1, 40, CANCEL.BUTTON]]);
  assert.equal(history.answer(1).status, 'cut');
});

test('what was being spoken again sounds as far as it came', () => {
  const { dialogue, take, history, player, playback } = made();
  dialogue.ask('Hi');
  take('ACCEPTED', 1, { n: 1 });
  take('TEXT', 1, { text: 'Hello.' });
  take('END', 1, { flags: END.COMPLETE });
  void playback.replay(history.answer(1));
  take('AUDIO', 2, { data: new Uint8Array(48) });
  const v1 = transportOf('v1');
  dialogue.use(v1, [{ turn: 2, recording: null, stopped: null }]);
  assert.deepEqual(v1.calls, []);
  assert.deepEqual(player.completed, [1, 2]);
});

test('other tabs’ turns are not this page’s to ask', () => {
  const { dialogue, take } = made();
  take('USER', 0x8000, { n: 9, text: 'another tab’s' });
  const v1 = transportOf('v1');
  dialogue.use(v1, []);
  assert.deepEqual(v1.calls, []);
});

test('an answer goes on from its text, and what is told from the start is not written twice', () => {
  const { dialogue, take, history } = made();
  dialogue.ask('When?');
  take('TEXT', 1, { text: 'From nine ' });
  dialogue.use(transportOf('v1'), [{ turn: 1 }]);
  take('TEXT', 1, { pos: 0, text: 'From ' });
  take('TEXT', 1, { pos: 5, text: 'nine to' });
  take('TEXT', 1, { pos: 12, text: ' six.' });
  assert.equal(history.answer(1).text, 'From nine to six.');
});

const ms = (count) => new Uint8Array(count * 48);

test('sentences sound after each other, and make a clip to be heard again', async () => {
  const { dialogue, take, history, player, playback } = made();
  dialogue.ask('When?');
  take('SENTENCE', 1, { pos: 0, data: ms(300) });
  take('SENTENCE', 1, { pos: 1, data: ms(200) });
  await settled();
  assert.deepEqual(player.pieces, [
    [0, 300],
    [300, 200],
  ]);
  take('TEXT', 1, { text: 'From nine. Or ten.' });
  take('END', 1, { flags: END.COMPLETE });
  await settled();
  assert.deepEqual(player.completed, [1]);
  const answer = history.answer(1);
  assert.equal(answer.written, null);
  assert.equal(answer.clip.length, 500 * 48);
  assert.ok(playback.canReplay(answer));
});

test('the sound goes on where that of the other transport, or of a try before, has come to', async () => {
  const { dialogue, take, player } = made();
  dialogue.ask('When?');
  take('AUDIO', 1, { pos: 0, data: ms(200) });
  take('AUDIO', 1, { pos: 200, data: ms(150) });
  dialogue.use(transportOf('v1'), [{ turn: 1 }]);
  for (let again = 0; again < 2; again += 1) {
    take('SENTENCE', 1, { pos: 0, data: ms(300) });
    take('SENTENCE', 1, { pos: 1, data: ms(200) });
    await settled();
  }
  assert.deepEqual(player.pieces, [
    [0, 200],
    [200, 150],
    [350, 150],
  ]);
});

test('a stop between two sentences lets none of them sound', async () => {
  const { dialogue, take, player, playback } = made();
  dialogue.ask('When?');
  take('SENTENCE', 1, { pos: 0, data: ms(300) });
  assert.ok(playback.stoppable);
  playback.stop();
  await settled();
  assert.deepEqual(player.pieces, []);
});

test('a question over a sentence that is only being decoded stops it', async () => {
  const { dialogue, take, player, calls } = made();
  dialogue.ask('When?');
  take('SENTENCE', 1, { pos: 0, data: ms(300) });
  take('END', 1, { flags: END.COMPLETE });
  dialogue.ask('And where?');
  await settled();
  assert.deepEqual(player.pieces, []);
  assert.deepEqual(
    calls.map(([name]) => name),
    ['ask', 'cancel', 'ask'],
  );
});

test('what was asked over HTTP is known by its words, and its answer by the question', () => {
  const { dialogue, take, history } = made();
  for (const turn of [1, 2]) {
    dialogue.ask('Hi');
    take('TEXT', turn, { text: 'Hel' });
    take('END', turn, { flags: END.CUT });
  }
  const stored = [1, 3].flatMap((n) => [
    { n, role: 'user', text: 'Hi', status: 'complete', heard: null },
    { n: n + 1, role: 'assistant', text: 'Hello to you.', status: 'interrupted', heard: 13 },
  ]);
  dialogue.recognize(stored);
  history.adopt(stored);
  assert.deepEqual(
    history.messages.map(({ n, text }) => [n, text]),
    [
      [1, 'Hi'],
      [2, 'Hello to you.'],
      [3, 'Hi'],
      [4, 'Hello to you.'],
    ],
  );
});

test('a question of a chat that is forgotten is not taken for one of the new chat', () => {
  const { dialogue, take, history } = made();
  dialogue.ask('Hi');
  take('END', 1, { flags: END.COMPLETE });
  history.startAnew('The chat above is forgotten.');
  dialogue.ask('Hi');
  dialogue.recognize([{ n: 1, role: 'user', text: 'Hi', status: 'complete', heard: null }]);
  assert.deepEqual(
    history.messages.map(({ n }) => n),
    [null, null, null, 1, 2],
  );
});
