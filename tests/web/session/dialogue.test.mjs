/** What is said and what sounds, with a transport and a loudspeaker of a few lines. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CANCEL, END, FINAL, PLAYED } from '../../../web/wire/frames.js';
import { settled } from '../doubles.mjs';
import { made } from './talking.mjs';

// A second of speech.
const CLIP = new Uint8Array(48_000);

test('an answer grows, gets its sources, and is complete', () => {
  const { dialogue, take, history, said } = made();
  dialogue.ask('When?');
  take('ACCEPTED', 1, { n: 1 });
  take('TEXT', 1, { text: 'From ' });
  take('TEXT', 1, { pos: 5, text: 'nine.' });
  take('EVENT', 1, { content: { type: 'sources', sources: [{ title: 'Hours', url: '/hours' }] } });
  take('END', 1, { flags: END.COMPLETE });
  const answer = history.answer(1);
  assert.deepEqual(
    [answer.text, answer.status, answer.n, answer.sources.length],
    ['From nine.', 'complete', 2, 1],
  );
  assert.deepEqual(said, ['user: When?', 'assistant: From nine.']);
});

test('what was heard stands as the visitor’s message', () => {
  const { dialogue, take, history } = made();
  dialogue.asked(4);
  assert.equal(history.question(4).status, 'waiting');
  take('TRANSCRIPT', 4, { text: 'when are' });
  assert.equal(history.question(4).status, 'waiting');
  take('TRANSCRIPT', 4, { text: 'When are you open?', flags: FINAL });
  assert.equal(history.question(4).text, 'When are you open?');
  assert.equal(history.question(4).status, 'complete');
});

test('what is heard while it is spoken is no message yet', () => {
  const { take, history, calls } = made();
  take('TRANSCRIPT', 4, { text: 'when are', pos: 4 });
  assert.equal(history.messages.length, 0);
  assert.deepEqual(calls, [['captioned', 'when are', 4]]);
});

test('nothing heard is said in words that help', () => {
  const { dialogue, take, history } = made();
  dialogue.asked(4);
  take('FAULT', 4, { content: { code: 'nothing_heard', message: 'Nothing was heard.' } });
  take('END', 4, { flags: END.FAILED });
  assert.equal(history.question(4).status, 'unheard');
  assert.match(history.answer(4).fault, /microphone/);
});

test('a fault that belongs to no turn is a note', () => {
  const { take, notices } = made();
  take('FAULT', 0, { content: { code: 'odd', message: 'Something odd.' } });
  assert.deepEqual(notices, ['Something odd.']);
});

test('speech that failed leaves an answer that is complete', () => {
  const { dialogue, take, history } = made();
  dialogue.ask('Hi');
  take('TEXT', 1, { text: 'Hello.' });
  take('FAULT', 1, { content: { code: 'provider_failed', message: '' } });
  take('END', 1, { flags: END.COMPLETE | END.UNSAID });
  assert.equal(history.answer(1).status, 'complete');
  assert.match(history.answer(1).fault, /spoken/);
});

test('stopping is silent first, and tells how much was heard', () => {
  const { dialogue, take, player, playback, calls, history } = made();
  dialogue.ask('Hi');
  take('TEXT', 1, { text: 'A long answer.' });
  take('AUDIO', 1, { data: new Uint8Array(48) });
  player.playheadMs = 640;
  playback.stop();
  assert.deepEqual(calls.at(-1), ['cancel', 1, 640, CANCEL.BUTTON]);
  assert.equal(player.sounding, null);
  take('CUT', 1, { pos: 6 });
  take('END', 1, { flags: END.CUT });
  assert.deepEqual([history.answer(1).heard, history.answer(1).status], [6, 'cut']);
});

test('typing over a sounding answer stops it, and says that it was typed over', () => {
  const { dialogue, take, calls } = made();
  dialogue.ask('Hi');
  take('AUDIO', 1, { data: new Uint8Array(48) });
  dialogue.ask('And?');
  assert.deepEqual(calls.slice(1), [
    ['cancel', 1, 0, CANCEL.TYPED_OVER],
    ['ask', 2, 'And?'],
  ]);
});

test('a question does not stop an answer that is only being thought about', () => {
  const { dialogue, calls } = made();
  dialogue.ask('Hi');
  dialogue.ask('And?');
  assert.deepEqual(
    calls.map(([name]) => name),
    ['ask', 'ask'],
  );
});

test('a stored answer is spoken again under a new turn', async () => {
  const { dialogue, take, playback, calls, history } = made();
  dialogue.ask('Hi');
  take('ACCEPTED', 1, { n: 7 });
  take('TEXT', 1, { text: 'Hello.' });
  take('END', 1, { flags: END.COMPLETE });
  const answer = history.answer(1);
  assert.ok(playback.canReplay(answer));
  await playback.replay(answer);
  assert.deepEqual(calls.at(-1), ['speak', 2, 8, 0]);
  take('AUDIO', 2, { data: new Uint8Array(48) });
  assert.equal(playback.sounding, answer);
  take('END', 2, { flags: END.COMPLETE });
  assert.equal(answer.status, 'complete');
});

test('mode v1 writes the answer out in step with its speech', async () => {
  const { dialogue, take, player, history, clock } = made();
  dialogue.ask('Hi');
  take('CLIP', 1, { data: CLIP });
  take('TEXT', 1, { text: 'one two three four' });
  take('END', 1, { flags: END.COMPLETE });
  const answer = history.answer(1);
  assert.equal(answer.written, 0);
  await settled();
  assert.equal(answer.written, 3);
  player.playheadMs = 500;
  clock.pass(40);
  assert.equal(answer.text.slice(0, answer.written), 'one two three');
  player.stop(1);
  clock.pass(40);
  assert.equal(answer.written, null);
});

test('an answer is told of when all of it is written, and once', async () => {
  const { dialogue, take, player, clock, said } = made();
  dialogue.ask('Hi');
  take('CLIP', 1, { data: CLIP });
  take('TEXT', 1, { text: 'one two three four' });
  take('END', 1, { flags: END.COMPLETE });
  await settled();
  player.playheadMs = 500;
  clock.pass(40);
  assert.deepEqual(said, ['user: Hi']);
  player.stop(1);
  clock.pass(40);
  assert.deepEqual(said, ['user: Hi', 'assistant: one two three four']);
  clock.pass(1_000);
  assert.equal(said.length, 2);
});

test('an answer that is asked over while it is written is told of before the question', async () => {
  const { dialogue, take, said } = made();
  dialogue.ask('Hi');
  take('CLIP', 1, { data: CLIP });
  take('TEXT', 1, { text: 'one two three four' });
  take('END', 1, { flags: END.COMPLETE });
  await settled();
  dialogue.ask('And?');
  assert.deepEqual(said, ['user: Hi', 'assistant: one two three four', 'user: And?']);
});

test('where nothing can sound the answer stands whole at once', async () => {
  const { dialogue, take, player, history } = made();
  player.isBlocked = true;
  dialogue.ask('Hi');
  take('CLIP', 1, { data: CLIP });
  take('TEXT', 1, { text: 'one two three four' });
  await settled();
  assert.equal(history.answer(1).written, null);
});

test('a speech that cannot be decoded leaves the whole text', async () => {
  const { dialogue, take, history } = made();
  dialogue.ask('Hi');
  take('CLIP', 1, { data: new Uint8Array(0) });
  take('TEXT', 1, { text: 'one two' });
  await settled();
  assert.equal(history.answer(1).written, null);
});

test('a speech that was being decoded when the chat ended does not sound', async () => {
  const { dialogue, take, playback, player } = made();
  dialogue.ask('Hi');
  take('CLIP', 1, { data: CLIP });
  playback.close();
  await settled();
  assert.deepEqual(player.pieces, []);
});

test('with the writing effect off the answer stands whole at once', async () => {
  const { dialogue, take, history, playback } = made();
  playback.writes = false;
  dialogue.ask('Hi');
  take('CLIP', 1, { data: CLIP });
  take('TEXT', 1, { text: 'one two' });
  assert.equal(history.answer(1).written, null);
  await settled();
  assert.equal(history.answer(1).written, null);
});

test('a change of transport asks again what has no answer, under the same turn', () => {
  const { dialogue, calls, take } = made();
  dialogue.ask('Hi');
  take('USER', 0x8000, { n: 9, text: 'another tab’s' });
  calls.splice(0);
  dialogue.use({ mode: 'v2', ask: (...values) => calls.push(['ask', ...values]) });
  assert.deepEqual(calls, [['ask', 1, 'Hi', 0]]);
});

test('the next page asks again what was open, hears on where this one was, and knows what was over', () => {
  const before = made();
  before.dialogue.ask('When?');
  before.take('END', 1, { flags: END.COMPLETE });
  before.dialogue.ask('When?');
  before.playback.played(2, 1234.5, 0);
  before.dialogue.ask('Silent?');
  before.playback.silence(3);
  const left = JSON.parse(JSON.stringify(before.dialogue.left));
  assert.deepEqual(left, [2, [2, 'When?', 1234], [3, 'Silent?', -1]]);

  const { dialogue, calls, take, player, history } = made();
  calls.splice(0);
  dialogue.restore(left);
  assert.deepEqual(calls, [
    ['ask', 2, 'When?', 1234],
    ['ask', 3, 'Silent?', -1],
  ]);
  // What it learns of the chat is an earlier question in the same words.
  dialogue.recognize([{ n: 1, role: 'user', text: 'When?' }]);
  assert.equal(history.question(2).n, null);
  take('AUDIO', 3, { data: new Uint8Array(48) });
  assert.equal(player.sounding, null);
  // Its own questions come after them.
  dialogue.ask('And?');
  assert.equal(calls.at(-1)[1], 4);
});

test('what was open and is answered by now is known by its words', () => {
  const { dialogue, history } = made();
  dialogue.restore([2, [2, 'When?', 0]]);
  dialogue.recognize([
    { n: 1, role: 'user', text: 'When?' },
    { n: 3, role: 'user', text: 'When?' },
  ]);
  assert.deepEqual([history.question(2).n, history.answer(2).n], [3, 4]);
});

test('a page that comes back as it was does not ask twice what it has left itself', () => {
  const { dialogue, calls, history } = made();
  dialogue.ask('Hi');
  calls.splice(0);
  dialogue.restore(dialogue.left);
  assert.deepEqual(calls, []);
  assert.equal(history.messages.length, 2);
});

test('when the chat was closed, what is under way comes as text and does not sound', async () => {
  for (const [name, data] of [
    ['AUDIO', new Uint8Array(4_800)],
    ['CLIP', CLIP],
  ]) {
    const { dialogue, take, playback, player, history } = made();
    dialogue.ask('Hi');
    playback.quiet(CANCEL.BUTTON);
    take(name, 1, { data });
    take('TEXT', 1, { text: 'Hello.' });
    await settled();
    assert.equal(player.sounding, null, name);
    assert.deepEqual([history.answer(1).text, history.answer(1).written], ['Hello.', null]);
    take('END', 1, { flags: END.COMPLETE });
    dialogue.ask('And?');
    take('AUDIO', 2, { data });
    assert.equal(player.sounding, 2, name);
  }
});

test('the server need not wait for a voice that is kept silent', () => {
  const { dialogue, take, playback, calls } = made();
  dialogue.ask('Hi');
  playback.quiet(CANCEL.SPOKEN_OVER);
  calls.splice(0);
  take('AUDIO', 1, { pos: 100, data: new Uint8Array(4_800) });
  take('END', 1, { flags: END.COMPLETE });
  assert.deepEqual(calls, [
    ['played', 1, 200, PLAYED.MUTED],
    ['played', 1, 200, PLAYED.MUTED | PLAYED.ENDED],
  ]);
});

test('an answer that was heard again to its end is not stopped by the next question', async () => {
  const { dialogue, take, playback, player, calls, history } = made();
  dialogue.ask('Hi');
  take('ACCEPTED', 1, { n: 1 });
  take('TEXT', 1, { text: 'Hello.' });
  take('END', 1, { flags: END.COMPLETE });
  await playback.replay(history.answer(1));
  take('AUDIO', 2, { data: new Uint8Array(48) });
  take('END', 2, { flags: END.COMPLETE });
  playback.played(2, 1, PLAYED.ENDED);
  player.stop(2);
  calls.splice(0);
  dialogue.ask('And?');
  assert.deepEqual(calls, [['ask', 3, 'And?']]);
});

test('what the voice says, or is going to say, is left to it', () => {
  const { dialogue, take, playback, player, history } = made();
  dialogue.ask('Hi');
  const answer = history.answer(1);
  take('TEXT', 1, { text: 'Hello. Bye.' });
  assert.ok(playback.heardMs(answer) < 0);
  assert.ok(!playback.isSpeaking);
  take('AUDIO', 1, { data: new Uint8Array(48_000) });
  assert.ok(playback.isSpeaking);
  playback.played(1, 250, 0);
  take('END', 1, { flags: END.COMPLETE });
  assert.ok(playback.heardMs(answer) < 0);
  player.stop(1);
  assert.ok(!playback.isSpeaking);
  assert.equal(playback.heardMs(answer), Infinity);
});

test('of what the voice has not said it is known how much that is', () => {
  const spoken = () => {
    const all = made();
    all.dialogue.ask('Hi');
    all.take('TEXT', 1, { text: 'Hello. Bye.' });
    all.take('AUDIO', 1, { data: new Uint8Array(48_000) });
    all.playback.played(1, 250, 0);
    return { ...all, heardMs: () => all.playback.heardMs(all.history.answer(1)) };
  };
  const muted = spoken();
  muted.player.muted = true;
  muted.playback.played(1, 500, PLAYED.MUTED);
  assert.equal(muted.heardMs(), 250);
  const blocked = spoken();
  blocked.player.isBlocked = true;
  assert.equal(blocked.heardMs(), 250);
  assert.ok(!blocked.playback.isSpeaking);
  const silenced = spoken();
  silenced.playback.quiet(CANCEL.BUTTON);
  assert.equal(silenced.heardMs(), 250);
  const failed = spoken();
  failed.take('FAULT', 1, { content: { code: 'provider_failed' } });
  failed.take('END', 1, { flags: END.COMPLETE });
  failed.player.stop(1);
  assert.equal(failed.heardMs(), 250);
});

test('an answer without a voice is left to nobody', () => {
  const { dialogue, take, playback, history } = made();
  dialogue.ask('Hi');
  take('TEXT', 1, { text: 'Hello.' });
  take('END', 1, { flags: END.COMPLETE });
  assert.equal(playback.heardMs(history.answer(1)), 0);
  const mute = made();
  mute.playback.speaks = false;
  mute.dialogue.ask('Hi');
  assert.equal(mute.playback.heardMs(mute.history.answer(1)), 0);
});

test('questions to go on with belong to their answer', () => {
  const { dialogue, take, history } = made();
  dialogue.ask('Hi');
  take('EVENT', 1, { content: { type: 'suggestions', suggestions: ['And?'] } });
  take('EVENT', 7, { content: { type: 'suggestions', suggestions: ['Whose?'] } });
  take('EVENT', 1, { content: { type: 'unheard of', suggestions: ['No.'] } });
  assert.deepEqual(history.answer(1).suggestions, ['And?']);
});

test('the page is told the code of every fault', () => {
  const { dialogue, take, faults } = made();
  dialogue.ask('Hi');
  take('FAULT', 1, { content: { code: 'busy', message: '' } });
  take('FAULT', 0, { content: { code: 'odd', message: 'Odd.' } });
  assert.deepEqual(faults, ['busy', 'odd']);
});

/** A question whose answer broke off after its first words. */
function brokenOff() {
  const page = made();
  page.dialogue.ask('When?');
  page.take('ACCEPTED', 1, { n: 1 });
  page.take('TEXT', 1, { text: 'From' });
  page.take('FAULT', 1, { content: { code: 'provider_failed', message: '' } });
  page.take('END', 1, { flags: END.FAILED });
  return page;
}

test('an answer that broke off is made anew in its place, and its question is not asked twice', () => {
  const { dialogue, take, history, calls } = brokenOff();
  assert.equal(dialogue.retry(), true);
  assert.deepEqual(calls.at(-1), ['retry', 2, 1]);
  assert.deepEqual([history.answer(2).text, history.answer(2).status, history.answer(2).fault], ['', 'waiting', null]);
  take('EVENT', 2, { content: { type: 'retry', turn: 2, n: 1 } });
  take('ACCEPTED', 2, { n: 1 });
  take('TEXT', 2, { text: 'From nine.' });
  take('END', 2, { flags: END.COMPLETE });
  assert.deepEqual(
    history.messages.map(({ n, text, status }) => [n, text, status]),
    [
      [1, 'When?', 'complete'],
      [2, 'From nine.', 'complete'],
    ],
  );
});

test('a second press changes nothing', () => {
  const { dialogue, calls } = brokenOff();
  assert.deepEqual([dialogue.retry(), dialogue.retry()], [true, true]);
  assert.equal(calls.filter(([name]) => name === 'retry').length, 1);
});

test('of an answer that is made anew nothing is left, and nothing sounds', () => {
  const { dialogue, take, history, playback } = brokenOff();
  take('EVENT', 1, { content: { type: 'sources', sources: [{ title: 'Hours', url: '/hours' }] } });
  take('AUDIO', 1, { data: new Uint8Array(48) });
  history.answer(1).rating = 'down';
  dialogue.retry();
  const { sources, rating, text } = history.answer(2);
  assert.deepEqual([sources, rating, text], [[], null, '']);
  assert.deepEqual(playback.turns, []);
});

test('a question without a number, or a mode that knows no such thing, has it asked anew', () => {
  const { dialogue, take } = made();
  dialogue.ask('When?');
  take('END', 1, { flags: END.FAILED });
  assert.equal(dialogue.retry(), false);
  const other = brokenOff();
  other.transport.retry = null;
  assert.equal(other.dialogue.retry(), false);
});

test('what another tab has answered anew takes the place of what stands here', () => {
  const { take, history } = brokenOff();
  take('EVENT', 0x8000, { content: { type: 'retry', turn: 0x8000, n: 1 } });
  take('USER', 0x8000, { n: 1, text: 'When?' });
  take('TEXT', 0x8000, { text: 'From nine.' });
  take('END', 0x8000, { flags: END.COMPLETE });
  assert.deepEqual(
    history.messages.map(({ text }) => text),
    ['When?', 'From nine.'],
  );
});

test('that the chat was erased is told', () => {
  const { take, said } = made();
  take('EVENT', 0, { content: { type: 'erased' } });
  assert.deepEqual(said, ['erased']);
});

/** An answer of two sentences, of which a second and a half is here. */
function speaking() {
  const page = made();
  page.dialogue.ask('When?');
  page.take('ACCEPTED', 1, { n: 1 });
  page.take('TEXT', 1, { text: 'From nine. To six.' });
  page.take('MARK', 1, { spans: [[0, 10, 0, 1_000]] });
  page.take('MARK', 1, { spans: [[11, 18, 1_000, 2_000]] });
  page.take('AUDIO', 1, { data: new Uint8Array(48_000) });
  page.take('AUDIO', 1, { pos: 1_000, data: new Uint8Array(24_000) });
  return page;
}

test('sound that a server has lost is spoken again from the sentence on in which it ended', () => {
  const { take, calls, playback, history } = speaking();
  take('LOST', 1);
  take('END', 1, { flags: END.UNSAID });
  assert.deepEqual(calls.at(-1), ['speak', 2, 2, 11]);
  take('AUDIO', 2, { data: new Uint8Array(48) });
  assert.deepEqual(playback.turns, [1, 2]);
  assert.equal(history.answer(1).status, 'complete');
});

test('what was not to sound, or had not begun to, is not spoken then', () => {
  const silent = speaking();
  silent.playback.silence(1);
  silent.take('LOST', 1);
  const early = made();
  early.dialogue.ask('When?');
  early.take('TEXT', 1, { text: 'From nine.' });
  early.take('LOST', 1);
  for (const { calls } of [silent, early]) assert.ok(!calls.some(([name]) => name === 'speak'));
});
