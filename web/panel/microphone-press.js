/**
 * How the microphone's button is pressed: a short press begins a recording that goes on until it is
 * sent; who goes on pressing records meanwhile, sends by letting go, and throws away by letting go
 * elsewhere. The first syllable counts: it records from the press on.
 *
 * @import {VoiceInput} from '../voice/voice-input.js'
 */

// Recorded by then, a press is a hold. Counted from the first sound on, and not from the press: while
// the browser asks or the device wakes up nothing is lost by letting go.
const HOLD_SECONDS = 0.3;

// How far a finger may stray before it means to throw away, CSS pixels.
const AWAY_PX = 90;

// A touch is followed by its click within this time; a click without a press comes from a screen reader.
const CLICK_MS = 700;

/**
 * @typedef {object} PressOptions
 * @property {VoiceInput} voice
 * @property {() => void} begin something is to be recorded
 * @property {() => void} gesture a moment in which the browser lets sound begin
 * @property {() => boolean} isHoldOnly whether a short press throws away
 * @property {() => void} tooShort it was thrown away for that
 */

export class MicrophonePress {
  /** Whether the last press was one of a key. */
  byKey = false;
  #button;
  #options;
  #lastMs = -CLICK_MS;

  /** @param {HTMLElement} button @param {PressOptions} options */
  constructor(button, options) {
    this.#button = button;
    this.#options = options;
    button.onpointerdown = (event) => event.isPrimary && !event.button && this.#begin(event, 'pointerup');
    button.onkeydown = (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      if (!event.repeat) this.#begin(event, 'keyup');
    };
    button.onclick = ({ timeStamp, detail }) => {
      if (timeStamp - this.#lastMs < CLICK_MS) return;
      this.byKey = !detail;
      options.gesture();
      options.begin();
    };
  }

  /**
   * Begin to record, and listen until the press ends. What a key lacks of a pointer, and a pointer of a
   * key, is undefined in both of its events, and its distance is no number.
   *
   * @param {any} start a PointerEvent or KeyboardEvent
   * @param {'pointerup' | 'keyup'} end
   */
  #begin(start, end) {
    const { voice, begin, gesture } = this.#options;
    this.byKey = end === 'keyup';
    this.#lastMs = start.timeStamp;
    gesture();
    begin();
    if (voice.state === 'off') return;
    voice.held = 'send';
    const press = new AbortController();
    /** @param {string} kind @param {(event: any) => void} then */
    const on = (kind, then) => addEventListener(kind, then, { capture: true, signal: press.signal });
    /** @param {any} event */
    const isSame = ({ key, isPrimary }) => key === start.key && isPrimary === start.isPrimary;
    // From then on it records until it is sent, as after a short press.
    const letGo = () => {
      press.abort();
      voice.held = '';
    };
    on('pointermove', (move) => {
      const px = Math.hypot(move.clientX - start.clientX, move.clientY - start.clientY);
      if (isSame(move)) voice.held = px > AWAY_PX ? 'discard' : 'send';
    });
    on('pointercancel', (event) => isSame(event) && letGo());
    // Whoever leaves the window does not let go in it.
    on('blur', ({ target }) => target === window && letGo());
    // A long touch would bring up a menu, a mouse would take the focus away from what has just appeared.
    for (const kind of ['contextmenu', 'mousedown']) on(kind, (event) => event.preventDefault());
    // The focus has moved on to Send, which the same key, still down, would press.
    on('keydown', (event) => isSame(event) && event.preventDefault());
    on(end, (event) => {
      if (!isSame(event)) return;
      event.preventDefault();
      this.#lastMs = event.timeStamp;
      const isAway = voice.held === 'discard';
      letGo();
      this.#ended(isAway);
    });
    // A frame of the page must not swallow the release. What is hidden keeps no pointer; its row does.
    if (!this.byKey) this.#button.closest('.foot')?.setPointerCapture(start.pointerId);
  }

  /** @param {boolean} isAway */
  #ended(isAway) {
    const { voice, gesture, isHoldOnly, tooShort } = this.#options;
    // A touch becomes a gesture only by its end.
    gesture();
    if (voice.state !== 'asking' && voice.state !== 'recording') return;
    if (voice.seconds >= HOLD_SECONDS && !isAway) return void voice.send();
    if (isAway || isHoldOnly()) voice.discard();
    if (!isAway && isHoldOnly()) tooShort();
  }
}
