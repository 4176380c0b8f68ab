/** Answers that are meant to do harm: they cost as much as others of their length, and act on nothing. */

import assert from 'node:assert/strict';
import { Session } from 'node:inspector/promises';
import { after, before, test } from 'node:test';

import { Blocks } from '../../../web/markdown/blocks.js';
import { measured } from './trees.mjs';

const LENGTH = 100_000;
const DEEPEST = 30;

/** What is repeated, or made to a length. */
const HOSTILE = {
  '[[[[': '[',
  '![![': '![',
  '[a](': '[a](',
  '[a](b': '[a](b',
  '[a](<b': '[a](<b',
  '[a](b "': '[a](b "',
  '[a]((((': '[a](' + '('.repeat(50),
  ']]]]': ']',
  '****': '*',
  '*a ': '*a ',
  'a* ': 'a* ',
  '**a *b': '**a *b',
  '*a _b': (length) => '*a _b '.repeat(length / 12) + 'c* d_ '.repeat(length / 12),
  '_a_*': '_a_*',
  '*_a ': (length) => '*_a '.repeat(length / 8) + 'a** '.repeat(length / 8),
  '~~~~ a~~': '~~a ~~~~',
  '****[a](': (length) => '*'.repeat(length / 2) + 'a [b](http://c)'.repeat(length / 30),
  '> > > >': '> ',
  '> lines': '> > > a\n',
  '>>>> lines': '>'.repeat(100) + 'a\n',
  '- - - -': '- ',
  '- - - a': '- - - a\n',
  '1. 1. 1.': '1. ',
  'deep lists': (length) => {
    let text = '';
    for (let depth = 0; text.length < length; depth = (depth + 1) % 300) {
      text += `${' '.repeat(depth * 2)}- a\n`;
    }
    return text;
  },
  '||||': '|',
  '|a|a': '|a',
  'wide tables': (length) => `${'|a'.repeat(length / 4)}\n${'|-'.repeat(length / 4)}\n`,
  'long tables': (length) => `${'|a'.repeat(200)}\n${'|-'.repeat(200)}\n${'|\n'.repeat(length / 2)}`,
  '`` ` ``': (length) => {
    let text = '';
    for (let ticks = 1; text.length < length; ticks += 1) text += `${'`'.repeat(ticks)} `;
    return text;
  },
  '```` a': '`a``',
  '\\\\\\': '\\',
  '&&&&': '&',
  '&a;': '&#1;',
  'https://': 'https://',
  'https://a))))': (length) => `https://a${')'.repeat(length)}`,
  '(((( https://': (length) => `https://a${'('.repeat(length / 2)}${')'.repeat(length / 2)}`,
  '<https://': '<https://',
  '####': '#',
  '# a #####': (length) => `# a${' #'.repeat(length / 2)}`,
  'blanks in a heading': (length) => `# a${' '.repeat(length)}b`,
  'blanks in a rule': (length) => `-${' '.repeat(length)}-x`,
  blanks: ' ',
  tabs: '\t',
  'blank lines': '\n',
  fences: '```\n',
};

function hostile(made, length) {
  return typeof made === 'string' ? made.repeat(Math.ceil(length / made.length)) : made(length);
}

/** A tree of the source, come in a few pieces. */
function read(source, end) {
  const blocks = new Blocks();
  for (let piece = 1; piece <= 4; piece += 1) {
    blocks.write(source.slice(0, Math.ceil((source.length * piece) / 4)), 'open');
  }
  blocks.write(source, end);
  return measured(blocks.root, end);
}

const profiler = new Session();

before(async () => {
  profiler.connect();
  await profiler.post('Profiler.enable');
  await profiler.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
});

after(() => profiler.disconnect());

/** How often the parts of the parser's code ran since the last time. */
async function steps() {
  const { result } = await profiler.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url }) => url.includes('/web/markdown/'))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)))
    .reduce((sum, count) => sum + count, 0);
}

for (const [name, made] of Object.entries(HOSTILE)) {
  test(`100 kB of ${name} make a tree of bounded depth, in steps that grow with its length`, async () => {
    for (const end of ['whole', 'cut']) {
      const counts = [];
      for (const length of [LENGTH / 4, LENGTH]) {
        await steps();
        const source = hostile(made, length);
        const { deepest, nodes } = read(source, end);
        counts.push(await steps());
        assert.ok(deepest <= DEEPEST, `${deepest} deep`);
        assert.ok(nodes <= 2 * source.length + 10, `${nodes} nodes`);
      }
      const [quarter, whole] = counts;
      assert.ok(whole <= 5 * quarter + 1_000, `${end}: ${quarter} steps, ${whole} for four times the text`);
    }
  });
}

test('the steps are seen that it takes', async () => {
  await steps();
  read('a *b* c', 'whole');
  assert.ok((await steps()) > 50);
});
