import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { decode, encode } from '../../../web/wire/frames.js';
import * as wire from '../frames.mjs';

const vectors = JSON.parse(readFileSync(new URL('../../vectors/frames.json', import.meta.url), 'utf8'));

const bytesOf = ({ bytes }) => Uint8Array.from(bytes.split(' '), (byte) => parseInt(byte, 16));
const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
const dataOf = ({ hex }) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));

/** The fields of a golden message in the words of web/frames.js: some of Python's are flags or pos there. */
function fieldsOf({ name, turn, fields }) {
  if (name === 'FAULT' || name === 'GOAWAY') {
    const { retry_after_seconds: retry, ...content } = fields;
    return { turn, content: retry ? { ...content, retry_after: retry } : content };
  }
  const { flags, last, final, words, estimated, format, activity, reason, phase, stable, audio_ms, nonce, ...rest } =
    fields;
  const marks = words === undefined ? 0 : Number(words) | (Number(estimated) << 1);
  const flag = flags ?? format ?? activity ?? reason ?? phase ?? Number(last ?? final ?? marks);
  const written = { turn, flags: flag, pos: stable ?? 0, ...rest };
  if (audio_ms !== undefined) written.audioMs = audio_ms;
  if (nonce !== undefined) written.n = nonce;
  if (rest.data) written.data = dataOf(rest.data);
  if (rest.id) written.text = rest.id;
  delete written.id;
  return written;
}

/** What the server alone reads or sends, or the page has no use for. */
const NOT_THE_PAGES = {
  client: [
    'SET_CLIENT_ID',
    'USER_TEXT_MESSAGE',
    'USER_AUDIO_CHUNK',
    'USER_AUDIO_END',
    'SPEECH',
    'TOOL_RESULT',
  ],
  server: [
    'OK',
    'ERROR',
    'TEXT_CHUNK',
    'TEXT_END',
    'AUDIO_ACK',
    'PONG',
    'TOOL',
    'VOICE',
  ],
};

/** Fields that the page does not read. */
const NOT_READ = ['audioMs'];

function isRead(frame, vector, left = []) {
  assert.equal(frame.name, vector.name);
  assert.equal(frame.turn, vector.turn);
  const expected = fieldsOf(vector);
  for (const [field, value] of Object.entries(expected)) {
    if (field !== 'content' && !left.includes(field)) assert.deepEqual(frame[field], value, field);
  }
  for (const [field, value] of Object.entries(expected.content ?? {})) {
    assert.deepEqual(frame.content[field], value, field);
  }
}

for (const vector of vectors) {
  const { number, name, from } = vector;
  const bytes = bytesOf(vector);
  const { turn: _, ...content } = wire.decode(bytes).content ?? {};
  const isPages = !NOT_THE_PAGES[from].includes(name);

  test(`${number} ${name} is read by the tests' server from its golden bytes`, () => {
    isRead(wire.decode(bytes), vector);
  });

  test(`${number} ${name} is written by the tests' server as its golden bytes`, () => {
    assert.equal(hexOf(wire.encode(name, { ...wire.decode(bytes), content }, from)), hexOf(bytes));
  });

  if (from === 'client' && isPages)
    test(`${number} ${name} is written by the page as its golden bytes`, () => {
      const fields = wire.decode(bytes);
      assert.equal(hexOf(encode(name, fields.content ? { content } : fields)), hexOf(bytes));
    });

  if (from === 'server' && isPages)
    test(`${number} ${name} is read by the page from its golden bytes`, () => {
      isRead(decode(bytes), vector, NOT_READ);
    });

  if (from === 'server' && !isPages)
    test(`${number} ${name} is nothing to the page`, () => {
      assert.equal(decode(bytes), null);
    });
}

test('a type that is not in a table is null', () => {
  for (const read of [decode, wire.decode]) assert.equal(read(Uint8Array.of(0xfe, 1, 2)), null);
});

test('a name that is not in the table is refused', () => {
  assert.throws(() => wire.encode('WHISPER'), RangeError);
  assert.throws(() => wire.encode('HELLO', {}, 'server'), RangeError);
});

test('every frame of a table has golden bytes', () => {
  const known = new Set(vectors.map(({ number }) => Number(number)));
  for (let type = 0; type < 256; type += 1) {
    const frame = new Uint8Array(24).fill(0x30);
    frame.set([type, 0x7b, 0x7d]);
    for (const read of [decode, wire.decode]) {
      let name;
      try {
        name = read(type >= 0x10 ? frame : frame.subarray(0, 3))?.name;
      } catch {
        name = 'JSON';
      }
      if (name) assert.ok(known.has(type), `0x${type.toString(16)} ${name}`);
    }
  }
});
