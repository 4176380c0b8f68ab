/**
 * The element `<voice-chat>`: attributes in, events out. It draws the launcher; the rest of the
 * widget is fetched when it is opened for the first time.
 *
 * Its attributes, which README names, are those of the script's tag; it also takes `server`. Events,
 * all of which bubble out of shadow roots: `voicechat:ready`, `voicechat:open`, `voicechat:close`,
 * `voicechat:status`, `voicechat:microphone`, `voicechat:beforesend`, `voicechat:message`,
 * `voicechat:speechstart`, `voicechat:speechend`, `voicechat:unread`,
 * `voicechat:feedback`, `voicechat:consent`, `voicechat:error`.
 *
 * @import {App} from './app.js'
 */

import css from '../scss/launcher.scss';
import { launchers } from './languages/launcher.js';
import { setAccent } from './panel/contrast.js';
import { h, sheet } from './panel/dom.js';
import { icon } from './panel/icons.js';
import { chat } from './panel/pictures.js';
import { unlocked } from './voice/audio-context.js';

/** A `VoiceChatElement` of voicechat.d.ts. */
export class VoiceChat extends HTMLElement {
  static observedAttributes = ['data-accent', 'data-dir', 'data-lang', 'data-mode', 'data-title', 'data-voice'];
  /** Address of the server that this script came from, with a slash at its end. */
  static home = '';
  /** What the app has from here, and does not bring along: `SHARED` in web/build.mjs. */
  static tools = [h, icon];

  /** @type {App | null} */
  #app = null;
  /** @type {Promise<void> | null} */
  #loading = null;
  /** @type {AudioContext | null} Made inside the first click, or no browser lets it sound. */
  #audio = null;
  /** What makes another address of the same file. */
  #retry = '';
  #launcher = h(
    'button',
    { type: 'button', class: 'launcher', 'aria-expanded': 'false', onclick: () => this.toggle() },
    icon(chat),
  );
  #root = h('div', { class: 'root' }, this.#launcher);

  static {
    const methods = /** @type {any} */ (this.prototype);
    // What the app does once the chat is open,
    for (const name of ['ask', 'send', 'startRecording'])
      methods[name] = async function (/** @type {unknown} */ given) {
        await this.open();
        this.#app?.[name](given);
      };
    // and what it does alone, which is nothing before the chat was opened once.
    for (const name of [
      'close',
      'discardRecording',
      'export',
      'interrupt',
      'mute',
      'reset',
      'stopRecording',
      'suggest',
    ])
      methods[name] = function (/** @type {unknown} */ given) {
        return this.#app?.[name](given);
      };
  }

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: 'open' });
    shadow.adoptedStyleSheets = [sheet(css)];
    shadow.append(this.#root);
  }

  connectedCallback() {
    if (this.dataset.layout !== 'inline') {
      // Above whatever a site stacks up, where the browser has such a place.
      this.#root.popover = 'manual';
      this.#root.showPopover?.();
    }
    if (this.#app) return this.#app.moved();
    this.#speak();
    if (this.hasAttribute('data-open')) void this.open();
  }

  disconnectedCallback() {
    // What moves the element takes it out and puts it in again, some of them a few promises later.
    setTimeout(() => {
      if (!this.isConnected) this.destroy();
    });
  }

  /** @param {string} name @param {string | null} _before @param {string | null} value */
  attributeChangedCallback(name, _before, value) {
    if (name === 'data-accent') setAccent(this.#root, value);
    if (this.#app) this.#app.changed(name);
    else this.#speak();
  }

  /** The mode that is wanted: `v1`, `v2` or `auto`. */
  get mode() {
    return this.dataset.mode ?? 'auto';
  }

  set mode(mode) {
    this.dataset.mode = mode;
  }

  get server() {
    const server = this.getAttribute('server');
    return server ? new URL(server.replace(/\/*$/, '/'), document.baseURI).href : VoiceChat.home;
  }

  get isOpen() {
    return !!this.#app?.isOpen;
  }

  /** Milliseconds of the sounding answer that were heard; null: silence. */
  get playhead() {
    return this.#app?.playhead ?? null;
  }

  /** Loudness of what sounds now, 0 to 1. */
  get level() {
    return this.#app?.level ?? 0;
  }

  async open() {
    if (!this.#app) {
      this.#audio = unlocked(this.#audio);
      await (this.#loading ??= this.#load());
    }
    this.#app?.open();
  }

  toggle() {
    if (this.isOpen) this.#app?.close();
    else void this.open();
  }

  /** Take it out of the page, and let go of all that it holds. */
  destroy() {
    this.remove();
    this.#app?.destroy();
    void this.#audio?.close();
    this.#app = this.#audio = null;
  }

  /** Choose the language: the first that is known of the author's, the page's and the visitor's. */
  #speak() {
    const { lang, dir } = this.dataset;
    const named = [lang, document.documentElement.lang, ...navigator.languages, 'en'];
    const tags = named.map((tag = '') => tag.toLowerCase().split(/[-_]/)[0]);
    const root = this.#root;
    root.lang = /** @type {string} */ (tags.find((tag) => launchers[tag]?.[1]));
    root.dir = dir || (root.lang === 'ar' ? 'rtl' : 'ltr');
    this.#name();
  }

  async #load() {
    // A browser may remember that a module failed: another address is another try.
    const file = (/** @type {string} */ name) =>
      import(`${this.server}widget/${name}-${BUILD}.js${this.#retry}`);
    this.#root.classList.add('loading');
    try {
      /** @type {[typeof import('./app.js'), { default: string[] }]} */
      const [{ App }, words] = await Promise.all([file('app'), file(this.#root.lang)]);
      this.#name();
      // Removed meanwhile: nothing is to begin that nobody would end.
      if (!this.isConnected) return;
      this.#app = new App(this, this.#root, this.#launcher, this.#audio, words.default);
      this.#audio = null;
    } catch (error) {
      console.error('voicechat:', error);
      this.#retry += '?';
      this.#name(true);
    } finally {
      this.#loading = null;
      this.#root.classList.remove('loading');
    }
  }

  /** @param {boolean} [failed] whether the chat did not load */
  #name(failed) {
    const [label, again] = launchers[this.#root.lang];
    this.#launcher.setAttribute('aria-label', failed ? `${label} – ${again}` : label);
    this.#launcher.title = failed ? again : '';
  }
}
