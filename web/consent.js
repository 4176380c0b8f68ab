/** Whether the visitor has to agree before anything is sent, and has. */

import { tabStorage } from './chat/identity.js';

export class Consent {
  #element;
  #isGiven = false;

  /** @param {HTMLElement & { server: string }} element */
  constructor(element) {
    this.#element = element;
  }

  get isMissing() {
    const isRequired = this.#element.dataset.consent === 'required';
    return isRequired && !this.#isGiven && !tabStorage()?.getItem(this.#name);
  }

  give() {
    this.#isGiven = true;
    try {
      tabStorage()?.setItem(this.#name, 'yes');
    } catch {
      // It is full: the next page asks again.
    }
  }

  /** Of what the tab's own storage holds. */
  get #name() {
    return `voicechat ${this.#element.server} consent`;
  }
}
