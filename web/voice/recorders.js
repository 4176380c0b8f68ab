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
 * @typedef {object} Recorder
 * @property {() => number} level loudness of this moment, 0 to 1
 * @property {() => Promise<void>} stop ends when the last bytes were given
 */

// Safari gives usable clips only in slices.
const SLICE_MS = 250;

// Short, so that the bars move with each syllable.
const METER_SAMPLES = 512;

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
 * @param {Give} give
 * @returns {Promise<Recorder>}
 */
export async function record(stream, formats, workletUrl, give) {
  if (formats.includes('pcm16/16000')) {
    const recorder = await pcmRecorder(stream, workletUrl, give).catch(() => null);
    if (recorder) return recorder;
  }
  return containerRecorder(stream, formats, give);
}

/**
 * @param {MediaStream} stream @param {string} workletUrl @param {Give} give
 * @returns {Promise<Recorder>}
 */
async function pcmRecorder(stream, workletUrl, give) {
  const { context, source } = listenTo(stream);
  const node = await workletNode(context, workletUrl).catch(async (error) => {
    await context.close();
    throw error;
  });
  source.connect(node);
  // Its output is silence; connected, so that every browser runs it.
  node.connect(context.destination);
  const level = meter(source, METER_SAMPLES);
  /** @type {Promise<void>} */
  const finished = new Promise((resolve) => {
    node.port.onmessage = ({ data }) => {
      if (data) give(new Uint8Array(data), 'pcm16/16000');
      else resolve();
    };
  });
  const stop = async () => {
    node.port.postMessage('stop');
    await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, LAST_PIECE_MS))]);
    await context.close();
  };
  return { level, stop };
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
 * @param {MediaStream} stream @param {string[]} formats @param {Give} give
 * @returns {Recorder}
 */
function containerRecorder(stream, formats, give) {
  // Where none is known, the browser's own idea under the last name: the first may stand for PCM.
  const [format, mimeType] = TYPES.find(
    ([name, type]) => formats.includes(name) && MediaRecorder.isTypeSupported(type),
  ) ?? [formats[formats.length - 1], ''];
  const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
  // Blobs are read one after the other, or they could overtake each other.
  let given = Promise.resolve();
  recorder.ondataavailable = ({ data }) => {
    given = given.then(async () => give(new Uint8Array(await data.arrayBuffer()), format));
  };
  /** @type {Promise<void>} */
  const stopped = new Promise((resolve) => (recorder.onstop = () => resolve()));
  recorder.start(SLICE_MS);
  const { context, source } = listenTo(stream);
  const stop = async () => {
    if (recorder.state !== 'inactive') recorder.stop();
    await stopped;
    await given;
    await context.close();
  };
  return { level: meter(source, METER_SAMPLES), stop };
}

/**
 * A context at the rate of the ear, where the browser lets a microphone into one.
 *
 * @param {MediaStream} stream
 */
function listenTo(stream) {
  const context = new AudioContext({ sampleRate: HEARING_RATE });
  try {
    return { context, source: context.createMediaStreamSource(stream) };
  } catch {
    void context.close();
    const own = new AudioContext();
    return { context: own, source: own.createMediaStreamSource(stream) };
  }
}
