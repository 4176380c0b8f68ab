/**
 * Plays an answer from the word that was tapped. It repeats what the button under each answer does from
 * the answer's start, so nobody needs to hit a word: a keyboard and a screen reader have that button.
 *
 * @import {Prose} from '../markdown/prose.js'
 * @import {Session} from '../session/session.js'
 * @import {Message} from '../types.d.ts'
 * @import {MessageView} from './message-view.js'
 */

import { isOver } from '../chat/history.js';
import { PLAYED } from '../wire/frames.js';

// As long as a second click may take that selects the word: Windows waits for it 500 ms, others less.
const DOUBLE_CLICK_MS = 350;

// A hand that holds still moves by less.
const STILL_PX = 5;

// Between two lines nothing stands.
const GAP_PX = 4;

/** More than any sound has: the server counts as heard what it sent, at most. */
const ALL_MS = 0xffffffff;

/** What a click is for already. */
const BUSY = 'a, button, code, .code';

export class Tapping {
  #session;
  #views;
  /** How the pointer went down last. @type {{ x: number, y: number, wasSelected: boolean } | null} */
  #down = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** What is to be played as soon as it is stored. @type {{ message: Message, pos: number } | null} */
  #waiting = null;

  /**
   * @param {Session} session
   * @param {HTMLElement} panel
   * @param {Map<Message, MessageView>} views
   */
  constructor(session, panel, views) {
    this.#session = session;
    this.#views = views;
    const root = /** @type {ShadowRoot} */ (panel.getRootNode());
    panel.addEventListener('pointerdown', ({ clientX: x, clientY: y }) => {
      this.#down = { x, y, wasSelected: isSelected(root) };
      clearTimeout(this.#timer);
    });
  }

  /** @param {MouseEvent} click among the messages @param {EventTarget | null} target what it is on */
  tap({ clientX: x, clientY: y, detail }, target) {
    const { player, playback } = this.#session;
    const element = /** @type {Element} */ (target);
    clearTimeout(this.#timer);
    const [message, view] = [...this.#views].find(([, { prose }]) => prose.element.contains(element)) ?? [];
    const isBusy = detail !== 1 || element.closest(BUSY) || this.#isSelecting(element, x, y);
    if (isBusy || !message || !view || player.muted || !message.n || !playback.transport?.speak) return;
    const pos = byteAt(view.prose, x, y);
    if (pos === null || !playback.canReplay(message)) return;
    player.unlock();
    this.#timer = setTimeout(() => this.#play(message, pos), DOUBLE_CLICK_MS);
  }

  /** Something has changed: what was waited for may be stored by now. */
  look() {
    const { messages } = this.#session.history;
    const { message, pos } = this.#waiting ?? {};
    if (!message || !isOver(message)) return;
    this.#waiting = null;
    // Who has stopped it, or asked something else meanwhile, does not want to hear it.
    if (message.status === 'complete' && message === messages.at(-1)) this.#play(message, Number(pos));
  }

  /** @param {Message} message @param {number} pos */
  #play(message, pos) {
    const { player, playback } = this.#session;
    const turn = Number(message.turn);
    this.#waiting = null;
    if (!isOver(message)) {
      // To stop it would cut its text, too.
      this.#waiting = { message, pos };
      playback.silence(turn);
      playback.played(turn, ALL_MS, PLAYED.MUTED);
      player.stop(turn);
      return;
    }
    if (turn) {
      // It was read, and goes on somewhere else: nothing of it is unheard.
      player.stop(turn);
      playback.played(turn, ALL_MS, PLAYED.MUTED | PLAYED.ENDED);
    }
    playback.replay(message, pos);
  }

  /** Whether text is being selected, or was until this click. @param {Element} element @param {number} x @param {number} y */
  #isSelecting(element, x, y) {
    const down = this.#down;
    const root = /** @type {ShadowRoot} */ (element.getRootNode());
    const hasMoved = down && Math.hypot(x - down.x, y - down.y) > STILL_PX;
    return hasMoved || down?.wasSelected || isSelected(root);
  }
}

/** Whether any text is. @param {ShadowRoot} root where Chromium has a selection of its own */
function isSelected(root) {
  const { getSelection } = /** @type {any} */ (root);
  return String(getSelection ? getSelection.call(root) : document.getSelection()) !== '';
}

/**
 * Find the word that a point is on.
 *
 * @param {Prose} prose @param {number} x @param {number} y
 * @returns {number | null} its first byte in the source; null: there is none
 */
function byteAt(prose, x, y) {
  const range = document.createRange();
  const isWithin = (/** @type {Text} */ node, /** @type {number} */ from, /** @type {number} */ to) => {
    range.setStart(node, from);
    range.setEnd(node, to);
    return [...range.getClientRects()].some(
      ({ left, right, top, bottom }) => x >= left && x <= right && y >= top - GAP_PX && y <= bottom + GAP_PX,
    );
  };
  for (const node of prose.places.texts(prose.element)) {
    let [from, to] = [0, node.length];
    if (!isWithin(node, from, to)) continue;
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if (isWithin(node, from, middle)) to = middle;
      else from = middle;
    }
    return prose.places.byteAt(node, wordAt(node.data, from));
  }
  return null;
}

/** @param {string} text @param {number} at @returns {number} where the word begins that this is in */
function wordAt(text, at) {
  // Not every browser has it that the widget runs in; without it words have spaces between them.
  const words = 'Segmenter' in Intl && new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text);
  if (words) return Number(words.containing(at)?.index);
  return at - Number(/\S*$/.exec(text.slice(0, at))?.[0].length);
}
