/** What stands on the page while an answer comes, and where in its source. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Prose } from '../../../web/markdown/prose.js';
import { CORPUS, EVERYTHING } from './corpus.mjs';
import { Page, PageText, written } from './page.mjs';

const SOURCES = [...Object.values(CORPUS).flat().map(([source]) => source), EVERYTHING];
const bytesOf = (text) => new TextEncoder().encode(text).length;

/** An answer on a page of its own; around code and tables stands a `div`. */
function prose() {
  const page = new Page();
  const shown = new Prose(page.createElement('div'), (_, element) => {
    const frame = page.createElement('div');
    frame.append(element);
    return frame;
  });
  const write = (source, end = 'open', heard = null) => shown.write(source, end, heard, 'not heard');
  return { page, write, shown, element: shown.element };
}

function* nodes(node) {
  yield node;
  for (const child of node.childNodes) yield* nodes(child);
}

function texts(element) {
  return [...nodes(element)].filter((node) => node instanceof PageText);
}

/** What stands there, and where each text of it begins in the source. */
function standing({ element, shown }) {
  return [written(element), ...texts(element).map((node) => shown.places.byteAt(node, 0))].join(' ');
}

function at(source, end) {
  const fresh = prose();
  fresh.write(source, end);
  return standing(fresh);
}

test('coming letter by letter, it stands there as if it had come at once', () => {
  for (const source of SOURCES) {
    const growing = prose();
    for (let length = 1; length <= source.length; length += 1) {
      growing.write(source.slice(0, length));
      assert.equal(standing(growing), at(source.slice(0, length), 'open'), source.slice(0, length));
    }
    growing.write(source, 'whole');
    assert.equal(standing(growing), at(source, 'whole'), source);
  }
});

test('every letter leads to its byte in the source, and the byte back to it', () => {
  const { write, shown, element } = prose();
  write(EVERYTHING, 'whole');
  const source = Buffer.from(EVERYTHING);
  for (const node of texts(element)) {
    let offset = 0;
    for (const letter of node.data) {
      const byte = shown.places.byteAt(node, offset);
      const there = source.subarray(byte, byte + bytesOf(letter)).toString();
      if (there !== letter) assert.match(source.subarray(byte).toString(), /^&\w+;/);
      assert.deepEqual(shown.find(byte), { node, offset });
      offset += letter.length;
    }
    assert.ok(shown.places.byteAt(node, offset) > shown.places.byteAt(node, 0));
  }
});

test('a byte within a mark leads to what is shown next, one within a letter to the letter', () => {
  const { write, shown, element } = prose();
  write('a **ü&amp;b**', 'whole');
  const [a, u, and, b] = texts(element);
  const places = [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 99].map((byte) => shown.find(byte));
  const to = (node, offset) => ({ node, offset });
  assert.deepEqual(places.slice(0, 6), [to(a, 0), to(a, 1), to(u, 0), to(u, 0), to(u, 0), to(u, 0)]);
  assert.deepEqual(places.slice(6), [to(and, 0), to(and, 0), to(and, 0), to(b, 0), to(b, 1), to(b, 1)]);
  assert.equal(shown.places.byteAt(and, 1), 11);
  assert.equal(prose().shown.find(0), null);
});

test('what was not heard is marked from its byte on, and nothing before', () => {
  for (let heard = 0; heard <= bytesOf(EVERYTHING); heard += 1) {
    const { write, element } = prose();
    write(EVERYTHING, 'cut', heard);
    const inSpan = (node) => node.parentNode.className === 'unheard';
    const plain = prose();
    plain.write(EVERYTHING, 'cut');
    const expected = plain.shown.find(heard);
    const all = texts(plain.element);
    const before = all
      .slice(0, all.indexOf(expected.node))
      .map(({ data }) => data)
      .concat(expected.node.data.slice(0, expected.offset));
    const said = texts(element).filter((node) => !inSpan(node));
    assert.equal(said.map(({ data }) => data).join(''), before.join(''));
    assert.ok(texts(element).every((node) => !inSpan(node) || node.length > 0));
    assert.equal(element.textContent, plain.element.textContent);
  }
});

test('marked texts keep their places', () => {
  const { write, shown, element } = prose();
  // Up to the n of `an`: each ü and ß is two bytes.
  write('Grüße **an &amp; alle**', 'cut', 11);
  assert.equal(
    written(element).replaceAll('[className=unheard]', ''),
    'div(p[dir=auto](Grüße |strong(a|span(n )|span(&)|span( alle))))',
  );
  assert.deepEqual(
    texts(element).map((node) => shown.places.byteAt(node, 0)),
    [0, 10, 11, 13, 18],
  );
});

test('a whole block is never touched again, nor is a whole line of code', () => {
  const { write, element } = prose();
  const first = 'One **two**\n\n- a\n- b\n\n```\nx\ny\n';
  write(first);
  const settled = texts(element);
  const kept = settled.map((node) => [node, node.parentNode, node.writes, node.looks]);
  const rest = 'z\n```\n\n| a |\n|---|\n| b |\n\nend';
  for (let length = 1; length <= rest.length; length += 1) write(first + rest.slice(0, length));
  for (const [node, parent, writes, looks] of kept) {
    assert.equal(node.parentNode, parent);
    assert.deepEqual([node.writes, node.looks], [writes, looks]);
  }
  assert.equal(kept.map(([node]) => node.data).join('|'), 'One |two|a|b|x\n|y\n');
});

test('in the block that is open, what goes on keeps its nodes', () => {
  const { write, element } = prose();
  write('One **two** thr');
  const before = [...nodes(element)];
  const writes = () => texts(element).map((node) => node.writes);
  const [one, two, three] = writes();
  write('One **two** three');
  assert.ok([...nodes(element)].every((node, i) => node === before[i]));
  assert.deepEqual(writes(), [one, two, three + 1]);
});

test('the nodes that are made grow with the answer, not with the number of its pieces', () => {
  const made = (times) => {
    const { page, write, element } = prose();
    const source = EVERYTHING.repeat(times);
    for (let length = 1; length <= source.length; length += 1) write(source.slice(0, length));
    write(source, 'whole');
    return [page.made, [...nodes(element)].length];
  };
  const [[once, standing], [fourTimes]] = [made(1), made(4)];
  assert.ok(fourTimes < 4.2 * once, `${once} nodes, and ${fourTimes} for four times the text`);
  assert.ok(once < 1.5 * standing, `${once} nodes made for ${standing}`);
});

test('another text in its place is written anew', () => {
  const growing = prose();
  const others = ['One **two/open', 'Other/open', 'Other/whole', 'Other *x*/whole'];
  for (const [source, end] of others.map((other) => other.split('/'))) {
    growing.write(source, end);
    assert.equal(standing(growing), at(source, end));
  }
});

test('whether anything can be seen is told', () => {
  const { write } = prose();
  assert.deepEqual(
    ['#', '# ', '# A'].map((source) => write(source)),
    [false, false, true],
  );
});

test('links of other sites open beside the page, its own and those to write to do not', () => {
  const { write, element } = prose();
  write('[a](https://e.org) [b](https://shop.example/c) [d](mailto:a@e.org)', 'whole');
  const links = [...nodes(element)].filter(({ tag }) => tag === 'a');
  assert.deepEqual(
    links.map(({ target, attributes }) => [target, attributes.rel]),
    ['_blank', '', ''].map((target) => [target, 'noopener noreferrer nofollow']),
  );
});

test('each block finds its direction by itself, but code', () => {
  const { write, element } = prose();
  write('a\n\n- b\n\n> c\n\n```\nd\n```', 'whole');
  assert.equal(
    written(element),
    'div(p[dir=auto](a)|ul[dir=auto](li(p(b)))|blockquote[dir=auto](p(c))|div(pre(code(d⏎))))',
  );
});
