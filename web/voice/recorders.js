/**
 * Two ways to record a microphone's stream: raw PCM through an AudioWorklet, or a container
 * through MediaRecorder. Both give their bytes as they come.
 */

import { meter } from './meter.js';
import { HEARING_RATE } from './resample.js';

/**
 * @typedef {(bytes: Uint8Array, format: string) => void} Give takes what was recorded, as it comes,
 *   with its format as the protocol names it
 */

/**
 * @typedef {object} Told what becomes of the recording
 * @property {Give} give
 * @property {(on: boolean) => void} halted the system keeps the sound back, as iOS does during a call
 * @property {() => void} failed nothing more will come
 */

/**
 * @typedef {object} Recorder
 * @property {() => number | null} level loudness of this moment, 0 to 1; null: it can't be measured
 * @property {() => Promise<void>} stop ends when the last bytes were given
 */

// Safari gives usable clips only in slices.
const SLICE_MS = 250;

// Short, so that the bars move with each syllable.
const METER_SAMPLES = 512;

// Silence makes pieces, too: where none has come by now, the context does not run.
const FIRST_PIECE_MS = 2_000;

// A context that the system has suspended never answers; the microphone is released all the same.
const LAST_PIECE_MS = 500;

/** Media types to ask for, best first. Without a type each browser has its own idea, Firefox Ogg. */
const TYPES = [
  ['webm/opus', 'audio/webm;codecs=opus'],
  ['mp4/aac', 'audio/mp4;codecs=mp4a.40.2'],
  ['mp4/aac', 'audio/mp4'],
  ['ogg/opus', 'audio/ogg;codecs=opus'],
];

/**
 * Record in the first of `formats` that works here.
 *
 * @param {MediaStream} stream
 * @param {string[]} formats
 * @param {string} workletUrl
 * @param {Told} told
 * @returns {Promise<Recorder>}
 */
export async function record(stream, formats, workletUrl, told) {
  if (formats.includes('pcm16/16000')) {
    const recorder = await pcmRecorder(stream, workletUrl, told).catch(() => null);
    if (recorder) return recorder;
  }
  return containerRecorder(stream, formats, told);
}

/**
 * @param {MediaStream} stream @param {string} workletUrl @param {Told} told
 * @returns {Promise<Recorder>} when its first piece has come
 */
async function pcmRecorder(stream, workletUrl, told) {
  const { context, source, level } = listenTo(stream, told.halted);
  /** @type {(data: ArrayBuffer | null) => void} */
  let came = () => {};
  try {
    const node = await workletNode(context, workletUrl);
    node.port.onmessage = ({ data }) => {
      if (data) told.give(new Uint8Array(data), 'pcm16/16000');
      came(data);
    };
    node.onprocessorerror = told.failed;
    source.connect(node);
    // Its output is silence; connected, so that every browser runs it.
    node.connect(context.destination);
    await new Promise((resolve, reject) => {
      came = resolve;
      setTimeout(reject, FIRST_PIECE_MS);
    });
    const stop = async () => {
      node.port.postMessage('stop');
      await new Promise((resolve) => {
        came = (data) => data ?? resolve(data);
        setTimeout(resolve, LAST_PIECE_MS);
      });
      await context.close();
    };
    return { level, stop };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** @param {AudioContext} context @param {string} url */
async function workletNode(context, url) {
  await context.audioWorklet.addModule(url);
  return new AudioWorkletNode(context, 'voicechat-microphone', {
    channelCount: 1,
    channelCountMode: 'explicit',
  });
}

/**
 * @param {MediaStream} stream @param {string[]} formats @param {Told} told
 * @returns {Promise<Recorder>} when it has begun
 */
async function containerRecorder(stream, formats, told) {
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

/**
 * A context at the rate of the ear, where the browser lets a microphone into one.
 *
 * @param {MediaStream} stream
 * @param {(on: boolean) => void} halted
 */
function listenTo(stream, halted) {
  const source = sourceOf(stream);
  const context = /** @type {AudioContext} */ (source.context);
  const measured = meter(source, METER_SAMPLES);
  const seen = () => {
    const state = /** @type {string} */ (context.state);
    // What the system has interrupted it gives back by itself; asked for, its clock may stay frozen.
    if (state === 'suspended') context.resume().catch(() => {});
    halted(state === 'interrupted');
  };
  context.onstatechange = seen;
  seen();
  return { context, source, level: () => (context.state === 'running' ? measured() : null) };
}

/** @param {MediaStream} stream */
function sourceOf(stream) {
  const context = new AudioContext({ sampleRate: HEARING_RATE });
  try {
    return context.createMediaStreamSource(stream);
  } catch {
    void context.close();
    return new AudioContext().createMediaStreamSource(stream);
  }
}
