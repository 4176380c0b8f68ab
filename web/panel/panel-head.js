/**
 * The head of the panel: the title, how the line is, sound on or off, what is done more rarely, and closing.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {Config, Status} from '../types.d.ts'
 */

import { h } from './dom.js';
import { iconButton } from './icon-button.js';
import { icon } from './icons.js';
import * as pictures from './pictures.js';
import { StatusLine } from './status-line.js';

export class PanelHead {
  #title = h('h2', { id: 'title', class: 'title' });
  #status;
  #mute;
  #menu;

  /**
   * @param {Texts} texts
   * @param {{ close: () => void, mute: () => void, menu: () => void }} actions
   */
  constructor(texts, { close, mute, menu }) {
    this.#status = new StatusLine(texts);
    this.#mute = iconButton('ghost mute', icon(pictures.sound), texts.mute, mute);
    this.#mute.append(icon(pictures.muted));
    this.#mute.hidden = true;
    this.#menu = iconButton('ghost', icon(pictures.more), texts.menu, menu);
    this.element = h(
      'div',
      { class: 'head' },
      h('div', { class: 'mark', 'aria-hidden': 'true' }, icon(pictures.chat)),
      h('div', { class: 'names' }, this.#title, this.#status.element),
      this.#mute,
      this.#menu,
      iconButton('ghost close', icon(pictures.close), texts.close, close),
    );
  }

  /** @param {string} title */
  setTitle(title) {
    this.#title.textContent = title;
  }

  /** @param {Config} config */
  configure({ speech, warming }) {
    this.#mute.hidden = !speech;
    this.#status.setWarming(warming.length > 0);
  }

  /** @param {Status} status */
  setStatus(status) {
    this.#status.show(status);
  }

  /** @param {boolean} open */
  setMenu(open) {
    this.#menu.setAttribute('aria-expanded', String(open));
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.#mute.setAttribute('aria-pressed', String(!muted));
  }
}
