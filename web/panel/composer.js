/**
 * Where the visitor writes: the field, the microphone, Send (which is Stop while an answer is under
 * way), and the line that says why nothing can be sent, or why it goes out later.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {Config, Status} from '../types.d.ts'
 * @import {VoiceInput} from '../voice/voice-input.js'
 */

import { h, write } from './dom.js';
import { icon } from './icons.js';
import { MicrophonePress } from './microphone-press.js';
import * as pictures from './pictures.js';

/** The counter shows from this share of the limit on. */
const COUNTER_FROM = 0.8;

// What is asked now would not be taken by a connection either.
const SHUT = ['consent', 'refused', 'forbidden'];

/**
 * @typedef {object} Actions
 * @property {(text: string) => void} send
 * @property {() => void} typing
 * @property {() => void} retry
 * @property {() => void} agree the visitor pressed the button beside the words that say why not
 * @property {() => void} speak
 * @property {() => void} stop
 * @property {() => void} gesture a click or key in which sound may be unlocked
 * @property {() => 'off' | 'toggle' | 'hold'} voiceMode how one speaks
 */

export class Composer {
  #texts;
  #actions;
  #field;
  #send;
  #speak;
  #hint = h('p', { id: 'hint', class: 'hint', role: 'status' });
  #retry;
  #limit = Infinity;
  /** How many questions the server lets wait. */
  #queue = 4;
  /** How many have no answer. */
  #asked = 0;
  #hears = false;
  /** @type {Status} */
  #status = { state: 'connecting' };
  /** Whether the visitor pressed Send before it could be. */
  #isWaiting = false;
  /** @type {string[]} Questions that go out beside a draft, as soon as they may. */
  #beside = [];
  #isStoppable = false;
  /** @type {MicrophonePress | null} */
  #press = null;
  /** Whether a recording was thrown away because its press was too short. */
  #wasTooShort = false;

  /** @param {Texts} texts @param {Actions} actions */
  constructor(texts, actions) {
    this.#texts = texts;
    this.#actions = actions;
    this.#field = h('textarea', {
      class: 'input',
      rows: 1,
      'aria-label': texts.field,
      'aria-describedby': 'hint',
      placeholder: texts.placeholder,
      enterkeyhint: 'send',
      autocomplete: 'off',
      oninput: () => this.#typed(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
    });
    this.#speak = h(
      'button',
      { type: 'button', class: 'ghost speak', 'aria-label': texts.speak, title: texts.holdToSpeak },
      icon(pictures.microphone),
    );
    this.#send = h('button', { type: 'submit', class: 'send' }, icon(pictures.send), icon(pictures.stop));
    this.#retry = h('button', { type: 'button', class: 'retry', onclick: actions.agree }, texts.retry);
    const row = h('div', { class: 'field' }, this.#field, this.#speak, this.#send);
    const below = h('div', { class: 'below' }, this.#hint, this.#retry);
    this.element = h(
      'form',
      { class: 'composer', onsubmit: (/** @type {Event} */ event) => this.#submit(event) },
      row,
      below,
    );
    this.#draw();
  }

  /** @param {VoiceInput} voice what the microphone's button begins and ends */
  attach(voice) {
    this.#press = new MicrophonePress(this.#speak, {
      voice,
      begin: () => this.#startSpeaking(),
      gesture: this.#actions.gesture,
      isHoldOnly: () => this.#actions.voiceMode() === 'hold',
      tooShort: () => {
        this.#wasTooShort = true;
        this.#draw();
      },
    });
  }

  /** Whoever speaks by the keyboard goes on at the microphone, anybody else in the field. */
  focus() {
    const speaks = this.#press?.byKey && !this.#speak.hidden;
    if (this.#press) this.#press.byKey = false;
    (speaks ? this.#speak : this.#field).focus();
  }

  /** @param {boolean} hidden */
  setHidden(hidden) {
    this.element.hidden = hidden;
  }

  /** @param {Config} config */
  configure({ hearing, limits }) {
    this.#hears = hearing;
    this.#limit = limits.text_chars;
    this.#queue = limits.queue;
    this.#draw();
  }

  /** @param {Status} status */
  setStatus(status) {
    this.#status = status;
    this.#sendWaiting();
    this.#draw();
  }

  /** @param {boolean} stoppable whether an answer is under way or sounds @param {number} asked */
  setStoppable(stoppable, asked) {
    this.#isStoppable = stoppable;
    this.#asked = asked;
    this.#sendWaiting();
    this.#draw();
  }

  /** Write it for the visitor, who may send it. @param {string} text */
  fill(text) {
    this.#field.value = text;
    this.#typed();
  }

  /** Send `text`, now or when it may be; a draft in the field stays. @param {string} text */
  send(text) {
    this.#beside.push(text);
    this.#sendWaiting();
  }

  get #isConnected() {
    return this.#status.state === 'connected';
  }

  /** Whether a question is taken, with a connection or without: as many as the server lets wait. */
  get #mayAsk() {
    return !SHUT.includes(this.#status.reason ?? '') && this.#asked <= this.#queue;
  }

  /** Send is Stop while something can be stopped and nothing is written. */
  get #isStop() {
    return this.#isStoppable && !this.#field.value.trim();
  }

  get #over() {
    return this.#overBy(this.#field.value);
  }

  /** @param {string} text */
  isTooLong(text) {
    return this.#overBy(text) > 0;
  }

  /** @param {string} text @returns {number} characters that are too many; negative: that are left */
  #overBy(text) {
    return [...text.trim()].length - this.#limit;
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    this.#actions.gesture();
    if (this.#isStop) this.#actions.stop();
    else this.#trySend();
    this.#field.focus();
  }

  /**
   * Enter sends, Shift and Enter is a new line; Enter that ends a composition does neither.
   *
   * @param {KeyboardEvent} event
   */
  #key(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#actions.gesture();
    this.#trySend();
  }

  #trySend() {
    const text = this.#field.value.trim();
    if (!text || this.#over > 0) return;
    this.#isWaiting = !this.#mayAsk;
    if (!this.#isWaiting) {
      this.#field.value = '';
      this.#ask(text);
    }
    this.#fit();
    this.#draw();
  }

  #sendWaiting() {
    if (this.#isWaiting) this.#trySend();
    if (!this.#mayAsk) return;
    for (const text of this.#beside.splice(0)) if (text.trim()) this.#ask(text.trim());
  }

  /** @param {string} text goes out now, or with the next connection */
  #ask(text) {
    this.#actions.send(text);
    if (!this.#isConnected) this.#actions.retry();
  }

  #typed() {
    this.#isWaiting = this.#wasTooShort = false;
    if (!this.#isConnected) this.#actions.typing();
    this.#fit();
    this.#draw();
  }

  #startSpeaking() {
    this.#wasTooShort = false;
    if (!this.#isConnected) this.#actions.retry();
    if (this.#mayAsk) this.#actions.speak();
  }

  /** Grow with the text, up to what the style allows. */
  #fit() {
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }

  #draw() {
    const texts = this.#texts;
    const empty = !this.#field.value.trim();
    const stop = this.#isStop;
    this.#send.classList.toggle('is-stop', stop);
    this.#send.setAttribute('aria-label', stop ? texts.stop : texts.send);
    this.#send.title = stop ? texts.stop : texts.send;
    const ready = stop || (!empty && this.#over <= 0 && this.#mayAsk);
    this.#send.setAttribute('aria-disabled', String(!ready));
    this.#speak.hidden = !this.#hears || this.#actions.voiceMode() === 'off';
    this.#speak.setAttribute('aria-disabled', String(!this.#mayAsk));
    write(this.#hint, this.#words());
    this.#hint.classList.toggle('is-over', this.#over > 0);
    const stuck = ['failed', 'resting'].includes(this.#status.state);
    this.#retry.hidden = !stuck || this.#status.reason === 'forbidden';
    const { reason } = this.#status;
    const other = { replaced: texts.useHere, consent: texts.agree };
    this.#retry.textContent = other[/** @type {keyof typeof other} */ (reason)] ?? texts.retry;
  }

  /** Why nothing can be sent now, or how much room is left. */
  #words() {
    const { whyNot, tooLong, charactersLeft, holdToSpeak } = this.#texts;
    const over = this.#over;
    if (over > 0) return tooLong(over);
    const { state, reason } = this.#status;
    const why = /** @type {Record<string, string>} */ (whyNot)[reason ?? state];
    // Each question that waits says so itself.
    if (why && state !== 'connecting') return why;
    if (this.#wasTooShort) return holdToSpeak;
    return over > -this.#limit * (1 - COUNTER_FROM) ? charactersLeft(-over) : '';
  }
}
