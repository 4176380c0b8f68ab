/**
 * What a visitor can do with an answer: hear it, copy it, say what it is worth, or ask once more.
 *
 * @import {Moment} from './message-view.js'
 * @import {Texts} from '../chat/texts.js'
 * @import {Message, Rating} from '../types.d.ts'
 */

import { copy, TOLD_MS } from '../markdown/frames.js';
import { h } from './dom.js';
import { iconButton } from './icon-button.js';
import { icon } from './icons.js';
import * as pictures from './pictures.js';

/**
 * @typedef {object} Actions
 * @property {(message: Message) => void} listen again, or stop listening
 * @property {(message: Message, rating: Rating) => void} rate
 * @property {() => void} retry the last question
 * @property {(text: string) => void} announce to a screen reader
 * @property {() => void} changed there is more to draw
 */

export class MessageTools {
  #message;
  #prose;
  #texts;
  #actions;
  #listen;
  #copy;
  #retry;
  /** @type {[Rating, HTMLButtonElement][]} */
  #thumbs;

  /**
   * @param {Message} message
   * @param {HTMLElement} prose that shows it
   * @param {Texts} texts
   * @param {Actions} actions
   */
  constructor(message, prose, texts, actions) {
    this.#message = message;
    this.#prose = prose;
    this.#texts = texts;
    this.#actions = actions;
    const chip = (/** @type {string} */ name, /** @type {() => void} */ onclick) =>
      h('button', { type: 'button', class: `chip ${name}`, onclick });
    this.#listen = chip('listen', () => actions.listen(message));
    this.#copy = chip('bare', () => void this.#copied());
    this.#copy.append(texts.copyAll);
    this.#retry = chip('bare', actions.retry);
    this.#retry.append(texts.retry);
    this.#thumbs = [this.#thumb('up'), this.#thumb('down')];
  }

  /** @param {Pick<Moment, 'sounds' | 'canReplay' | 'canRetry'>} moment @returns {HTMLElement[]} what makes sense now */
  draw({ sounds, canReplay, canRetry }) {
    const { text, status, written, rating, fault } = this.#message;
    // Who is not let in is so the next time too.
    const isShutOut = fault === this.#texts.faults.origin_refused;
    const isAnswered = written === null && text !== '' && ['complete', 'cut'].includes(status);
    const parts = [];
    if (sounds || (canReplay && isAnswered)) {
      const name = sounds ? this.#texts.stopListening : this.#texts.listen;
      this.#listen.replaceChildren(icon(sounds ? pictures.stop : pictures.sound), name);
      parts.push(this.#listen);
    }
    if (isAnswered) parts.push(this.#copy, ...this.#thumbs.map(([, button]) => button));
    if (canRetry && !isShutOut && ['failed', 'interrupted'].includes(status)) parts.push(this.#retry);
    for (const [value, button] of this.#thumbs) button.setAttribute('aria-pressed', String(rating === value));
    return parts;
  }

  /** @param {'up' | 'down'} value @returns {[Rating, HTMLButtonElement]} */
  #thumb(value) {
    const message = this.#message;
    const rate = () => this.#actions.rate(message, message.rating === value ? null : value);
    return [value, iconButton(`chip thumb ${value}`, icon(pictures.thumb), this.#texts[value], rate)];
  }

  /** As it is read, without the marks of Markdown and the names of buttons. */
  async #copied() {
    const { copied, notCopied } = this.#texts;
    const words = (await copy(this.#prose)) ? copied : notCopied;
    this.#copy.textContent = words;
    this.#actions.announce(words);
    setTimeout(() => (this.#copy.textContent = this.#texts.copyAll), TOLD_MS);
  }
}
