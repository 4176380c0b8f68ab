/**
 * What is fetched at the first opening: the panel and the session behind it.
 *
 * @import {Message, Status} from './types.d.ts'
 * @import {VoiceChat} from './voice-chat.js'
 */

import css from '../scss/panel.scss';
import { languageOf, modeOf, voiceOf, warnOfIgnored } from './attributes.js';
import { texts, unlisted } from './chat/texts.js';
import { Consent } from './consent.js';
import { h, sheet } from './panel/dom.js';
import { icon } from './panel/icons.js';
import { Panel } from './panel/panel.js';
import * as pictures from './panel/pictures.js';
import { json, transcript } from './panel/transcript.js';
import { Session } from './session/session.js';

const panelSheet = sheet(css);

/** What `:state()` asks; an element gives it away once only. @type {WeakMap<VoiceChat, Set<string>>} */
const states = new WeakMap();

/**
 * The one class of a part that is fetched when it is needed. It lies beside this file, under the same hash.
 *
 * @param {string} name @param {string} [retry]
 */
async function part(name, retry = '') {
  const module = await import(import.meta.url.replace(/app(?=-\w+\.js\?*$)/, name) + retry);
  return Object.values(module)[0];
}

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
  /** Whether to record as soon as somebody can hear it. */
  #wantsToSpeak = false;
  #badge = h('span', { class: 'badge' });
  /** @type {Status} */
  #status = { state: 'closed' };
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
    // Browsers without it have no such sets, or sets that want other names.
    const isKnown = CSS.supports('selector(:state(open))');
    if (!states.has(element)) states.set(element, isKnown ? element.attachInternals().states : new Set());
    // What is seen of it once the chat can be open.
    launcher.replaceChildren(icon(pictures.chat), icon(pictures.down), this.#badge);
    this.#begin(audio);
    this.#listen();
    // The element knows its app by then.
    queueMicrotask(() => this.#tell('ready', {}));
  }

  /** @param {AudioContext | null} audio closed with the session */
  #begin(audio) {
    const element = this.#element;
    this.#panel = new Panel({
      texts: this.#texts,
      title: this.#title,
      server: element.server,
      dataset: element.dataset,
      voiceMode: () => voiceOf(element),
      close: () => this.close(),
      agree: () => this.#agree(),
      reset: () => void this.#erase(),
      told: (name, detail) => this.#tell(name, detail),
      gone: this.#gone.signal,
      part,
    });
    this.#session = new Session({
      server: element.server,
      mode: modeOf(element),
      language: languageOf(element),
      audio,
      fetch: part,
      view: this.#panel,
      texts: this.#texts,
      said: (message) => this.#said(message),
      erased: () => this.reset(),
    });
    this.#panel.attach(this.#session);
    this.#root.prepend(this.#panel.element);
    if ('debug' in element.dataset) void part('debug').then((watch) => watch(this.#session, this.#panel.element));
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
    // Who is told may have closed it.
    if (!this.isOpen) return;
    if (this.#unread) this.#panel.announce(this.#texts.unread(this.#unread));
    this.#showOpen(true);
    this.#tell('open', {});
  }

  /** A part of the page stays open. */
  close() {
    if (!this.isOpen || this.#panel.isInline) return;
    this.#wantsToSpeak = false;
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

  /** Blank ones and repeated ones are left out. @param {string | string[]} questions */
  suggest(questions) {
    const asked = [questions ?? []].flat().map((one) => String(one).trim());
    this.#panel.suggest([...new Set(asked)].filter(Boolean));
  }

  interrupt() {
    this.#session.playback.stop();
  }

  /** What was said. @param {string} [format] `txt` or `json` */
  export(format) {
    const { messages } = this.#session.history;
    return format === 'json' ? json(messages, this.#element.server) : transcript(messages, this.#texts);
  }

  /** Now, or as soon as the chat is connected; not where the visitor has to agree first. */
  startRecording() {
    this.#wantsToSpeak = !this.#consent.isMissing;
    this.#speak();
  }

  #speak() {
    if (!this.#wantsToSpeak || this.#status.state !== 'connected') return;
    this.#wantsToSpeak = false;
    void this.#session.speak();
  }

  /** And send it. */
  stopRecording() {
    const { voice } = this.#session;
    if (voice.state === 'recording' || voice.state === 'kept') void voice.send();
    else this.discardRecording();
  }

  discardRecording() {
    this.#wantsToSpeak = false;
    this.#session.voice.discard();
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.#session.mute(muted);
  }

  /** Forget the chat, and begin a new one: the focus is in it where it was in the old one. */
  reset() {
    const { isOpen } = this;
    const { activeElement } = /** @type {ShadowRoot} */ (this.#root.getRootNode());
    const { muted } = this.#session.player;
    this.#wantsToSpeak = false;
    this.#session.forget();
    this.#end();
    this.#begin(null);
    if (muted) this.#session.mute(muted);
    if (!isOpen) return this.#count(0);
    this.#session.player.unlock();
    this.#panel.open(activeElement !== null);
    this.#connect();
  }

  /** The same, and the server keeps nothing of it either. */
  async #erase() {
    const session = this.#session;
    const isGone = await session.erase();
    // Another tab may have begun anew meanwhile, or the page; or it took the element away.
    if (session !== this.#session || this.#gone.signal.aborted) return;
    if (isGone) this.reset();
    else this.#panel.notice(this.#texts.failed);
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
    if (attribute === 'data-voice') {
      if (voiceOf(this.#element) === 'off') this.discardRecording();
      this.#panel.changed();
    }
  }

  /** Nothing more is said here. */
  #end() {
    this.#panel.close();
    this.#panel.element.remove();
  }

  destroy() {
    this.#gone.abort();
    this.#session.destroy();
    this.#end();
    this.#showOpen(false);
    states.get(this.#element)?.clear();
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
    this.#mark('open', open);
    this.#launcher.setAttribute('aria-expanded', String(open));
    this.#launcher.setAttribute('aria-label', open ? this.#texts.close : this.#label);
    this.#count(0);
  }

  /** @param {number} count of answers that nobody has seen */
  #count(count) {
    if (count === this.#unread) return;
    this.#unread = count;
    this.#badge.textContent = String(count || '');
    if (count) this.#launcher.setAttribute('aria-label', `${this.#label} – ${this.#texts.unread(count)}`);
    this.#tell('unread', { count });
  }

  /** @param {Message} message */
  #said({ n, role, text, status, spoken }) {
    if (!text) return;
    this.#tell('message', { n, role, text, status, spoken });
    if (role !== 'assistant' || status !== 'complete') return;
    if (!this.isOpen) this.#count(this.#unread + 1);
    const { playback, voice } = this.#session;
    // Nobody sees it, and nobody hears it either.
    const isMissed = !this.isOpen || (document.hidden && !playback.speaks);
    if (isMissed && voice.state === 'off' && 'sounds' in this.#element.dataset)
      this.#panel.withVoice((aloud) => aloud.chime());
  }

  /** For `:state()` in a site's style. @param {string} state @param {boolean} on */
  #mark(state, on) {
    states.get(this.#element)?.[on ? 'add' : 'delete'](state);
  }

  /** @param {string} name @param {any} detail */
  #tell(name, detail) {
    const { state } = detail;
    if (name === 'status') {
      this.#status = detail;
      this.#mark('offline', state === 'waiting' || state === 'failed');
      if (state === 'connected' && this.#element.dataset.welcome === 'spoken')
        this.#panel.withVoice((aloud) => aloud.welcome());
      this.#speak();
    }
    if (name === 'microphone') this.#mark('recording', state === 'recording');
    if (name.startsWith('speech')) this.#mark('speaking', name === 'speechstart');
    const options = { detail, bubbles: true, composed: true, cancelable: true };
    return this.#element.dispatchEvent(new CustomEvent(`voicechat:${name}`, options));
  }
}
