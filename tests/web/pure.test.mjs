/** The small rules: offsets, waits, writing, scheduling, resampling, contrast, sentences. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { takeSentences } from '../../web/announcer.js';
import { TRIES, waitMs } from '../../web/backoff.js';
import { fromBase64, toBase64 } from '../../web/base64.js';
import { verdict } from '../../web/closing.js';
import { readableOn } from '../../web/contrast.js';
import { Resampler, toPcm16 } from '../../web/resample.js';
import { Schedule } from '../../web/schedule.js';
import { byteLength, indexAt } from '../../web/utf8.js';
import { written } from '../../web/writing.js';

const TEXTS = ['', 'plain', 'Grüße aus Zürich', '日本語 テキスト', 'a😀b👩‍👧c', 'é́́'];

test('lengths in bytes are those of the encoder', () => {
  for (const text of TEXTS) assert.equal(byteLength(text), new TextEncoder().encode(text).length, text);
});

test('every byte offset leads to the character that it lies in', () => {
  for (const text of TEXTS) {
    const bytes = new TextEncoder().encode(text);
    for (let offset = 0; offset <= bytes.length + 2; offset += 1) {
      const index = indexAt(text, offset);
      const before = byteLength(text.slice(0, index));
      assert.ok(before <= offset, `${text} ${offset}`);
      const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
      if (index < text.length) assert.ok(before + byteLength(character) > offset, `${text} ${offset}`);
    }
  }
});

test('the wait doubles from one second to thirty', () => {
  const middle = Array.from({ length: 8 }, (_, i) => waitMs(i + 1, () => 0.5));
  assert.deepEqual(
    middle,
    [1, 2, 4, 8, 16, 30, 30, 30].map((seconds) => seconds * 1_000),
  );
  assert.equal(TRIES, 5);
});

test('chance moves the wait by a quarter, and never past the longest', () => {
  assert.equal(
    waitMs(1, () => 0),
    750,
  );
  assert.ok(waitMs(1, () => 0.999) < 1_250);
  assert.equal(
    waitMs(9, () => 0.999),
    30_000,
  );
});

test('base64 carries more bytes than a call stack holds', () => {
  const bytes = Uint8Array.from({ length: 200_001 }, (_, i) => i * 7);
  assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'));
  assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
});

test('writing goes word by word and never ahead of the word that is spoken', () => {
  const text = 'We open at nine, every day.';
  const seen = Array.from({ length: 101 }, (_, i) => text.slice(0, written(text, i / 100)));
  assert.equal(seen[0], 'We');
  assert.equal(seen[100], text);
  for (const [i, part] of seen.entries()) {
    assert.ok(part.length >= Math.floor((text.length * i) / 100));
    assert.ok(part === text || text[part.length] === ' ', part);
  }
});

test('writing without spaces does not tear a character apart', () => {
  const text = '😀'.repeat(60);
  for (let i = 0; i <= 100; i += 1) assert.equal(written(text, i / 100) % 2, 0);
});

test('writing stands whole when all was heard, and at its beginning before', () => {
  assert.equal(written('one two', 1), 7);
  assert.equal(written('one two', 5), 7);
  assert.equal(written('one two', -1), 3);
});

test('pieces of sound join at whole samples', () => {
  const schedule = new Schedule(24_000);
  const starts = Array.from({ length: 50 }, (_, i) => schedule.place(i * 100, 100, 1.000_01));
  for (const [i, at] of starts.entries()) {
    assert.ok(Math.abs(at * 24_000 - Math.round(at * 24_000)) < 1e-6);
    assert.equal(Math.round((at - starts[0]) * 24_000), i * 2_400);
  }
});

test('a piece that was scheduled before is not scheduled again', () => {
  const schedule = new Schedule(24_000);
  schedule.place(0, 200, 0);
  assert.equal(schedule.place(0, 200, 0), null);
  assert.equal(schedule.place(100, 100, 0), null);
  assert.notEqual(schedule.place(200, 200, 0), null);
});

test('a piece that comes too late starts soon, and those after it shift alike', () => {
  const schedule = new Schedule(24_000);
  schedule.place(0, 100, 0);
  const late = schedule.place(100, 100, 5);
  assert.ok(late > 5 && late < 5.1);
  assert.equal(Math.round((schedule.place(200, 100, 5) - late) * 24_000), 2_400);
});

test('the playhead follows the clock, stands still in a gap, and ends with the sound', () => {
  const schedule = new Schedule(24_000);
  const at = schedule.place(0, 100, 0);
  assert.equal(schedule.playheadMs(0), 0);
  assert.equal(Math.round(schedule.playheadMs(at + 0.05)), 50);
  assert.equal(schedule.playheadMs(at + 3), 100);
  assert.ok(schedule.ranOut(at + 3));
  const next = schedule.place(100, 100, at + 3);
  assert.equal(schedule.playheadMs(at + 3), 100);
  assert.equal(Math.round(schedule.playheadMs(next + 0.02)), 120);
  assert.ok(!schedule.ranOut(next + 0.02));
});

test('sound that goes on from the middle counts from there', () => {
  const schedule = new Schedule(24_000);
  const at = schedule.place(4_000, 100, 2);
  assert.equal(schedule.playheadMs(2), 4_000);
  assert.equal(Math.round(schedule.playheadMs(at + 0.05)), 4_050);
});

for (const rate of [16_000, 22_050, 44_100, 48_000, 96_000]) {
  test(`a second at ${rate} Hz becomes 16,000 samples of the same tone`, () => {
    const resampler = new Resampler(rate);
    const output = [];
    const tone = Float32Array.from({ length: rate }, (_, i) => Math.sin((2 * Math.PI * 300 * i) / rate));
    for (let at = 0; at < rate; at += 128) output.push(...resampler.push(tone.subarray(at, at + 128)));
    assert.ok(Math.abs(output.length - 16_000) <= 1, String(output.length));
    const power = output.reduce((sum, sample) => sum + sample * sample, 0) / output.length;
    assert.ok(Math.abs(power - 0.5) < 0.01, String(power));
    const crossings = output.filter((sample, i) => i && sample >= 0 && output[i - 1] < 0).length;
    assert.ok(Math.abs(crossings - 300) <= 1, String(crossings));
  });
}

test('a tone above what 16 kHz can hold is damped, not folded down at full strength', () => {
  const resampler = new Resampler(48_000);
  const tone = Float32Array.from({ length: 48_000 }, (_, i) => Math.sin((2 * Math.PI * 15_000 * i) / 48_000));
  const output = resampler.push(tone);
  const power = [...output].reduce((sum, sample) => sum + sample * sample, 0) / output.length;
  assert.ok(power < 0.05, String(power));
});

test('samples past full scale are clipped', () => {
  assert.deepEqual([-2, -1, 0, 1, 2].map(toPcm16), [-32_768, -32_768, 0, 32_767, 32_767]);
});

test('text on any accent has a contrast of at least 4.5', () => {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (let r = 0; r <= 255; r += 15) {
    for (let g = 0; g <= 255; g += 15) {
      for (let b = 0; b <= 255; b += 15) {
        const light = luminance([r, g, b]);
        const contrast = readableOn(r, g, b) === '#fff' ? 1.05 / (light + 0.05) : (light + 0.05) / 0.05;
        assert.ok(contrast >= 4.5, `${r} ${g} ${b}: ${contrast}`);
      }
    }
  }
});

test('growing text is announced by whole sentences', () => {
  const said = [];
  let rest = '';
  for (const piece of ['We op', 'en at 9.30 a.m', '. Come', ' in! He said', ' “yes.” Then\n', 'done']) {
    const taken = takeSentences(rest + piece);
    said.push(...taken.sentences);
    rest = taken.rest;
  }
  assert.deepEqual(said, ['We open at 9.30 a.m.', 'Come in!', 'He said “yes.”', 'Then']);
  assert.deepEqual(takeSentences(`${rest}\n`), { sentences: ['done'], rest: '' });
});

test('close codes say whether to come back', () => {
  for (const code of [1001, 1006, 1012, 1013, 4429, 4503])
    assert.equal(verdict(code).next, 'again', String(code));
  for (const code of [1003, 1009, 4400, 4403]) assert.equal(verdict(code).next, 'failed', String(code));
  for (const code of [4408, 4409]) assert.equal(verdict(code).next, 'resting', String(code));
});
