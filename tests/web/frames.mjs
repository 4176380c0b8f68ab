/**
 * The server's end of mode v2 for the tests: every frame of voicechat/wire/frames.py, both ways.
 * web/wire/frames.js has those alone that a page sends and reads.
 *
 * @import {Frame} from '../../web/types.d.ts'
 */

import { joined } from '../../web/wire/bytes.js';
import { HEADER_BYTES } from '../../web/wire/frames.js';

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * How a payload is written and read.
 *
 * @typedef {{ pack: (fields: any) => Uint8Array, unpack: (payload: Uint8Array) => object }} Payload
 */

/** @type {Payload} */
const nothing = { pack: () => new Uint8Array(0), unpack: () => ({}) };

/** @type {Payload} */
const text = {
  pack: (fields) => utf8.encode(fields.text),
  unpack: (payload) => ({ text: fromUtf8.decode(payload) }),
};

/** @type {Payload} */
const data = { pack: (fields) => fields.data, unpack: (payload) => ({ data: payload }) };

/** @type {Payload} */
const json = {
  pack: (fields) =>
    utf8.encode(JSON.stringify(fields.turn ? { ...fields.content, turn: fields.turn } : fields.content)),
  unpack: (payload) => {
    const content = JSON.parse(fromUtf8.decode(payload));
    return { turn: content.turn ?? 0, content };
  },
};

/** @type {Payload} */
const spans = {
  pack: (fields) => numbers(fields.spans.flat()),
  unpack: (payload) => {
    const view = viewOf(payload);
    const rows = [];
    for (let at = 0; at + 16 <= payload.length; at += 16) {
      rows.push([0, 4, 8, 12].map((offset) => view.getUint32(at + offset)));
    }
    return { spans: rows };
  },
};

/** @type {Payload} */
const numberAndText = {
  pack: (fields) => joined(numbers([fields.n]), utf8.encode(fields.text)),
  unpack: (payload) => ({ n: viewOf(payload).getUint32(0), text: fromUtf8.decode(payload.subarray(4)) }),
};

/** @param {string} name @returns {Payload} */
const number = (name) => ({
  pack: (fields) => numbers([fields[name]]),
  unpack: (payload) => ({ [name]: viewOf(payload).getUint32(0) }),
});

/** @type {[type: number, name: string, layout: 'plain' | 'header' | 'json', payload: Payload][]} */
const FRAMES = [
  // Client to server, basic profile
  [0x01, 'SET_CLIENT_ID', 'plain', text],
  [0x02, 'USER_TEXT_MESSAGE', 'plain', text],
  [0x03, 'USER_AUDIO_CHUNK', 'plain', data],
  [0x04, 'USER_AUDIO_END', 'plain', nothing],
  // Client to server, full profile
  [0x10, 'HELLO', 'json', json],
  [0x11, 'TEXT', 'header', text],
  [0x12, 'AUDIO', 'header', data],
  [0x13, 'AUDIO_END', 'header', nothing],
  [0x14, 'PLAYED', 'header', nothing],
  [0x15, 'CANCEL', 'header', nothing],
  [0x16, 'PING', 'plain', number('n')],
  [0x17, 'SPEECH', 'header', nothing],
  [0x18, 'TOOL_RESULT', 'json', json],
  [0x19, 'SET', 'json', json],
  [0x1a, 'BYE', 'plain', nothing],
  [0x1b, 'SPEAK', 'header', number('n')],
  [0x1f, 'EVENT', 'json', json],
  // Server to client, basic profile
  [0x81, 'OK', 'plain', nothing],
  [0x82, 'ERROR', 'plain', text],
  [0x83, 'TEXT_CHUNK', 'plain', text],
  [0x84, 'TEXT_END', 'plain', nothing],
  // Server to client, full profile
  [0x90, 'WELCOME', 'json', json],
  [0x91, 'TEXT', 'header', text],
  [0x92, 'AUDIO', 'header', data],
  [0x93, 'MARK', 'header', spans],
  [0x94, 'END', 'header', number('audioMs')],
  [0x95, 'TRANSCRIPT', 'header', text],
  [0x96, 'FAULT', 'json', json],
  [0x97, 'STATE', 'header', nothing],
  [0x98, 'TIMING', 'json', json],
  [0x99, 'GOAWAY', 'json', json],
  [0x9a, 'USER', 'header', numberAndText],
  [0x9b, 'AUDIO_ACK', 'header', nothing],
  [0x9c, 'CUT', 'header', nothing],
  [0x9d, 'PONG', 'plain', number('n')],
  [0x9e, 'TOOL', 'json', json],
  [0x9f, 'ACCEPTED', 'header', number('n')],
  [0xa0, 'VOICE', 'header', nothing],
  [0xa1, 'EVENT', 'json', json],
];

const BY_TYPE = new Map(FRAMES.map((row) => [row[0], row]));
const CLIENT = new Map(FRAMES.filter(([type]) => type < 0x80).map((row) => [row[1], row]));
const SERVER = new Map(FRAMES.filter(([type]) => type >= 0x80).map((row) => [row[1], row]));

/**
 * Return the bytes of a frame; header fields that are not given are 0.
 *
 * @param {string} name
 * @param {object} [fields]
 * @param {'client' | 'server'} [from]
 * @returns {Uint8Array}
 */
export function encode(name, fields = {}, from = 'client') {
  const row = (from === 'client' ? CLIENT : SERVER).get(name);
  if (!row) throw new RangeError(`There is no frame called ${name} from the ${from}.`);
  const [type, , layout, payload] = row;
  const body = payload.pack(fields);
  if (layout !== 'header') return joined(Uint8Array.of(type), body);
  const { flags = 0, turn = 0, pos = 0 } = /** @type {Partial<Frame>} */ (fields);
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  const view = viewOf(frame);
  view.setUint8(0, type);
  view.setUint8(1, flags);
  view.setUint16(2, turn);
  view.setUint32(4, pos);
  frame.set(body, HEADER_BYTES);
  return frame;
}

/**
 * Return what a frame says, or null for a type that this table does not know.
 *
 * The payload of a sound frame is a view of `frame`, not a copy.
 *
 * @param {Uint8Array} frame
 * @returns {Frame | null}
 */
export function decode(frame) {
  const row = BY_TYPE.get(frame[0]);
  if (!row) return null;
  const [, name, layout, payload] = row;
  if (layout !== 'header') return named(name, 0, 0, 0, payload.unpack(frame.subarray(1)));
  const view = viewOf(frame);
  const body = payload.unpack(frame.subarray(HEADER_BYTES));
  return named(name, view.getUint8(1), view.getUint16(2), view.getUint32(4), body);
}

/**
 * @param {string} name @param {number} flags @param {number} turn @param {number} pos
 * @param {object} body
 */
function named(name, flags, turn, pos, body) {
  return /** @type {Frame} */ ({ name, flags, turn, pos, ...body });
}

/** @param {Uint8Array} bytes */
function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @param {number[]} values */
function numbers(values) {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, index) => viewOf(bytes).setUint32(index * 4, value));
  return bytes;
}
