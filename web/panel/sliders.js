/**
 * How loud answers are spoken, and how fast: two sliders in the menu.
 *
 * What the visitor chose lives as long as the page, and in the tab's own storage once the chat is kept
 * there as well; the next page of the site begins with it.
 *
 * @import {Session} from '../session/session.js'
 */

import { SOUND_ENTRY, tabStorage } from '../chat/identity.js';
import { sound } from '../languages/sound.js';
import { h } from './dom.js';

/** In hundredths, as the sliders count. Silence is the mute button's: a voice that nobody hears is made all the same. */
const VOLUME = { min: 10, max: 100, step: 5 };

/** Hundredths of the voice's own speed; the server takes more, but few understand it. */
const SPEED = { min: 70, max: 160, step: 5 };

export class Sliders {
  #session;
  #chosen = { volume: 100, speed: 100 };
  #isKept = true;

  /** @param {Session} session */
  constructor(session) {
    this.#session = session;
    try {
      Object.assign(this.#chosen, JSON.parse(tabStorage()?.getItem(SOUND_ENTRY) ?? '{}'));
    } catch {
      // Not ours: as if there were nothing.
    }
    if (this.#chosen.volume !== 100) this.#turn();
    if (this.#chosen.speed !== 100) this.#pace();
  }

  /** @param {string} language of the words @returns {HTMLElement} what stands in the menu */
  element(language) {
    const [volume, speed] = sound[language];
    // Announced as a part of the menu, and not again by itself.
    const box = h('div', { class: 'sliders', 'aria-live': 'off' });
    box.append(this.#slider('volume', volume, VOLUME, (value) => percent(value, language)));
    // Over HTTP an answer is spoken as fast as it is.
    if (this.#session.playback.transport?.speak)
      box.append(this.#slider('speed', speed, SPEED, (value) => times(value, language)));
    return box;
  }

  /** Keep what was chosen, where the chat is kept. */
  keep() {
    if (this.#isKept || !this.#session.history.messages.length) return;
    this.#isKept = true;
    try {
      tabStorage()?.setItem(SOUND_ENTRY, JSON.stringify(this.#chosen));
    } catch {
      // Full or forbidden: it lives as long as the page.
    }
  }

  /**
   * @param {'volume' | 'speed'} name @param {string} label
   * @param {{ min: number, max: number, step: number }} bounds
   * @param {(value: number) => string} say
   */
  #slider(name, label, bounds, say) {
    const told = h('output', { 'aria-hidden': 'true' });
    const input = h('input', { type: 'range', ...bounds, value: this.#chosen[name] });
    const show = () => {
      const words = say(input.valueAsNumber);
      told.value = words;
      input.setAttribute('aria-valuetext', words);
    };
    input.oninput = () => {
      this.#chosen[name] = input.valueAsNumber;
      this.#isKept = false;
      show();
      if (name === 'volume') this.#turn();
    };
    // Told once it is let go of: each one is heard by the server.
    input.onchange = () => {
      if (name === 'speed') this.#pace();
      this.keep();
    };
    show();
    return h('label', {}, h('span', {}, label), input, told);
  }

  #turn() {
    // Ears count in proportions: half of the way sounds half as loud at a quarter of the amplitude.
    const { player } = this.#session;
    player.volume = (this.#chosen.volume / 100) ** 2;
    player.muted = player.muted;
  }

  #pace() {
    this.#session.set({ speed: this.#chosen.speed / 100 });
  }
}

/** @param {number} value @param {string} language */
function percent(value, language) {
  return (value / 100).toLocaleString(language, { style: 'percent' });
}

/** @param {number} value @param {string} language */
function times(value, language) {
  return `${(value / 100).toLocaleString(language)} ×`;
}
