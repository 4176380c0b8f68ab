/**
 * The messages on the page. Each has one element for as long as it lives; what changes is written
 * into it.
 *
 * @import {History} from '../chat/history.js'
 * @import {Texts} from '../chat/texts.js'
 * @import {Playback} from '../session/playback.js'
 * @import {Config, Message} from '../types.d.ts'
 */

import { isOver } from '../chat/history.js';
import { h, iconButton } from './dom.js';
import { icon } from './icons.js';
import { MessageView } from './message-view.js';
import * as pictures from './pictures.js';

// So near to the end the list follows what comes.
const NEAR_PX = 80;

/**
 * @typedef {object} ListActions
 * @property {(text: string) => void} ask
 * @property {() => void} earlier
 */

/** @typedef {ListActions & import('./message-tools.js').Actions} Actions */

export class MessageList {
  #texts;
  #server;
  #actions;
  #earlier;
  #welcome = h('div', { class: 'welcome' });
  #suggestions = h('div', { class: 'suggestions', role: 'group', hidden: true });
  /** @type {string[]} Questions to begin with. */
  #first = [];
  #suggested = '';
  #list;
  #latest;
  /** @type {Map<Message, MessageView>} */
  #views = new Map();
  /** Whether the list stays at its end: nobody has scrolled up. */
  #follows = true;

  /**
   * @param {Texts} texts
   * @param {string} server its address, with a slash at the end
   * @param {Actions} actions
   */
  constructor(texts, server, actions) {
    this.#texts = texts;
    this.#server = server;
    this.#actions = actions;
    this.#earlier = h(
      'button',
      { type: 'button', class: 'earlier', hidden: true, onclick: actions.earlier },
      texts.earlier,
    );
    this.#list = h('div', { class: 'list' });
    this.#latest = iconButton('latest', icon(pictures.down), texts.latest, () => this.toLatest());
    this.#latest.hidden = true;
    // Its changes are announced by whole sentences elsewhere.
    this.scroller = h(
      'div',
      {
        class: 'log',
        role: 'log',
        'aria-label': texts.log,
        'aria-live': 'off',
        tabindex: 0,
        onscroll: () => this.#scrolled(),
      },
      this.#earlier,
      this.#welcome,
      this.#list,
      this.#suggestions,
    );
    this.element = h('div', { class: 'messages' }, this.scroller, this.#latest);
    // A growing field or a note takes room from below: the end stays in sight.
    new ResizeObserver(() => this.#follows && this.toLatest()).observe(this.scroller);
  }

  /** @param {Config['welcome']} welcome */
  setWelcome({ text, suggestions }) {
    this.#first = suggestions;
    if (text !== this.#welcome.textContent) this.#welcome.replaceChildren(h('p', { class: 'greeting' }, text));
  }

  /** Offer questions under what stands there now. @param {History} history @param {string[]} questions */
  suggest({ messages }, questions) {
    const last = messages.at(-1);
    if (last) last.suggestions = questions;
    else this.#first = questions;
  }

  /** @param {History} history @param {Playback} playback */
  draw(history, playback) {
    const follows = this.#follows;
    const heightBefore = this.scroller.scrollHeight;
    const topBefore = this.scroller.scrollTop;
    const firstBefore = this.#list.firstElementChild;
    this.#earlier.hidden = !history.more;
    this.#welcome.classList.toggle('is-past', history.messages.length > 0);
    this.#drawMessages(history.messages, playback);
    this.#drawSuggestions(history.messages.at(-1));
    if (firstBefore && firstBefore !== this.#list.firstElementChild && !follows) {
      // Earlier messages came in above: what was being read stays where it was.
      this.scroller.scrollTop = topBefore + this.scroller.scrollHeight - heightBefore;
      this.#scrolled();
    } else if (follows) {
      this.toLatest();
    }
  }

  toLatest() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#scrolled();
  }

  /** @param {Message[]} messages @param {Playback} playback */
  #drawMessages(messages, playback) {
    const there = new Set(messages);
    for (const [message, view] of this.#views) {
      if (there.has(message)) continue;
      view.element.remove();
      this.#views.delete(message);
    }
    const { sounding } = playback;
    const [question, last] = messages.slice(-2);
    /** @type {Element | null} */
    let next = this.#list.firstElementChild;
    for (const message of messages) {
      let view = this.#views.get(message);
      if (!view) {
        view = new MessageView(message, this.#texts, this.#server, this.#actions);
        this.#views.set(message, view);
      }
      view.draw({
        sounds: sounding === message,
        canReplay: playback.canReplay(message),
        canRetry: message === last && question.role === 'user' && question.text !== '',
      });
      if (view.element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(view.element, next);
    }
  }

  /** Questions under the newest message, as long as nothing else is asked. @param {Message} [last] */
  #drawSuggestions(last) {
    const isReady = !last || (isOver(last) && last.written === null);
    const questions = isReady ? (last?.suggestions ?? this.#first) : [];
    const key = JSON.stringify(questions);
    if (key === this.#suggested) return;
    this.#suggested = key;
    const { suggestions, followUps } = this.#texts;
    const label = last ? followUps : suggestions;
    const buttons = questions.map((question) =>
      h(
        'button',
        { type: 'button', class: 'suggestion', onclick: () => this.#actions.ask(question) },
        question,
      ),
    );
    this.#suggestions.hidden = !buttons.length;
    this.#suggestions.setAttribute('aria-label', label);
    this.#suggestions.replaceChildren(...buttons);
    if (last && buttons.length) this.#actions.announce(`${label}: ${questions.join(' ')}`);
  }

  get #isNearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  #scrolled() {
    this.#follows = this.#isNearEnd;
    this.#latest.hidden = this.#follows;
  }
}
