/** A dialogue with a transport and a loudspeaker of a few lines. */

import { History } from '../../../web/chat/history.js';
import { Identity } from '../../../web/chat/identity.js';
import { texts } from '../../../web/chat/texts.js';
import { Dialogue } from '../../../web/session/dialogue.js';
import { Playback } from '../../../web/session/playback.js';
import { StoppedClock } from '../doubles.mjs';

/** A loudspeaker that plays as far as the test says. */
class Loudspeaker {
  turns = [];
  playheadMs = 0;
  isBlocked = false;
  muted = false;
  /** @type {[posMs: number, ms: number][]} */
  pieces = [];
  /** @type {number[]} */
  completed = [];

  get sounding() {
    return this.turns[0] ?? null;
  }

  add(turn, posMs, pcm) {
    if (!this.has(turn)) this.turns.push(turn);
    if (pcm) this.pieces.push([posMs, pcm.length / 48]);
  }

  has(turn) {
    return this.turns.includes(turn);
  }

  complete(turn) {
    this.completed.push(turn);
  }

  close() {
    this.turns = [];
  }

  stop(turn) {
    this.turns = this.turns.filter((one) => one !== turn);
    return this.playheadMs;
  }
}

export function made() {
  const history = new History();
  const identity = new Identity(null, 'x');
  const clock = new StoppedClock();
  const player = new Loudspeaker();
  const calls = [];
  const call =
    (name) =>
    (...values) =>
      calls.push([name, ...values]);
  const names = ['ask', 'cancel', 'speak', 'retry', 'played'];
  const transport = Object.fromEntries(names.map((name) => [name, call(name)]));
  const notices = [];
  const faults = [];
  const view = {
    changed: () => {},
    notice: (text) => notices.push(text),
    fault: (code) => faults.push(code),
    withVoice: (then) => then({ words: call('words'), captioned: call('captioned') }),
  };
  const said = [];
  // A sentence of the tests is its own sound.
  const decode = async (mp3) => mp3;
  const playback = new Playback({ history, identity, player, clock, changed: () => {}, decode });
  playback.transport = transport;
  const dialogue = new Dialogue({
    history,
    identity,
    playback,
    view,
    texts: texts('en'),
    said: ({ role, text }) => said.push(`${role}: ${text}`),
    erased: () => said.push('erased'),
  });
  dialogue.use(transport);
  const take = (name, turn, fields = {}) => dialogue.take({ name, turn, flags: 0, pos: 0, ...fields });
  return { history, clock, player, playback, dialogue, take, calls, notices, faults, said, transport };
}
