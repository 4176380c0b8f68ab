/** Bars that move with the voice; in steps, for whoever wants less motion. */

import { h } from './dom.js';

const BARS = 40;
const BAR_EVERY_MS = 70;
const STEP_EVERY_MS = 500;

export class MicrophoneMeter {
  #bars = Array.from({ length: BARS }, () => h('i'));
  element = h('div', { class: 'meter', 'aria-hidden': 'true' }, ...this.#bars);
  #calm = matchMedia('(prefers-reduced-motion: reduce)');
  /** @type {number[]} What was drawn last, the newest at the end. */
  #heights = [];
  #drawnMs = 0;

  clear() {
    this.#show(Array(BARS).fill(0));
  }

  /** @param {number} level 0 to 1 @param {number} nowMs */
  draw(level, nowMs) {
    if (nowMs - this.#drawnMs < (this.#calm.matches ? STEP_EVERY_MS : BAR_EVERY_MS)) return;
    this.#drawnMs = nowMs;
    // The ear hears loudness by its logarithm; its square root is near enough for a bar.
    this.#show([...this.#heights.slice(1), Math.min(1, Math.sqrt(level * 1.6))]);
  }

  /** @param {number[]} heights */
  #show(heights) {
    this.#heights = heights;
    this.#bars.forEach((bar, i) => bar.style.setProperty('--level', String(heights[i])));
  }
}
