/**
 * Shows which word of an answer sounds. The page's elements stay as they are: the browser paints the
 * word itself (CSS Custom Highlight API), and where it can't, nothing is shown.
 *
 * @import {Prose} from '../markdown/prose.js'
 * @import {Message} from '../types.d.ts'
 */

/** Of all words that sound on the page, whichever chat says them; its style is in `_spoken-word.scss`. */
const NAME = 'voicechat-word';

// Between two words the one before stays marked, for what goes on and off with each would flicker.
const LINGER_MS = 400;

/** @typedef {{ turn: number, ms: number, message: Message }} Sounding which turn's sound is where, and the answer that it says */

export class SpokenWord {
  #proseOf;
  /** @type {Map<number, number[][]>} By turn; as MARK says them. */
  #words = new Map();
  /** @type {Range | null} What is marked. */
  #range = null;
  /** Where it begins and ends in the source. */
  #marked = '';

  /** @param {(message: Message) => Prose | undefined} proseOf where an answer is shown */
  constructor(proseOf) {
    this.#proseOf = proseOf;
  }

  /**
   * @param {number} turn
   * @param {number[][]} words as MARK says them
   * @param {number[]} turns that are still to sound: of others nothing is kept
   */
  add(turn, words, turns) {
    const known = this.#words.get(turn) ?? [];
    for (const old of this.#words.keys()) if (!turns.includes(old)) this.#words.delete(old);
    this.#words.set(turn, [...known, ...words]);
  }

  /** @param {Sounding | null} sounding null: silence */
  draw(sounding) {
    const word = sounding && this.#wordAt(sounding);
    const key = word ? `${sounding.turn} ${word[0]} ${word[1]}` : '';
    // What is drawn anew loses the mark: the text of an answer grows while it is said.
    const isLost = this.#range && (this.#range.collapsed || !this.#range.startContainer.isConnected);
    if (key === this.#marked && !isLost) return;
    this.#marked = key;
    this.#mark(word ? this.#rangeOf(this.#proseOf(sounding.message), word[0], word[1]) : null);
  }

  /** @param {Sounding} sounding */
  #wordAt({ turn, ms }) {
    const begun = this.#words.get(turn)?.findLast(([, , fromMs]) => fromMs <= ms);
    return begun && ms < begun[3] + LINGER_MS ? begun : null;
  }

  /** @param {Prose | undefined} prose @param {number} begin @param {number} end UTF-8 bytes of the source */
  #rangeOf(prose, begin, end) {
    const from = prose?.find(begin);
    // Its last character, whatever is shown behind it: a mark, or a button.
    const last = prose?.find(end - 1);
    // It may not be drawn yet.
    if (!from || !last || last.offset >= last.node.length) return null;
    const character = String.fromCodePoint(Number(last.node.data.codePointAt(last.offset)));
    const range = document.createRange();
    range.setStart(from.node, from.offset);
    range.setEnd(last.node, last.offset + character.length);
    return range;
  }

  /** @param {Range | null} range */
  #mark(range) {
    const { highlights } = CSS;
    let all = highlights.get(NAME);
    if (!all) highlights.set(NAME, (all = new Highlight()));
    if (this.#range) all.delete(this.#range);
    if (range) all.add(range);
    this.#range = range;
  }
}
