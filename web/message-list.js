/**
 * The messages on the page. Each has one element for as long as it lives; what changes is written
 * into it.
 *
 * @import {Config, Message} from './types.d.ts'
 * @import {Dialogue} from './dialogue.js'
 * @import {History} from './history.js'
 * @import {Texts} from './texts.js'
 */

import { h, iconButton } from './dom.js';
import { icon } from './icons.js';
import { MessageView } from './message-view.js';
import * as pictures from './pictures.js';

// So near to the end the list follows what comes.
const NEAR_PX = 80;

/**
 * @typedef {object} Actions
 * @property {(text: string) => void} ask
 * @property {(message: Message) => void} listen again, or stop listening
 * @property {() => void} earlier
 */

export class MessageList {
  #texts;
  #actions;
  #earlier;
  #welcome = h('div', { class: 'welcome' });
  #list;
  #latest;
  /** @type {Map<Message, MessageView>} */
  #views = new Map();
  #welcomed = '';

  /** @param {Texts} texts @param {Actions} actions */
  constructor(texts, actions) {
    this.#texts = texts;
    this.#actions = actions;
    this.#earlier = h('button', { type: 'button', class: 'earlier', hidden: true, onclick: actions.earlier }, texts.earlier);
    this.#list = h('div', { class: 'list' });
    this.#latest = iconButton('latest', icon(pictures.down), texts.latest, () => this.toLatest());
    this.#latest.hidden = true;
    // Its changes are announced by whole sentences elsewhere.
    this.scroller = h(
      'div',
      { class: 'log', role: 'log', 'aria-label': texts.log, 'aria-live': 'off', tabindex: 0, onscroll: () => this.#scrolled() },
      this.#earlier,
      this.#welcome,
      this.#list,
    );
    this.element = h('div', { class: 'messages' }, this.scroller, this.#latest);
  }

  /** @param {Config['welcome']} welcome */
  setWelcome({ text, suggestions }) {
    const key = JSON.stringify([text, suggestions]);
    if (key === this.#welcomed) return;
    this.#welcomed = key;
    const questions = suggestions.map((question) =>
      h('button', { type: 'button', class: 'suggestion', onclick: () => this.#actions.ask(question) }, question),
    );
    this.#welcome.replaceChildren(
      h('p', { class: 'greeting' }, text),
      h('div', { class: 'suggestions', role: 'group', 'aria-label': this.#texts.suggestions }, ...questions),
    );
  }

  /** @param {History} history @param {Dialogue} dialogue */
  draw(history, dialogue) {
    const follows = this.#isNearEnd;
    const heightBefore = this.scroller.scrollHeight;
    const topBefore = this.scroller.scrollTop;
    const firstBefore = this.#list.firstElementChild;
    this.#earlier.hidden = !history.more;
    this.#welcome.classList.toggle('is-past', history.messages.length > 0);
    this.#drawMessages(history.messages, dialogue);
    if (firstBefore && firstBefore !== this.#list.firstElementChild && !follows) {
      // Earlier messages came in above: what was being read stays where it was.
      this.scroller.scrollTop = topBefore + this.scroller.scrollHeight - heightBefore;
    } else if (follows) {
      this.toLatest();
    }
    this.#scrolled();
  }

  toLatest() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** @param {Message[]} messages @param {Dialogue} dialogue */
  #drawMessages(messages, dialogue) {
    const there = new Set(messages);
    for (const [message, view] of this.#views) {
      if (there.has(message)) continue;
      view.element.remove();
      this.#views.delete(message);
    }
    const { sounding } = dialogue;
    /** @type {Element | null} */
    let next = this.#list.firstElementChild;
    for (const message of messages) {
      let view = this.#views.get(message);
      if (!view) {
        view = new MessageView(message, this.#texts, () => this.#actions.listen(message));
        this.#views.set(message, view);
      }
      view.draw(sounding === message, dialogue.canReplay(message));
      if (view.element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(view.element, next);
    }
  }

  get #isNearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  #scrolled() {
    this.#latest.hidden = this.#isNearEnd;
  }
}
