/**
 * The element `<voice-chat>`: attributes in, events out. It draws the launcher; the rest of the
 * widget is fetched when it is opened for the first time.
 *
 * Attributes, on the script's tag and on the element alike: `data-mode` (`v1`, `v2`, `auto`),
 * `data-lang`, `data-position` (`start`, `end`), `data-accent` (a CSS colour), `data-theme` (`light`,
 * `dark`; without it, as the visitor's system), `data-title`, `data-open`; the element also takes
 * `server`. Events, all of which bubble out of shadow roots: `voicechat:open`, `voicechat:close`,
 * `voicechat:status`, `voicechat:microphone`, `voicechat:message`.
 *
 * @import {App} from './app.js'
 */

import css from '../scss/launcher.scss';
import { launcherTexts } from './chat/launcher-texts.js';
import { setAccent } from './panel/contrast.js';
import { h, sheet } from './panel/dom.js';
import { icon } from './panel/icons.js';
import * as pictures from './panel/pictures.js';
import { unlocked } from './voice/audio-context.js';

/** What an attribute may say, where not everything will do. @type {Record<string, string[]>} */
const ALLOWED = {
  'data-accent': ['a CSS colour'],
  'data-mode': ['v1', 'v2', 'auto'],
  'data-position': ['start', 'end'],
  'data-theme': ['light', 'dark'],
};

export class VoiceChat extends HTMLElement {
  static observedAttributes = ['data-title', ...Object.keys(ALLOWED)];
  /** Address of the server that this script came from, with a slash at its end. */
  static home = '';

  /** @type {App | null} */
  #app = null;
  /** @type {Promise<void> | null} */
  #loading = null;
  /** @type {AudioContext | null} Made inside the first click, or no browser lets it sound. */
  #audio = null;
  #tries = 0;
  #root = h('div', { class: 'root' });
  #launcher = h(
    'button',
    {
      type: 'button',
      class: 'launcher',
      'aria-label': launcherTexts.launcher,
      'aria-expanded': 'false',
      'aria-haspopup': 'dialog',
    },
    icon(pictures.chat),
    icon(pictures.down),
  );

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: 'open' });
    shadow.adoptedStyleSheets = [sheet(css)];
    this.#root.append(this.#launcher);
    shadow.append(this.#root);
    this.#launcher.addEventListener('click', () => this.toggle());
  }

  connectedCallback() {
    if (this.hasAttribute('data-open')) void this.open();
  }

  disconnectedCallback() {
    // A framework that moves the element takes it out and puts it in again at once.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#app?.destroy();
      void this.#audio?.close();
      this.#app = this.#audio = null;
    });
  }

  /** @param {string} name @param {string | null} _before @param {string | null} value */
  attributeChangedCallback(name, _before, value) {
    const allowed = ALLOWED[name];
    const isKnown =
      name === 'data-accent' ? setAccent(this.#root, value) : allowed?.includes(value ?? '');
    if (value && allowed && !isKnown)
      console.warn(`voicechat: ${name}="${value}" is ignored; allowed: ${allowed}`);
    if (name === 'data-theme') this.#root.style.colorScheme = (isKnown && value) || '';
    this.#app?.changed(name);
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
    return this.#app?.isOpen ?? false;
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

  close() {
    this.#app?.close();
  }

  toggle() {
    if (this.isOpen) this.close();
    else void this.open();
  }

  /** Ask as if the visitor had typed it. @param {string} text */
  async send(text) {
    await this.open();
    this.#app?.send(text);
  }

  async #load() {
    this.#root.classList.add('loading');
    try {
      // A browser may remember that a module failed: another address is another try.
      const retry = this.#tries ? `?${this.#tries}` : '';
      /** @type {typeof import('./app.js')} */
      const { App } = await import(`${this.server}widget/${APP_FILE}${retry}`);
      this.#name(launcherTexts.launcher);
      // Removed meanwhile: nothing is to begin that nobody would end.
      if (!this.isConnected) return;
      this.#app = new App(this, this.#root, this.#launcher, this.#audio);
      this.#audio = null;
    } catch (error) {
      console.error('voicechat:', error);
      this.#tries += 1;
      this.#name(launcherTexts.launcherFailed);
    } finally {
      this.#loading = null;
      this.#root.classList.remove('loading');
    }
  }

  /** @param {string} label */
  #name(label) {
    this.#launcher.setAttribute('aria-label', label);
    this.#launcher.title = label === launcherTexts.launcherFailed ? label : '';
  }
}
