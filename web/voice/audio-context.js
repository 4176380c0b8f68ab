/**
 * The audio context of the page's loudspeaker. Browsers let it run only when it was made or resumed
 * inside a click or a key press, before anything is awaited.
 */

import { SPEECH_RATE } from '../wire/speech.js';

/**
 * Return a running (or soon running) context; null where the browser has none, or would let none run.
 *
 * @param {AudioContext | null} context the one that there is already
 */
export function unlocked(context) {
  // Without a gesture it would only begin suspended, with a complaint in the console.
  if (!context && navigator.userActivation?.hasBeenActive === false) return null;
  context ??= loudspeaker();
  // Suspended, or soon; one that runs does not mind.
  context?.resume().catch(() => {});
  return context;
}

/** A new context; where nothing was clicked yet, it waits for `unlocked`. @returns {AudioContext | null} */
export function loudspeaker() {
  try {
    // At the speech's own rate its pieces join sample by sample.
    return new AudioContext({ sampleRate: SPEECH_RATE });
  } catch {
    // No such rate here: the browser resamples each piece.
    return typeof AudioContext === 'undefined' ? null : new AudioContext();
  }
}

/**
 * Tell iOS what the sound is for: without it the ring switch silences speech.
 *
 * @param {'playback' | 'play-and-record' | 'auto'} type
 */
export function soundIsFor(type) {
  const { audioSession } = /** @type {any} */ (navigator);
  if (audioSession) audioSession.type = type;
}
