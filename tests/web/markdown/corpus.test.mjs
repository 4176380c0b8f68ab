/** What a whole answer in Markdown is read as. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CORPUS, EVERYTHING } from './corpus.mjs';
import { leaves, tree } from './trees.mjs';
import { Blocks } from '../../../web/markdown/blocks.js';

for (const [group, pieces] of Object.entries(CORPUS)) {
  test(`read as it is meant: ${group}`, () => {
    for (const [source, expected] of pieces) assert.equal(tree(source), expected, source);
  });
}

test('every text is its source, letter by letter, or says how much of it it stands for', () => {
  const sources = [...Object.values(CORPUS).flat().map(([source]) => source), EVERYTHING];
  for (const source of sources) {
    const blocks = new Blocks();
    blocks.write(source, 'whole');
    let behind = 0;
    for (const { text, at, size } of leaves(blocks.root, 'whole')) {
      assert.ok(at >= behind, `${source}: ${text}`);
      behind = at + size;
      if (size === text.length) assert.equal(source.slice(at, behind), text);
      else assert.match(source.slice(at, behind), /^&#?\w+;$/);
    }
    assert.ok(behind <= source.length);
  }
});

test('an address of any length that could be visited is one, a longer one is text', () => {
  assert.match(tree(`[a](https://e.org/${'b'.repeat(1_900)})`), /^p\(a\[href=/);
  assert.match(tree(`[a](<mailto:${'b'.repeat(2_000)}>)`), /^p\(\[a\]/);
});
