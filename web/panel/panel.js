/**
 * The panel of the chat: its head, the messages, notes, and the place to write or speak.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {Session} from '../session/session.js'
 * @import {Config, Message, Rating, Status, View} from '../types.d.ts'
 * @import {Aloud} from './aloud.js'
 */

import { SOUND_ENTRY, tabStorage } from '../chat/identity.js';
import { Announcer } from './announcer.js';
import { Composer } from './composer.js';
import { h } from './dom.js';
import { finePrint } from './fine-print.js';
import { Frame } from './frame.js';
import { icon } from './icons.js';
import { MessageList } from './message-list.js';
import { Note } from './note.js';
import { PanelHead } from './panel-head.js';
import * as pictures from './pictures.js';
import { RecordingBar } from './recording-bar.js';
import { download, transcript } from './transcript.js';

const TOUCH = '(pointer: coarse)';

/** @implements {View} */
export class Panel {
  #texts;
  #told;
  #leave;
  #reset;
  /** @type {Session} */
  #session = /** @type {any} */ (null);
  #head;
  #note;
  #hear;
  #announcer = new Announcer();
  #list;
  #composer;
  #recordingBar;
  #isDrawn = true;
  #isLost = false;
  /** How the line was when the page was told last. */
  #toldStatus = '';
  /** What is heard now. @type {Message | null} */
  #heard = null;
  #frame;
  #part;
  /** What goes with the voice. @type {Aloud | null} */
  #aloud = null;
  /** @type {Promise<void> | null} */
  #fetching = null;

  /**
   * @param {object} options
   * @param {Texts} options.texts
   * @param {string} options.title
   * @param {string} options.server its address, with a slash at the end
   * @param {DOMStringMap} options.dataset of the element
   * @param {() => 'off' | 'toggle' | 'hold'} options.voiceMode how one speaks
   * @param {() => void} options.close what closing is to do besides
   * @param {() => void} options.agree the visitor wants it to go on
   * @param {() => void} options.reset forgets the conversation, and begins a new one
   * @param {(event: string, detail: object) => boolean} options.told false: the page prevents it
   * @param {AbortSignal} options.gone the panel is not used any more
   * @param {(name: string) => Promise<any>} options.part fetches it
   */
  constructor({ texts, title, server, dataset, voiceMode, close, agree, reset, told, gone, part }) {
    this.#texts = texts;
    this.#part = part;
    this.#told = told;
    this.#leave = close;
    this.isInline = dataset.layout === 'inline';
    this.#head = new PanelHead(texts, {
      close,
      mute: () => this.#toggleMute(),
      menu: () => this.#toggleMenu(),
    });
    this.#note = new Note(
      texts.dismiss,
      () => this.#focus(),
      () => this.changed(),
    );
    this.#reset = reset;
    this.#head.setTitle(title);
    const hear = () => this.#session.player.unlock();
    this.#hear = h('button', { type: 'button', class: 'hear', hidden: true, onclick: hear });
    this.#hear.append(icon(pictures.sound), texts.hear);
    this.#list = new MessageList(texts, server, {
      ask: (text) => this.#ask(text),
      listen: (message) => this.#listen(message),
      rate: (message, rating) => void this.#rate(message, rating),
      retry: () => this.#retry(),
      announce: (text) => this.announce(text),
      changed: () => this.changed(),
      earlier: () => void this.#session.loadEarlier(),
    });
    this.#composer = new Composer(texts, {
      send: (text) => this.#say(text),
      typing: () => this.#session.kick('typing'),
      retry: () => this.#session.kick('button'),
      agree,
      speak: () => void this.#session.speak(),
      stop: () => this.#session.playback.stop(),
      gesture: () => this.#session.player.unlock(),
      voiceMode,
    });
    this.#recordingBar = new RecordingBar(texts);
    this.#frame = new Frame(this.isInline, gone);
    this.element = this.#build(finePrint(dataset, texts.privacy));
  }

  /** @param {Session} session */
  attach(session) {
    this.#session = session;
    this.#recordingBar.attach(session.voice);
    this.#composer.attach(session.voice);
    if (tabStorage()?.getItem(SOUND_ENTRY)) this.withVoice(() => {});
    this.changed();
  }

  get isOpen() {
    return this.#frame.isOpen;
  }

  /** @param {boolean} mayFocus */
  open(mayFocus) {
    this.show();
    if (mayFocus) this.#focus();
  }

  /** Show it where it stands now. */
  show() {
    this.#frame.show();
    this.#list.toLatest();
  }

  close() {
    this.#frame.close();
  }

  /** @param {string} title */
  setTitle(title) {
    this.#head.setTitle(title);
  }

  /** Ask as if it had been typed. @param {string} text */
  send(text) {
    this.#composer.send(text);
  }

  /** Write it into the field. @param {string} text */
  ask(text) {
    this.#composer.fill(text);
  }

  /** To a screen reader, as soon as nobody else speaks. @param {string} text */
  announce(text) {
    if (this.isOpen) this.#announcer.say(text);
    this.changed();
  }

  /** @param {string[]} questions */
  suggest(questions) {
    this.#list.suggest(this.#session.history, questions);
    this.changed();
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
    this.#list.isOffline = status.state !== 'connected';
    this.changed();
    const { state } = status;
    // That it is lost stands in the composer, and is told there.
    if (state === 'connected' && this.#isLost) this.announce(this.#texts.connected);
    if (state !== 'connecting') this.#isLost = state !== 'connected';
    const told = JSON.stringify(status);
    if (told !== this.#toldStatus) this.#told('status', { ...status });
    this.#toldStatus = told;
  }

  /** However often it changes, it is drawn once a frame. */
  changed() {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    const draw = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      this.#draw();
    };
    const frame = requestAnimationFrame(draw);
    // A hidden page gets no frames; its messages are to be there all the same.
    const timer = setTimeout(draw, 250);
  }

  recording() {
    const { state } = this.#session.voice;
    const on = state !== 'off';
    this.#recordingBar.show(state);
    const words = { recording: this.#texts.recording, off: this.#texts.recordingOver };
    this.announce(words[/** @type {'off'} */ (state)] ?? '');
    this.#composer.setHidden(on);
    if (!on && this.isOpen) this.#focus();
    this.#told('microphone', { state });
  }

  /** @param {string | null} text */
  notice(text) {
    if (text) this.#note.show(text);
    else this.#note.clear();
  }

  /** @param {string} code @param {string} words */
  fault(code, words) {
    this.#told('error', { code, hint: words });
  }

  /** @param {(aloud: Aloud) => void} then */
  withVoice(then) {
    this.#fetching ??= this.#part('aloud').then((Made) => {
      this.#aloud = new Made(this.#session, this.element, this.#list.views);
    });
    this.#fetching.then(
      () => then(/** @type {Aloud} */ (this.#aloud)),
      () => (this.#fetching = null),
    );
  }

  /** @param {boolean} blocked */
  blocked(blocked) {
    if (blocked && this.#hear.hidden) this.announce(this.#texts.hear);
    this.#hear.hidden = !blocked;
    this.changed();
  }

  // ── Inside ──────────────────────────────────────────────────────────────────────────────────

  /** @param {HTMLElement} print */
  #build(print) {
    const foot = h('div', { class: 'foot' }, print, this.#composer.element, this.#recordingBar.element);
    const { element } = this.#frame;
    element.addEventListener('keydown', (event) => this.#key(event));
    // Once it was told to all, nobody is told any more what it was on.
    this.#list.element.onclick = (click, { target } = click) =>
      this.#session.playback.speaks && this.withVoice((aloud) => aloud.tap(click, target));
    element.append(
      this.#head.element,
      this.#list.element,
      this.#hear,
      this.#note.element,
      foot,
      this.#announcer.element,
    );
    return element;
  }

  /** On a touch screen, focus in the field would push the keyboard up before anything was read. */
  #focus() {
    if (matchMedia(TOUCH).matches) this.element.focus({ preventScroll: true });
    else this.#composer.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Escape' || event.isComposing) return;
    const path = event.composedPath();
    if (this.#session.voice.state !== 'off') this.#session.voice.discard();
    else if (path.includes(this.#note.element)) this.#note.close();
    else if (path.includes(this.#list.scroller)) this.#focus();
    // In a part of the page that can't be closed, Escape is the page's.
    else if (this.isInline) return;
    else this.#leave();
    event.preventDefault();
    event.stopPropagation();
  }

  /** The page may have another question asked, or none. @param {string} text */
  #say(text) {
    const detail = { text };
    const question = this.#told('beforesend', detail) ? String(detail.text ?? '').trim() : '';
    if (this.#composer.isTooLong(question)) console.warn('voicechat: a question was too long to be sent.');
    else if (question) this.#session.dialogue.ask(question);
  }

  #toggleMenu() {
    const texts = this.#texts;
    const forget = () => this.#note.show(texts.forgets, [texts.anew, this.#reset]);
    const save = () => download(transcript(this.#session.history.messages, texts));
    if (this.#note.isMenu) this.#note.clear();
    else {
      this.#note.show('', [texts.anew, forget], [texts.download, save]);
      if (this.#session.playback.speaks)
        this.withVoice((aloud) => this.#note.isMenu && aloud.menu(this.#note.element));
    }
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

  #retry() {
    const { dialogue, history, player } = this.#session;
    player.unlock();
    if (dialogue.retry()) this.#focus();
    else this.#ask(history.messages.at(-2)?.text ?? '');
  }

  /** @param {Message} message @param {Rating} rating */
  async #rate(message, rating) {
    if (await this.#session.rate(message, rating)) this.#told('feedback', { n: message.n, rating });
    else this.notice(this.#texts.failed);
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
    if (!playback.isSpeaking) this.#announcer.go();
    this.#composer.setStoppable(playback.stoppable, history.ownRunning.length);
    this.#head.setMuted(player.muted);
    this.#head.setMenu(this.#note.isMenu);
    this.#aloud?.draw();
    const heard = playback.isSpeaking ? playback.sounding : null;
    this.element.classList.toggle('is-speaking', playback.isSpeaking);
    if (heard === this.#heard) return;
    if (this.#heard) this.#told('speechend', { n: this.#heard.n });
    this.#heard = heard;
    if (heard) this.#told('speechstart', { n: heard.n });
  }
}
