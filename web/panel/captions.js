/**
 * Live captions: what is heard of a question while it is spoken, in the recording bar.
 *
 * No live region: a screen reader that reads it out would talk over the visitor. The question itself is
 * announced when it stands in the conversation.
 */

import { indexAt } from '../wire/utf8.js';
import { h, write } from './dom.js';

export class Captions {
  #stable = h('span');
  #unsure = h('span', { class: 'unsure' });
  #line = h('p', { class: 'captions', dir: 'auto' }, this.#stable, this.#unsure);

  /** @param {HTMLElement} bar of the recording, whose state it wears as an attribute */
  constructor(bar) {
    bar.prepend(this.#line);
    // What was heard of one recording is not of the next.
    const isOver = () => ['off', 'asking'].includes(String(bar.dataset.state));
    new MutationObserver(() => isOver() && this.show('', 0)).observe(bar, { attributeFilter: ['data-state'] });
  }

  /**
   * All that was heard so far, in place of what was told before.
   *
   * @param {string} text @param {number} stable UTF-8 bytes of it that won't change any more
   */
  show(text, stable) {
    this.#line.hidden = !text;
    const at = indexAt(text, stable);
    write(this.#stable, text.slice(0, at));
    write(this.#unsure, text.slice(at));
    this.#line.scrollTop = this.#line.scrollHeight;
  }
}
