/** A note above the field, and what can be chosen with it. */

import { h } from './dom.js';
import { iconButton } from './icon-button.js';
import { icon } from './icons.js';
import * as pictures from './pictures.js';

export class Note {
  element = h('div', { class: 'notice', role: 'status' });
  /** Whether it is nothing but choices. */
  isMenu = false;
  #close;
  #changed;

  /**
   * @param {string} name of the button that closes it
   * @param {() => void} closed what closing does besides
   * @param {() => void} changed something else is shown, or nothing
   */
  constructor(name, closed, changed) {
    this.#changed = changed;
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
    this.isMenu = !text;
    this.#changed();
  }

  clear() {
    this.isMenu = false;
    this.element.replaceChildren();
    this.#changed();
  }

  close() {
    this.#close.click();
  }
}
