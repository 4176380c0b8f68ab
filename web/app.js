/**
 * What is fetched at the first opening: the panel and the session behind it.
 *
 * @import {Message} from './types.d.ts'
 * @import {VoiceChat} from './voice-chat.js'
 */

import css from '../scss/panel.scss';
import { languageOf, modeOf, warnOfIgnored } from './attributes.js';
import { texts, unlisted } from './chat/texts.js';
import { Consent } from './consent.js';
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
  /** @type {Session} */
  #session = /** @type {any} */ (null);
  /** @type {Panel} */
  #panel = /** @type {any} */ (null);
  /** Answers that ended while the chat was closed. */
  #unread = 0;
  #consent;
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
    this.#consent = new Consent(element);
    this.#root = root;
    this.#launcher = launcher;
    this.#label = launcher.getAttribute('aria-label') ?? '';
    this.#texts = texts(root.lang, unlisted(words.values()));
    const { adoptedStyleSheets } = /** @type {ShadowRoot} */ (root.getRootNode());
    if (!adoptedStyleSheets.includes(panelSheet)) adoptedStyleSheets.push(panelSheet);
    // What is seen of it once the chat can be open.
    if (launcher.children.length === 1) launcher.append(icon(pictures.down));
    this.#begin(audio);
    this.#listen();
  }

  /** @param {AudioContext | null} audio closed with the session */
  #begin(audio) {
    const element = this.#element;
    this.#panel = new Panel({
      texts: this.#texts,
      title: this.#title,
      server: element.server,
      dataset: element.dataset,
      close: () => this.close(),
      agree: () => this.#agree(),
      reset: () => this.reset(),
      told: (name, detail) => this.#tell(name, detail),
      gone: this.#gone.signal,
    });
    this.#panel.setVoiceMode(element.dataset.voice);
    this.#session = new Session({
      server: element.server,
      mode: modeOf(element),
      language: languageOf(element),
      audio,
      view: this.#panel,
      texts: this.#texts,
      said: (message) => this.#said(message),
    });
    this.#panel.attach(this.#session);
    this.#root.prepend(this.#panel.element);
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
    this.#connect();
    if (this.#unread) this.#panel.announce(this.#texts.unread(this.#unread));
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

  /** @param {string} text */
  ask(text) {
    this.#panel.ask(text);
  }

  /** @param {string[]} questions */
  suggest(questions) {
    this.#panel.suggest(questions);
  }

  interrupt() {
    this.#session.playback.stop();
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.#session.mute(muted);
  }

  /** Forget the chat, and begin a new one. */
  reset() {
    const { isOpen } = this;
    const { muted } = this.#session.player;
    this.#session.forget();
    this.#panel.close();
    this.#panel.element.remove();
    this.#begin(null);
    if (muted) this.#session.mute(muted);
    if (!isOpen) return this.#count(0);
    this.#session.player.unlock();
    this.#panel.open(true);
    this.#connect();
  }

  /** Where the visitor has to agree first, nothing is sent, asked for or stored before. */
  #connect() {
    if (this.#consent.isMissing) this.#panel.status({ state: 'resting', reason: 'consent' });
    else this.#session.open();
  }

  #agree() {
    if (!this.#consent.isMissing) return this.#session.kick('button');
    this.#consent.give();
    this.#session.open();
    this.#tell('consent', {});
  }

  /** The element stands somewhere else in the page. */
  moved() {
    if (this.isOpen) this.#panel.show();
  }

  /** @param {string} attribute */
  changed(attribute) {
    warnOfIgnored(this.#element, [attribute]);
    if (attribute === 'data-mode') this.#session.setMode(modeOf(this.#element));
    if (attribute === 'data-title') this.#panel.setTitle(this.#title);
    if (attribute === 'data-voice') this.#panel.setVoiceMode(this.#element.dataset.voice);
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

  #listen() {
    const { signal } = this.#gone;
    addEventListener('online', () => this.#session.kick('online'), { signal });
    addEventListener('pagehide', () => this.#session.leave(), { signal });
    addEventListener('pageshow', ({ persisted }) => persisted && this.#session.comeBack(), { signal });
    document.addEventListener(
      'visibilitychange',
      () => document.visibilityState === 'visible' && this.isOpen && this.#session.kick('seen'),
      { signal },
    );
  }

  /** @param {boolean} open */
  #showOpen(open) {
    this.#root.classList.toggle('open', open);
    this.#launcher.setAttribute('aria-expanded', String(open));
    this.#launcher.setAttribute('aria-label', open ? this.#texts.close : this.#label);
    this.#count(0);
  }

  /** @param {number} count of answers that nobody has seen */
  #count(count) {
    if (count === this.#unread) return;
    this.#unread = count;
    if (count) {
      this.#launcher.dataset.unread = String(count);
      this.#launcher.setAttribute('aria-label', `${this.#label} – ${this.#texts.unread(count)}`);
    } else {
      delete this.#launcher.dataset.unread;
    }
    this.#tell('unread', { count });
  }

  /** @param {Message} message */
  #said({ role, text, status, spoken }) {
    if (!text) return;
    this.#tell('message', { role, text, status, spoken });
    if (!this.isOpen && role === 'assistant' && status === 'complete') this.#count(this.#unread + 1);
  }

  /** @param {string} name @param {object} detail */
  #tell(name, detail) {
    const options = { detail, bubbles: true, composed: true, cancelable: true };
    return this.#element.dispatchEvent(new CustomEvent(`voicechat:${name}`, options));
  }
}
