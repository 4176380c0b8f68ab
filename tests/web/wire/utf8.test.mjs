/** UTF-8 offsets in texts that are UTF-16 here. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { byteLength, indexAt } from '../../../web/wire/utf8.js';

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
