/** The speech of mode v2 as it comes: PCM, 16 bit, mono. */

/** Samples a second. */
export const SPEECH_RATE = 24_000;

export const SPEECH_BYTES_PER_MS = (SPEECH_RATE * 2) / 1_000;
