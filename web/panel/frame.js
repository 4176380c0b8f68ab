/**
 * How the panel stands in the page: as a window that leaves the page usable beside it, as a modal
 * window that fills a small screen, or as a part of the page.
 */

import { h } from './dom.js';
import { holdPage, stayAboveKeyboard } from './phone-screen.js';

// Phones upright and lying, and windows that are enlarged so much that no room is left.
const SMALL = '(max-width: 480px), (max-height: 440px)';

export class Frame {
  #small = matchMedia(SMALL);
  /** @type {HTMLDialogElement | null} Null: a part of the page. */
  #dialog = null;
  #giveBack = () => {};

  /** @param {boolean} isInline @param {AbortSignal} gone */
  constructor(isInline, gone) {
    const properties = { class: 'panel', 'aria-labelledby': 'title', tabindex: -1 };
    if (isInline) {
      this.element = h('section', { ...properties, hidden: true });
      return;
    }
    const dialog = h('dialog', properties);
    // The browser's own closing would forget to tell anybody.
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    this.#small.addEventListener('change', () => this.isOpen && this.show(), { signal: gone });
    stayAboveKeyboard(dialog, gone);
    this.element = this.#dialog = dialog;
  }

  get isOpen() {
    return this.#dialog ? this.#dialog.open : !this.element.hidden;
  }

  /** Also where it is shown already, and is to be shown another way. */
  show() {
    const focused = /** @type {ShadowRoot} */ (this.element.getRootNode()).activeElement;
    this.close();
    if (!this.#dialog) {
      this.element.hidden = false;
    } else if (this.#small.matches) {
      this.#giveBack = holdPage();
      this.#dialog.showModal();
    } else {
      this.#dialog.show();
    }
    if (this.element.contains(focused)) /** @type {HTMLElement} */ (focused).focus({ preventScroll: true });
  }

  close() {
    this.#giveBack();
    this.#giveBack = () => {};
    if (this.#dialog) this.#dialog.close();
    else this.element.hidden = true;
  }
}
