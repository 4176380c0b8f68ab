/**
 * What is fetched at the first opening: the panel and the session behind it.
 *
 * @import {Message} from './types.d.ts'
 * @import {VoiceChat} from './voice-chat.js'
 */

import css from '../scss/panel.scss';
import { texts } from './chat/texts.js';
import { sheet } from './panel/dom.js';
import { Panel } from './panel/panel.js';
import { Session } from './session/session.js';

const panelSheet = sheet(css);

export class App {
  #element;
  #root;
  #launcher;
  #language;
  #texts;
  #session;
  #panel;
  /** Aborted when the element was removed. */
  #gone = new AbortController();

  /**
   * @param {VoiceChat} element
   * @param {HTMLElement} root
   * @param {HTMLButtonElement} launcher
   * @param {AudioContext | null} audio closed with the app
   */
  constructor(element, root, launcher, audio) {
    this.#element = element;
    this.#root = root;
    this.#launcher = launcher;
    this.#language = languageOf(element);
    this.#texts = texts(this.#language);
    const { adoptedStyleSheets } = /** @type {ShadowRoot} */ (root.getRootNode());
    if (!adoptedStyleSheets.includes(panelSheet)) adoptedStyleSheets.push(panelSheet);
    this.#panel = new Panel({
      texts: this.#texts,
      title: element.dataset.title ?? this.#texts.title,
      server: element.server,
      close: () => this.close(),
      told: (name, detail) => this.#tell(name, detail),
      gone: this.#gone.signal,
    });
    this.#session = new Session({
      server: element.server,
      mode: this.#mode,
      language: this.#language,
      audio,
      view: this.#panel,
      texts: this.#texts,
      said: (message) => this.#said(message),
    });
    this.#panel.attach(this.#session);
    root.prepend(this.#panel.dialog);
    if (this.#language) root.lang = this.#language;
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
    this.#panel.open();
    this.#session.open();
    this.#showOpen(true);
    this.#tell('open', {});
  }

  close() {
    if (!this.isOpen) return;
    this.#session.quiet();
    this.#panel.close();
    this.#showOpen(false);
    this.#launcher.focus();
    this.#tell('close', {});
  }

  /** @param {string} text */
  send(text) {
    this.#panel.send(text);
  }

  /** @param {string} attribute */
  changed(attribute) {
    if (attribute === 'data-mode') this.#session.setMode(this.#mode);
    if (attribute === 'data-title') this.#panel.setTitle(this.#element.dataset.title ?? this.#texts.title);
  }

  destroy() {
    this.#gone.abort();
    this.#session.destroy();
    this.#panel.close();
    this.#panel.dialog.remove();
    this.#showOpen(false);
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
    this.#launcher.setAttribute('aria-label', open ? this.#texts.close : this.#texts.launcher);
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
 * The visitor's language; undefined where none is named, or what is named is no tag: the server takes
 * nothing else.
 *
 * @param {HTMLElement} element
 */
function languageOf({ dataset: { lang } }) {
  const named = (lang || document.documentElement.lang).replaceAll('_', '-');
  if (/^[a-z]{2,8}(-[a-z0-9]{1,8}){0,5}$/i.test(named)) return named;
  // A page may say anything in its own attribute; this one is ours.
  if (lang) console.warn(`voicechat: data-lang="${lang}" is ignored; allowed: a language tag as en or de-CH`);
}
