/**
 * The messages on the page. Each has one element for as long as it lives; what changes is written
 * into it.
 *
 * @import {History} from '../chat/history.js'
 * @import {Texts} from '../chat/texts.js'
 * @import {Playback} from '../session/playback.js'
 * @import {Config, Message} from '../types.d.ts'
 */

import { h } from './dom.js';
import { iconButton } from './icon-button.js';
import { icon } from './icons.js';
import { MessageView } from './message-view.js';
import * as pictures from './pictures.js';

// So near to the end the list follows what comes.
const NEAR_PX = 80;

// After a pause as long as this it is told when a message was written.
const PAUSE_SECONDS = 300;

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
  /** By what each shows. @type {Map<Message, MessageView>} */
  views = new Map();
  /** Whether what is asked waits for a connection. */
  isOffline = false;
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
        'aria-describedby': 'keys',
        'aria-live': 'off',
        tabindex: 0,
        onscroll: () => this.#scrolled(),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
      },
      this.#earlier,
      this.#welcome,
      this.#list,
      this.#suggestions,
    );
    const keys = h('p', { id: 'keys', class: 'keys' }, texts.logKeys);
    this.element = h('div', { class: 'messages' }, this.scroller, this.#latest, keys);
    // A growing field or a note takes room from below: the end stays in sight.
    new ResizeObserver(() => this.#follows && this.toLatest()).observe(this.scroller);
  }

  /** @param {Config['welcome']} welcome */
  setWelcome({ text, suggestions }) {
    this.#first = suggestions;
    text ||= this.#texts.greeting;
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
    }
    if (follows) this.toLatest();
    else this.#scrolled();
  }

  toLatest() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#scrolled();
  }

  /** None ever goes. @param {Message[]} messages @param {Playback} playback */
  #drawMessages(messages, playback) {
    const { sounding } = playback;
    const last = messages.at(-1);
    const today = new Date().getDate();
    let before = messages[0];
    /** @type {Element | null} */
    let next = this.#list.firstElementChild;
    for (const message of messages) {
      let view = this.views.get(message);
      if (!view) {
        view = new MessageView(message, this.#texts, this.#server, this.#actions);
        this.views.set(message, view);
      }
      if (view.element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(view.element, next);
      view.draw({
        sounds: sounding === message,
        heardMs: playback.heardMs(message),
        canReplay: playback.canReplay(message),
        canRetry: message === last && playback.canRetry(before),
        isOffline: this.isOffline,
        today: (message === messages[0] || message.at - before.at > PAUSE_SECONDS) && today,
      });
      before = message;
    }
  }

  /** Questions under the newest message, as long as nothing else is asked. @param {Message} [last] */
  #drawSuggestions(last) {
    const isReady = !last || this.views.get(last)?.isWhole;
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

  /**
   * Go up and down among the messages, into one, and among what can be pressed in it. All of them are
   * one stop of the Tab key: with the buttons of a long chat, nobody would get through it.
   *
   * @param {KeyboardEvent} event
   */
  #key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const message = /** @type {HTMLElement | null} */ (target.closest('.list > *'));
    if (!message && target !== this.scroller) return;
    const within = /** @type {NodeListOf<HTMLElement>} */ (message?.querySelectorAll('[tabindex]') ?? []);
    // The one that the focus is inside; it may be on a message itself, or on the list.
    const around = message === target ? null : message;
    /** @type {any[]} */
    const all = [...(around ? within : this.#list.children)];
    // From the list itself one goes up to the newest.
    const at = message ? all.indexOf(target) : all.length;
    /** @type {Record<string, HTMLElement | null>} */
    const places = {
      ArrowUp: all[at - 1],
      ArrowDown: all[at + 1],
      Home: all[0],
      End: all.at(-1),
      [around ? 'Escape' : 'Enter']: around ?? within[0],
    };
    if (!places[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    places[event.key]?.focus();
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.#follows = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    this.#latest.hidden = this.#follows;
  }
}
