/** The tone of an answer that came while nobody looked: made here, so that there is nothing to fetch. */

const HZ = 880;

// A voice at arm's length; a voice's peaks reach 1.
const PEAK = 0.12;

// From nothing and back to it: what begins or ends at once clicks.
const RISE_SECONDS = 0.02;
const FADE_SECONDS = 0.12;

/** @param {AudioNode} output */
export function chime(output) {
  const { context } = output;
  const begin = context.currentTime;
  const note = context.createOscillator();
  const loudness = context.createGain();
  note.frequency.value = HZ;
  loudness.gain.setValueAtTime(0, begin);
  loudness.gain.linearRampToValueAtTime(PEAK, begin + RISE_SECONDS);
  loudness.gain.setTargetAtTime(0, begin + RISE_SECONDS, FADE_SECONDS);
  note.connect(loudness).connect(output);
  note.start();
  // A thousandth of it is left by then.
  note.stop(begin + 7 * FADE_SECONDS);
}
