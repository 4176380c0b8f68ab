/**
 * Which microphone listens, where there are several.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {Device} from '../voice/devices.js'
 * @import {VoiceInput} from '../voice/voice-input.js'
 */

import { h } from './dom.js';
import { icon } from './icons.js';
import * as pictures from './pictures.js';

export class MicrophonePicker {
  #texts;
  #choice;
  /** @type {VoiceInput | null} */
  #voice = null;
  /** @type {Device[] | null} */
  #drawn = null;

  /** @param {Texts} texts */
  constructor(texts) {
    this.#texts = texts;
    this.#choice = h('select', {
      'aria-label': texts.chooseMicrophone,
      title: texts.chooseMicrophone,
      onchange: () => void this.#voice?.choose(this.#choice.value),
    });
    this.element = h(
      'div',
      { class: 'devices', hidden: true },
      icon(pictures.microphone),
      icon(pictures.down),
      this.#choice,
    );
  }

  /** @param {VoiceInput} voice */
  draw(voice) {
    const { list, current } = voice.devices;
    this.#voice = voice;
    this.element.hidden = !list.length || voice.ended !== null;
    if (list === this.#drawn) return;
    this.#drawn = list;
    const options = list.map(({ id, name }, i) => {
      const words = name || `${this.#texts.chooseMicrophone} ${i + 1}`;
      return h('option', { value: id, selected: id === current }, words);
    });
    this.#choice.replaceChildren(...options);
  }
}
