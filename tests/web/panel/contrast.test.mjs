/** Text that can be read on any accent. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readableOn } from '../../../web/panel/contrast.js';

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
