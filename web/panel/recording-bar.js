/**
 * What stands in the composer's place while a question is spoken: throw away, level, microphone, time,
 * send; and above them what there is to say about it.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {VoiceInput} from '../voice/voice-input.js'
 */

import { Silence } from '../voice/silence.js';
import { h, write } from './dom.js';
import { iconButton } from './icon-button.js';
import { icon } from './icons.js';
import { MicrophoneMeter } from './microphone-meter.js';
import { MicrophonePicker } from './microphone-picker.js';
import { timeFor, wordsFor } from './microphone-words.js';
import * as pictures from './pictures.js';

export class RecordingBar {
  #texts;
  /** @type {VoiceInput | null} */
  #voice = null;
  #silence = new Silence();
  #meter = new MicrophoneMeter();
  #picker;
  #words = h('p', { class: 'recording-words', role: 'status' });
  #asking = h('span', { class: 'recording-asking' });
  #time = h('span', { class: 'time', role: 'timer' });
  /** The countdown for who can't see it: once, for a number each second would talk over the visitor. */
  #told = h('span', { class: 'unseen', role: 'status' });
  #send;
  /** Whether it is drawn with each frame. */
  #isDrawing = false;

  /** @param {Texts} texts */
  constructor(texts) {
    this.#texts = texts;
    this.#picker = new MicrophonePicker(texts);
    const discard = iconButton('ghost discard', icon(pictures.trash), texts.discardRecording, () =>
      this.#voice?.discard(),
    );
    this.#send = iconButton('send', icon(pictures.send), texts.sendRecording, () => void this.#voice?.send());
    const row = h(
      'div',
      { class: 'recording-row' },
      discard,
      this.#asking,
      this.#meter.element,
      this.#picker.element,
      this.#time,
      this.#send,
    );
    this.element = h(
      'div',
      { class: 'recording', role: 'group', 'aria-label': texts.recording, hidden: true },
      this.#words,
      row,
      this.#told,
    );
  }

  /** @param {VoiceInput} voice */
  attach(voice) {
    this.#voice = voice;
  }

  /** @param {VoiceInput['state']} state */
  show(state) {
    const appears = this.element.hidden && state !== 'off';
    this.element.hidden = state === 'off';
    this.element.dataset.state = state;
    this.#asking.textContent = state === 'asking' ? this.#texts.asking : '';
    this.#send.setAttribute('aria-disabled', String(state !== 'recording' && state !== 'kept'));
    if (appears) this.#meter.clear();
    // What is kept waits for an answer.
    if (appears || state === 'kept') this.#send.focus();
    if (state === 'recording') this.#silence.begin(performance.now());
    if (!this.#isDrawing) this.#draw(performance.now());
  }

  /** @param {number} nowMs */
  #draw(nowMs) {
    const voice = this.#voice;
    this.#isDrawing = voice !== null && voice.state !== 'off';
    if (!voice || !this.#isDrawing) return this.#clear();
    if (voice.state === 'recording') this.#listen(voice, nowMs);
    const isSilent = voice.state === 'recording' && this.#silence.lasts(nowMs);
    write(this.#words, wordsFor(voice, isSilent, this.#texts));
    this.#picker.draw(voice);
    this.element.dataset.held = voice.held;
    this.element.classList.toggle('is-silent', isSilent);
    requestAnimationFrame((next) => this.#draw(next));
  }

  /** @param {VoiceInput} voice @param {number} nowMs */
  #listen(voice, nowMs) {
    const { level, seconds, secondsLeft } = voice;
    this.#silence.add(level, nowMs);
    this.#meter.draw(level ?? 0, nowMs);
    const { time, isEnding } = timeFor(seconds, secondsLeft);
    write(this.#time, time);
    this.#time.classList.toggle('is-ending', isEnding);
    if (isEnding && !this.#told.textContent)
      write(this.#told, this.#texts.secondsLeft(Math.ceil(secondsLeft)));
  }

  #clear() {
    for (const element of [this.#words, this.#time, this.#told]) write(element, '');
    this.#time.classList.remove('is-ending');
  }
}
