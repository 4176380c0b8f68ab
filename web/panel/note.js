/** A note above the field, and what can be chosen with it. */

import { h, iconButton } from './dom.js';
import { icon } from './icons.js';
import * as pictures from './pictures.js';

export class Note {
  element = h('div', { class: 'notice', role: 'status' });
  #close;

  /** @param {string} name of the button that closes it @param {() => void} closed what closing does besides */
  constructor(name, closed) {
    this.#close = iconButton('ghost small', icon(pictures.close), name, () => {
      this.clear();
      closed();
    });
  }

  /** The first choice gets the focus. @param {string} text @param {...[name: string, run: () => void]} choices */
  show(text, ...choices) {
    const buttons = choices.map(([name, onclick]) => h('button', { type: 'button', class: 'retry', onclick }, name));
    this.element.replaceChildren(h('p', {}, text, ...buttons), this.#close);
    buttons[0]?.focus();
  }

  clear() {
    this.element.replaceChildren();
  }

  close() {
    this.#close.click();
  }
}
