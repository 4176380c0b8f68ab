/**
 * Tells screen readers what comes, by whole sentences: text that streams into a live region would
 * be read in crumbs.
 */

import { h } from './dom.js';

// Sooner, some readers miss it; much later, some read everything there again.
const GONE_AFTER_MS = 1_000;

// Of many marks the last one counts, and each match begins where the one before ended: in whatever
// text, the time grows with its length alone.
const SENTENCE = /[^]*?(?:[.!?…](?![.!?…])["'”’)\]]{0,3}(?=\s)|[。！？]|\n)/gy;

/**
 * Return the whole sentences at the beginning of a growing text, with the room around them; a line's
 * end ends one too.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function sentences(text) {
  return text.match(SENTENCE) ?? [];
}

export class Announcer {
  element = h('div', { class: 'unseen', 'aria-live': 'polite' });
  /** @type {string[]} */
  #waiting = [];

  /** Say it as soon as nobody else speaks. @param {string} words */
  say(words) {
    if (words.trim()) this.#waiting.push(words.trim());
  }

  /** Nobody else speaks now. */
  go() {
    for (const words of this.#waiting.splice(0)) {
      const line = h('p', {}, words);
      this.element.append(line);
      setTimeout(() => line.remove(), GONE_AFTER_MS);
    }
  }
}
