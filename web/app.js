/**
 * What is fetched at the first opening: the panel and the session behind it.
 *
 * @import {Message} from './types.d.ts'
 * @import {VoiceChat} from './voice-chat.js'
 */

import css from '../scss/panel.scss';
import { isLanguage, warnOfIgnored } from './attributes.js';
import { texts, unlisted } from './chat/texts.js';
import { sheet } from './panel/dom.js';
import { icon } from './panel/icons.js';
import { Panel } from './panel/panel.js';
import * as pictures from './panel/pictures.js';
import { Session } from './session/session.js';

const panelSheet = sheet(css);

export class App {
  #element;
  #root;
  #launcher;
  #texts;
  /** What the launcher is called while the chat is closed. */
  #label;
  /** What had the focus before the chat opened. @type {Element | null} */
  #before = null;
  #session;
  #panel;
  /** Aborted when the element was removed. */
  #gone = new AbortController();

  /**
   * @param {VoiceChat} element
   * @param {HTMLElement} root its `lang` is the language of the words
   * @param {HTMLButtonElement} launcher
   * @param {AudioContext | null} audio closed with the app
   * @param {string[]} words of a table of `web/languages/`
   */
  constructor(element, root, launcher, audio, words) {
    warnOfIgnored(element);
    this.#element = element;
    this.#root = root;
    this.#launcher = launcher;
    this.#label = launcher.getAttribute('aria-label') ?? '';
    this.#texts = texts(root.lang, unlisted(words.values()));
    const { adoptedStyleSheets } = /** @type {ShadowRoot} */ (root.getRootNode());
    if (!adoptedStyleSheets.includes(panelSheet)) adoptedStyleSheets.push(panelSheet);
    // What is seen of it once the chat can be open.
    if (launcher.children.length === 1) launcher.append(icon(pictures.down));
    this.#panel = new Panel({
      texts: this.#texts,
      title: this.#title,
      server: element.server,
      isInline: element.dataset.layout === 'inline',
      close: () => this.close(),
      told: (name, detail) => this.#tell(name, detail),
      gone: this.#gone.signal,
    });
    this.#session = new Session({
      server: element.server,
      mode: this.#mode,
      language: languageOf(element),
      audio,
      view: this.#panel,
      texts: this.#texts,
      said: (message) => this.#said(message),
    });
    this.#panel.attach(this.#session);
    root.prepend(this.#panel.element);
    this.#listen();
  }

  get isOpen() {
    return this.#panel.isOpen;
  }

  get playhead() {
    return this.#session.player.playheadMs;
  }

  get level() {
    return this.#session.player.level;
  }

  /** Inside a click it may sound, too. */
  open() {
    this.#session.player.unlock();
    if (this.isOpen) return;
    this.#before = document.activeElement;
    this.#panel.open(this.#mayFocus);
    this.#session.open();
    this.#showOpen(true);
    this.#tell('open', {});
  }

  /** A part of the page stays open. */
  close() {
    if (!this.isOpen || this.#panel.isInline) return;
    this.#session.quiet();
    this.#panel.close();
    this.#showOpen(false);
    this.#giveFocusBack();
    this.#tell('close', {});
  }

  /** @param {string} text */
  send(text) {
    this.#panel.send(text);
  }

  /** The element stands somewhere else in the page. */
  moved() {
    if (this.isOpen) this.#panel.show();
  }

  /** @param {string} attribute */
  changed(attribute) {
    warnOfIgnored(this.#element, [attribute]);
    if (attribute === 'data-mode') this.#session.setMode(this.#mode);
    if (attribute === 'data-title') this.#panel.setTitle(this.#title);
  }

  destroy() {
    this.#gone.abort();
    this.#session.destroy();
    this.#panel.close();
    this.#panel.element.remove();
    this.#showOpen(false);
  }

  get #title() {
    return this.#element.dataset.title ?? this.#texts.title;
  }

  /** A part of the page that opens with it is not to take the visitor there. */
  get #mayFocus() {
    const { isActive } = navigator.userActivation ?? {};
    return !this.#panel.isInline || (isActive ?? !this.#element.hasAttribute('data-open'));
  }

  /** To the button of the site that opened the chat, else to the launcher; the page does not scroll. */
  #giveFocusBack() {
    const before = /** @type {HTMLElement | null} */ (this.#before);
    const isOurs = !before || before === document.body || before === this.#element;
    (isOurs ? this.#launcher : before).focus({ preventScroll: true });
  }

  /** What is no mode counts for nothing. */
  get #mode() {
    const { mode } = this.#element;
    return mode === 'v1' || mode === 'v2' ? mode : 'auto';
  }

  #listen() {
    const { signal } = this.#gone;
    const session = this.#session;
    addEventListener('online', () => session.kick('online'), { signal });
    addEventListener('pagehide', () => session.leave(), { signal });
    addEventListener('pageshow', ({ persisted }) => persisted && session.comeBack(), { signal });
    document.addEventListener(
      'visibilitychange',
      () => document.visibilityState === 'visible' && this.isOpen && session.kick('seen'),
      { signal },
    );
  }

  /** @param {boolean} open */
  #showOpen(open) {
    this.#root.classList.toggle('open', open);
    this.#launcher.setAttribute('aria-expanded', String(open));
    this.#launcher.setAttribute('aria-label', open ? this.#texts.close : this.#label);
  }

  /** @param {Message} message */
  #said({ role, text, status, spoken }) {
    if (text) this.#tell('message', { role, text, status, spoken });
  }

  /** @param {string} name @param {object} detail */
  #tell(name, detail) {
    const event = new CustomEvent(`voicechat:${name}`, { detail, bubbles: true, composed: true });
    this.#element.dispatchEvent(event);
  }
}

/**
 * What the visitor speaks, for the engines: as the author says, or the page. Undefined where neither
 * does; the browser's own language would say nothing of the page's.
 *
 * @param {HTMLElement} element
 */
function languageOf({ dataset: { lang } }) {
  const named = lang || document.documentElement.lang;
  return isLanguage(named) ? named.replaceAll('_', '-') : undefined;
}
