/**
 * The frames of mode v2 that the page sends and reads; all of them are in voicechat/wire/frames.py.
 *
 * Frames with a header are `type u8 | flags u8 | turn u16 | pos u32`, big-endian, then the payload.
 * JSON frames are the type and then JSON; their `turn`, where they have one, is a member of it.
 * The golden bytes in tests/vectors/frames.json hold both tables to the server's.
 *
 * @import {Frame} from '../types.d.ts'
 */

import { joined } from './bytes.js';

export const HEADER_BYTES = 8;

export const END = { COMPLETE: 1, CUT: 2, FAILED: 4, UNSAID: 8 };
export const PLAYED = { PAUSED: 1, ENDED: 2, UNDERRUN: 4, MUTED: 8 };
export const CANCEL = { SPOKEN_OVER: 1, BUTTON: 2, TYPED_OVER: 3 };
export const AUDIO_END = { DISCARD: 1 };
export const PHASE = { LISTENING: 1, TRANSCRIBING: 2, THINKING: 3, SPEAKING: 4, IDLE: 5, QUEUED: 6 };
export const FINAL = 1;
/** The spans of MARK are words, else pieces as they were spoken. */
export const WORDS = 1;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** What the page sends. @type {Record<string, number>} */
const TYPES = {
  HELLO: 0x10,
  TEXT: 0x11,
  AUDIO: 0x12,
  AUDIO_END: 0x13,
  PLAYED: 0x14,
  CANCEL: 0x15,
  PING: 0x16,
  SET: 0x19,
  BYE: 0x1a,
  SPEAK: 0x1b,
  EVENT: 0x1f,
};

const nothing = () => ({});

/** @param {Uint8Array} payload */
const text = (payload) => ({ text: fromUtf8.decode(payload) });

/** @param {Uint8Array} payload */
const data = (payload) => ({ data: payload });

/** @param {Uint8Array} _payload @param {DataView} frame */
const number = (_payload, frame) => ({ n: frame.getUint32(HEADER_BYTES) });

/** @param {Uint8Array} payload @param {DataView} frame */
const numberAndText = (payload, frame) => ({ ...number(payload, frame), ...text(payload.subarray(4)) });

/**
 * In lists: bytes of the text from and to, milliseconds of the sound from and to.
 *
 * @param {Uint8Array} payload @param {DataView} frame
 */
const spans = (payload, frame) => ({
  spans: Array.from({ length: payload.length / 16 }, (_, i) =>
    [0, 4, 8, 12].map((at) => frame.getUint32(HEADER_BYTES + i * 16 + at)),
  ),
});

/**
 * What the page reads: by type the name, and how the payload is read; without that it is JSON.
 *
 * @type {Record<number, [name: string, read?: (payload: Uint8Array, frame: DataView) => object]>}
 */
const READ = {
  0x90: ['WELCOME'],
  0x91: ['TEXT', text],
  0x92: ['AUDIO', data],
  0x93: ['MARK', spans],
  0x94: ['END', nothing],
  0x95: ['TRANSCRIPT', text],
  0x96: ['FAULT'],
  0x97: ['STATE', nothing],
  0x98: ['TIMING'],
  0x99: ['GOAWAY'],
  0x9a: ['USER', numberAndText],
  0x9c: ['CUT', nothing],
  0x9f: ['ACCEPTED', number],
  0xa1: ['EVENT'],
};

/**
 * Return the bytes of a frame; its payload is whichever of `data`, `n`, `content` and `text` is given.
 * What belongs to no turn has no header; other header fields that are not given are 0.
 *
 * @param {string} name
 * @param {Partial<Frame>} [fields]
 * @returns {Uint8Array}
 */
export function encode(name, { flags = 0, turn = 0, pos = 0, data, n, content, text } = {}) {
  const header = turn ? [flags, turn >> 8, turn, ...bytesOf(pos)] : [];
  const words = content ? JSON.stringify(content) : text;
  const payload = data ?? (n === undefined ? utf8.encode(words) : Uint8Array.from(bytesOf(n)));
  return joined(Uint8Array.of(TYPES[name], ...header), payload);
}

/**
 * Return what a frame says, or null for a type that the page does not read.
 *
 * The payload of a sound frame is a view of `frame`, not a copy.
 *
 * @param {Uint8Array} frame
 * @returns {Frame | null}
 */
export function decode(frame) {
  const [name, read] = READ[frame[0]] ?? [];
  if (!name) return null;
  let fields;
  if (read) {
    const view = new DataView(frame.buffer, frame.byteOffset);
    const header = { flags: frame[1], turn: view.getUint16(2), pos: view.getUint32(4) };
    fields = { ...header, ...read(frame.subarray(HEADER_BYTES), view) };
  } else {
    const content = JSON.parse(fromUtf8.decode(frame.subarray(1)));
    fields = { flags: 0, turn: content.turn ?? 0, pos: 0, content };
  }
  return /** @type {Frame} */ ({ name, ...fields });
}

/** @param {number} value u32; an array of bytes takes the lowest eight bits of each */
function bytesOf(value) {
  return [value >> 24, value >> 16, value >> 8, value];
}
