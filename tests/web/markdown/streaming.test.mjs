/** An answer that comes in pieces: the same tree, and no marks that come and go. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Blocks } from '../../../web/markdown/blocks.js';
import { CORPUS, EVERYTHING } from './corpus.mjs';
import { drawn, leaves, tree } from './trees.mjs';

const SOURCES = [...Object.values(CORPUS).flat().map(([source]) => source), EVERYTHING];

/** What came, cut at every byte and decoded as a socket's text is: characters are never halved. */
function* cutAtBytes(source) {
  const bytes = new TextEncoder().encode(source);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const decoder = new TextDecoder();
    const first = decoder.decode(bytes.subarray(0, cut), { stream: true });
    yield [first, first + decoder.decode(bytes.subarray(cut))];
  }
}

test('cut in two at every byte, it makes the tree of the whole, in the same places', () => {
  for (const source of SOURCES) {
    const expected = tree(source, 'whole', true);
    for (const [first, all] of cutAtBytes(source)) {
      const blocks = new Blocks();
      blocks.write(first, 'open');
      blocks.write(all, 'open');
      blocks.write(all, 'whole');
      assert.equal(drawn(blocks, 'whole', true), expected, first);
    }
  }
});

test('coming letter by letter, it is at each the tree of what has come, in the same places', () => {
  for (const source of SOURCES) {
    const blocks = new Blocks();
    // A letter may be half a character here.
    for (let length = 1; length <= source.length; length += 1) {
      const come = source.slice(0, length);
      blocks.write(come, 'open');
      assert.equal(drawn(blocks, 'open', true), tree(come, 'open', true), come);
    }
    blocks.write(source, 'whole');
    assert.equal(drawn(blocks, 'whole', true), tree(source, 'whole', true), source);
  }
});

/** The trees that a text goes through, each named once in a row. */
function history(source) {
  const states = [];
  for (let length = 1; length <= source.length; length += 1) {
    const now = tree(source.slice(0, length), 'open');
    if (now !== states.at(-1)) states.push(now);
  }
  const last = tree(source);
  return last === states.at(-1) ? states : [...states, last];
}

const HALF = {
  'stars are never seen': ['a **b**', ['p(a)', 'p(a )', 'p(a |strong(b))']],
  'a link is its text until it is whole': [
    '[ab](https://e.org)',
    ['p()', 'p(a)', 'p(ab)', 'p(span(ab))', 'p(a[href=https://e.org/][data-host=e.org](ab))'],
  ],
  'an address leads nowhere as long as it grows': [
    'tel:4).',
    ['p(t)', 'p(te)', 'p(tel)', 'p(tel:)', 'p(span(tel:4))', 'p(span(tel:4)|))', 'p(span(tel:4)|).)'].concat(
      'p(a[href=tel:4](tel:4)|).)',
    ),
  ],
  'an item of a list is seen with its first letter': [
    '1. a\n2. b',
    ['', 'ol(li(p(a)))', 'ol(li(p(a))|li(p(b)))'],
  ],
  'a fence is never seen': ['```js\na\n```', ['', 'pre(code())', 'pre(code(a))', 'pre(code(a⏎))']],
  'the head of a table is never seen as text': [
    '|a|b|\n|-|-|\n|1|x|',
    ['', 'p()', 'table(tr(th(a)|th(b)))', 'table(tr(th(a)|th(b))|tr(td(1)|td(x)))'],
  ],
  'a bar that was no table is seen with the next line': ['|a|\nb', ['', 'p()', 'p(|a|⏎b)']],
  'a rule is seen as nothing else': ['a\n---\n', ['p(a)', 'p(a) hr()']],
  'a star that stays alone is seen in the end': ['*a b', ['', 'p(em(a))', 'p(em(a b))', 'p(*a b)']],
  'half an entity is not seen': ['a&amp;b', ['p(a)', 'p(a|&~5)', 'p(a|&~5|b)']],
  'a star within a word is seen until it is closed': ['a*b', ['p(a)', 'p(a*b)']],
  'code between three ticks is never seen as a block': ['```a```', ['', 'p(code(a))']],
};

for (const [rule, [source, states]] of Object.entries(HALF)) {
  test(`while it comes, ${rule}`, () => {
    const seen = history(source).filter((state, i) => state !== '' || i === 0);
    assert.deepEqual(seen, states);
  });
}

test('what once was seen of an answer stays where it was, until its block is whole', () => {
  const blocks = new Blocks();
  let before = '';
  for (let length = 1; length <= EVERYTHING.length; length += 1) {
    blocks.write(EVERYTHING.slice(0, length), 'open');
    const now = leaves(blocks.root, 'open')
      .map(({ text }) => text)
      .join('');
    assert.ok(now.startsWith(before), `${before}\n became \n${now}`);
    before = now.trimEnd();
  }
});

test('an answer that was cut keeps the emphasis it had, and shows what was held back', () => {
  assert.equal(tree('We are **always op', 'cut'), 'p(We are |strong(always op))');
  assert.equal(tree('See [our page](https://e.or', 'cut'), 'p(See |span(our page))');
  assert.equal(tree('The answer is:\n42', 'cut'), 'p(The answer is:⏎42)');
  assert.equal(tree('AT&T', 'cut'), 'p(AT&T)');
  assert.equal(tree('| a |', 'cut'), 'p(| a |)');
});
