/**
 * What stands in the composer's place while a question is spoken: throw away, level, time, send.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {VoiceInput} from '../voice/voice-input.js'
 */

import { h, iconButton } from './dom.js';
import { icon } from './icons.js';
import * as pictures from './pictures.js';

const BARS = 40;
const BAR_EVERY_MS = 70;

export class RecordingBar {
  #texts;
  /** @type {VoiceInput | null} */
  #voice = null;
  #words = h('span', { class: 'recording-words' });
  #time = h('span', { class: 'time', role: 'timer' });
  #bars = Array.from({ length: BARS }, () => h('i'));
  #send;
  /** @type {number[]} The last levels, the newest at the end. */
  #levels = Array(BARS).fill(0);
  #drawnMs = 0;

  /** @param {Texts} texts */
  constructor(texts) {
    this.#texts = texts;
    const discard = iconButton('ghost discard', icon(pictures.trash), texts.discardRecording, () =>
      this.#voice?.discard(),
    );
    this.#send = iconButton('send', icon(pictures.send), texts.sendRecording, () => void this.#voice?.send());
    this.element = h(
      'div',
      { class: 'recording', role: 'group', 'aria-label': texts.recording, hidden: true },
      discard,
      h('div', { class: 'meter', 'aria-hidden': 'true' }, ...this.#bars),
      this.#words,
      this.#time,
      this.#send,
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
    this.#words.textContent = state === 'asking' ? this.#texts.asking : '';
    this.#send.setAttribute('aria-disabled', String(state !== 'recording'));
    if (appears) {
      this.#levels.fill(0);
      this.#send.focus();
    }
    if (state === 'recording') requestAnimationFrame((now) => this.#draw(now));
  }

  /** @param {number} now */
  #draw(now) {
    const voice = this.#voice;
    if (!voice || voice.state !== 'recording') return;
    const seconds = Math.floor(voice.seconds);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    if (this.#time.textContent !== time) this.#time.textContent = time;
    if (now - this.#drawnMs >= BAR_EVERY_MS) {
      this.#drawnMs = now;
      // The ear hears loudness by its logarithm; its square root is near enough for a bar.
      this.#levels = [...this.#levels.slice(1), Math.min(1, Math.sqrt(voice.level * 1.6))];
      this.#bars.forEach((bar, i) => bar.style.setProperty('--level', this.#levels[i].toFixed(2)));
    }
    requestAnimationFrame((next) => this.#draw(next));
  }
}
