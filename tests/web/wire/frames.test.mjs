import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { decode, encode } from '../../../web/wire/frames.js';

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
  const { flags, last, final, words, estimated, format, activity, reason, phase, stable, audio_ms, ...rest } =
    fields;
  const marks = words === undefined ? 0 : Number(words) | (Number(estimated) << 1);
  const flag = flags ?? format ?? activity ?? reason ?? phase ?? Number(last ?? final ?? marks);
  const written = { turn, flags: flag, pos: stable ?? 0, ...rest };
  if (audio_ms !== undefined) written.audioMs = audio_ms;
  if (rest.data) written.data = dataOf(rest.data);
  if (rest.id) written.text = rest.id;
  delete written.id;
  return written;
}

for (const vector of vectors) {
  const { number, name, from } = vector;

  test(`${number} ${name} is read from its golden bytes`, () => {
    const frame = decode(bytesOf(vector));
    assert.equal(frame.name, name);
    assert.equal(frame.turn, vector.turn);
    const expected = fieldsOf(vector);
    for (const [field, value] of Object.entries(expected)) {
      if (field !== 'content') assert.deepEqual(frame[field], value, field);
    }
    for (const [field, value] of Object.entries(expected.content ?? {})) {
      assert.deepEqual(frame.content[field], value, field);
    }
  });

  test(`${number} ${name} is written as its golden bytes`, () => {
    const bytes = bytesOf(vector);
    const { turn: _, ...content } = decode(bytes).content ?? {};
    assert.equal(hexOf(encode(name, { ...decode(bytes), content }, from)), hexOf(bytes));
  });
}

test('a type that is not in the table is null', () => {
  assert.equal(decode(Uint8Array.of(0xfe, 1, 2)), null);
});

test('a name that is not in the table is refused', () => {
  assert.throws(() => encode('WHISPER'), RangeError);
  assert.throws(() => encode('HELLO', {}, 'server'), RangeError);
});

test('every frame of the table has golden bytes', () => {
  const known = new Set(vectors.map(({ number }) => Number(number)));
  for (let type = 0; type < 256; type += 1) {
    const frame = new Uint8Array(24).fill(0x30);
    frame.set([type, 0x7b, 0x7d]);
    let name;
    try {
      name = decode(type >= 0x10 ? frame : frame.subarray(0, 3))?.name;
    } catch {
      name = 'JSON';
    }
    if (name) assert.ok(known.has(type), `0x${type.toString(16)} ${name}`);
  }
});
