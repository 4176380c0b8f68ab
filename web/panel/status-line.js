/**
 * The dot and the words under the title: how the line to the server is.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {Status} from '../types.d.ts'
 */

import { h } from './dom.js';

export class StatusLine {
  #texts;
  #words = h('span', {});
  /** @type {Status} */
  #status = { state: 'closed' };
  #warming = false;

  /** @param {Texts} texts */
  constructor(texts) {
    this.#texts = texts;
    this.element = h(
      'p',
      { class: 'status' },
      h('span', { class: 'dot', 'aria-hidden': 'true' }),
      this.#words,
    );
    this.#draw();
  }

  /** @param {Status} status */
  show(status) {
    this.#status = status;
    this.#draw();
  }

  /** @param {boolean} warming whether an engine is still loading */
  setWarming(warming) {
    this.#warming = warming;
    this.#draw();
  }

  #draw() {
    const { state } = this.#status;
    const warming = this.#warming && state === 'connected';
    this.element.dataset.state = warming ? 'warming' : state;
    const words = warming ? this.#texts.warming : wordsFor(this.#status, this.#texts);
    if (this.#words.textContent === words) return;
    this.#words.textContent = words;
    this.element.title = words;
  }
}

/** @param {Status} status @param {Texts} texts */
function wordsFor({ state, seconds = 0, again }, texts) {
  if (state === 'waiting') return texts.waiting(seconds);
  if (state === 'closed') return texts.connecting;
  return again && state === 'connecting' ? texts.reconnecting : texts[state];
}
