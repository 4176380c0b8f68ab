/**
 * Two ways to record a microphone's stream: raw PCM through an AudioWorklet, or a container
 * through MediaRecorder, whose code is fetched when it is needed. Both give their bytes as they come.
 *
 * @import {containerRecorder} from './container.js'
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
 * @typedef {object} Files what is fetched to record
 * @property {string} workletUrl
 * @property {(part: string) => Promise<any>} fetch
 */

/**
 * @typedef {object} Recorder
 * @property {() => number | null} level loudness of this moment, 0 to 1; null: it can't be measured
 * @property {() => Promise<void>} stop ends when the last bytes were given
 */

// Short, so that the bars move with each syllable.
const METER_SAMPLES = 512;

// Silence makes pieces, too: where none has come by now, the context does not run.
const FIRST_PIECE_MS = 2_000;

// A context that the system has suspended never answers; the microphone is released all the same.
const LAST_PIECE_MS = 500;

/**
 * Record in the first of `formats` that works here.
 *
 * @param {MediaStream} stream
 * @param {string[]} formats
 * @param {Files} files
 * @param {Told} told
 * @returns {Promise<Recorder>}
 */
export async function record(stream, formats, { workletUrl, fetch }, told) {
  if (formats.includes('pcm16/16000')) {
    const recorder = await pcmRecorder(stream, workletUrl, told).catch(() => null);
    if (recorder) return recorder;
  }
  /** @type {typeof containerRecorder} */
  const otherRecorder = await fetch('container');
  return otherRecorder(stream, formats, told, listenTo);
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
