/**
 * A recording as a container, through MediaRecorder: for mode v1, and where no raw sound comes.
 *
 * @import {Recorder, Told} from './recorders.js'
 */

// Safari gives usable clips only in slices.
const SLICE_MS = 250;

/** Media types to ask for, best first. Without a type each browser has its own idea, Firefox Ogg. */
const TYPES = [
  ['webm/opus', 'audio/webm;codecs=opus'],
  ['mp4/aac', 'audio/mp4;codecs=mp4a.40.2'],
  ['mp4/aac', 'audio/mp4'],
  ['ogg/opus', 'audio/ogg;codecs=opus'],
];

/**
 * Record in the first of `formats` that this browser knows.
 *
 * @param {MediaStream} stream @param {string[]} formats @param {Told} told
 * @param {(stream: MediaStream, halted: Told['halted']) => { context: AudioContext, level: Recorder['level'] }} listenTo
 * @returns {Promise<Recorder>} when it has begun
 */
export async function containerRecorder(stream, formats, told, listenTo) {
  // Where none is known, the browser's own idea under the last name: the first may stand for PCM.
  const [format, mimeType] = TYPES.find(
    ([name, type]) => formats.includes(name) && MediaRecorder.isTypeSupported(type),
  ) ?? [formats.at(-1) ?? '', ''];
  const recorder = new MediaRecorder(stream, { mimeType });
  // Blobs are read one after the other, or they could overtake each other.
  let given = Promise.resolve();
  recorder.ondataavailable = ({ data }) => {
    given = given.then(async () => told.give(new Uint8Array(await data.arrayBuffer()), format));
  };
  /** @type {Promise<unknown>} */
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  // What is said before it has begun, as late as half a second in a busy Firefox, is lost.
  await new Promise((resolve, reject) => {
    Object.assign(recorder, { onstart: resolve, onerror: reject });
    recorder.start(SLICE_MS);
  });
  recorder.onerror = told.failed;
  const { context, level } = listenTo(stream, told.halted);
  const stop = async () => {
    if (recorder.state !== 'inactive') recorder.stop();
    await stopped;
    await given;
    await context.close();
  };
  return { level, stop };
}
