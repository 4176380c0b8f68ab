/**
 * The window of the chat: its head, the messages, notes, and the place to write or speak.
 *
 * A dialog that lets the page be used beside it; on a phone it fills the screen and is modal.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {Session} from '../session/session.js'
 * @import {Config, Message, Status, View} from '../types.d.ts'
 */

import { Announcer } from './announcer.js';
import { Composer } from './composer.js';
import { h, iconButton } from './dom.js';
import { icon } from './icons.js';
import { MessageList } from './message-list.js';
import { PanelHead } from './panel-head.js';
import { stayAboveKeyboard } from './phone-screen.js';
import * as pictures from './pictures.js';
import { RecordingBar } from './recording-bar.js';

const PHONE = '(max-width: 480px)';
const TOUCH = '(pointer: coarse)';

/** @implements {View} */
export class Panel {
  #texts;
  #told;
  #leave;
  /** @type {Session} */
  #session = /** @type {any} */ (null);
  #head;
  #notice = h('div', { class: 'notice', role: 'status' });
  #hear;
  #live = h('div', { class: 'unseen', 'aria-live': 'polite' });
  #announcer = new Announcer(this.#live);
  #list;
  #composer;
  #recordingBar;
  #isDrawn = true;
  #phone = matchMedia(PHONE);

  /**
   * @param {object} options
   * @param {Texts} options.texts
   * @param {string} options.title
   * @param {string} options.server its address, with a slash at the end
   * @param {() => void} options.close what closing is to do besides
   * @param {(event: string, detail: object) => void} options.told
   * @param {AbortSignal} options.gone the panel is not used any more
   */
  constructor({ texts, title, server, close, told, gone }) {
    this.#texts = texts;
    this.#told = told;
    this.#leave = close;
    this.#head = new PanelHead(texts, { close, mute: () => this.#toggleMute() });
    this.#head.setTitle(title);
    const hear = () => this.#session.player.unlock();
    this.#hear = h('button', { type: 'button', class: 'hear', hidden: true, onclick: hear });
    this.#hear.append(icon(pictures.sound), texts.hear);
    this.#list = new MessageList(texts, server, {
      ask: (text) => this.#ask(text),
      listen: (message) => this.#listen(message),
      earlier: () => void this.#session.loadEarlier(),
    });
    this.#composer = new Composer(texts, {
      send: (text) => this.#session.dialogue.ask(text),
      typing: () => this.#session.kick('typing'),
      retry: () => this.#session.kick('button'),
      speak: () => void this.#session.speak(),
      stop: () => this.#session.playback.stop(),
      gesture: () => this.#session.player.unlock(),
    });
    this.#recordingBar = new RecordingBar(texts);
    this.dialog = this.#build();
    this.#phone.addEventListener('change', () => this.isOpen && this.#show(), { signal: gone });
    stayAboveKeyboard(this.dialog, this.#phone, gone);
  }

  /** @param {Session} session */
  attach(session) {
    this.#session = session;
    this.#recordingBar.attach(session.voice);
    this.changed();
  }

  get isOpen() {
    return this.dialog.open;
  }

  open() {
    this.#show();
    this.#list.toLatest();
    this.#focus();
  }

  close() {
    this.dialog.close();
  }

  /** @param {string} title */
  setTitle(title) {
    this.#head.setTitle(title);
  }

  /** Ask as if it had been typed. @param {string} text */
  send(text) {
    this.#composer.send(text);
  }

  // ── What the session tells (View) ───────────────────────────────────────────────────────────

  /** @param {Config} config */
  configured(config) {
    this.#head.configure(config);
    this.#composer.configure(config);
    this.#list.setWelcome(config.welcome);
    this.changed();
  }

  /** @param {Status} status */
  status(status) {
    this.#head.setStatus(status);
    this.#composer.setStatus(status);
    this.#told('status', { ...status });
  }

  /** However often it changes, it is drawn once a frame. */
  changed() {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    const draw = () => {
      if (!this.#isDrawn) this.#draw();
    };
    requestAnimationFrame(draw);
    // A hidden page gets no frames; its messages are to be there all the same.
    setTimeout(draw, 250);
  }

  recording() {
    const { state } = this.#session.voice;
    const on = state !== 'off';
    this.#recordingBar.show(state);
    this.#composer.setHidden(on);
    if (!on && this.isOpen) this.#focus();
    this.#told('microphone', { state });
  }

  /** @param {string} text */
  announce(text) {
    this.#announcer.add(text);
  }

  /** @param {string | null} text */
  notice(text) {
    const dismiss = iconButton('ghost small', icon(pictures.close), this.#texts.dismiss, () =>
      this.notice(null),
    );
    this.#notice.replaceChildren(...(text ? [h('p', {}, text), dismiss] : []));
  }

  /** @param {boolean} blocked */
  blocked(blocked) {
    this.#hear.hidden = !blocked;
  }

  // ── Inside ──────────────────────────────────────────────────────────────────────────────────

  #build() {
    const foot = h('div', { class: 'foot' }, this.#composer.element, this.#recordingBar.element);
    const dialog = h(
      'dialog',
      {
        class: 'panel',
        'aria-labelledby': 'title',
        tabindex: -1,
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
      },
      this.#head.element,
      this.#list.element,
      this.#hear,
      this.#notice,
      foot,
      this.#live,
    );
    // The browser's own closing would forget to tell anybody.
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    return dialog;
  }

  /** On a touch screen, focus in the field would push the keyboard up before anything was read. */
  #focus() {
    if (matchMedia(TOUCH).matches) this.dialog.focus();
    else this.#composer.focus();
  }

  #show() {
    if (this.dialog.open) this.dialog.close();
    if (this.#phone.matches) this.dialog.showModal();
    else this.dialog.show();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.#session.voice.state !== 'off') this.#session.voice.discard();
    else this.#leave();
  }

  #toggleMute() {
    this.#session.player.unlock();
    this.#session.mute(!this.#session.player.muted);
  }

  /** A suggested question was tapped. @param {string} text */
  #ask(text) {
    this.#session.player.unlock();
    this.send(text);
    this.#focus();
  }

  /** @param {Message} message */
  #listen(message) {
    const { playback, player } = this.#session;
    player.unlock();
    if (playback.sounding === message) return playback.stop();
    if (player.muted) this.#session.mute(false);
    void playback.replay(message);
  }

  #draw() {
    this.#isDrawn = true;
    const { playback, history, player } = this.#session;
    this.#list.draw(history, playback);
    this.#composer.setStoppable(playback.stoppable);
    this.#head.setMuted(player.muted);
    this.dialog.classList.toggle('is-speaking', player.sounding !== null && !player.muted);
  }
}
