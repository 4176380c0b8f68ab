/** From the microphone’s rate to the ear’s. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Resampler, toPcm16 } from '../../../web/voice/resample.js';

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
