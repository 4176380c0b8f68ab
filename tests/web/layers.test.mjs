/** The plan of the widget: which folder may import from which, the imports of types too. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The highest first. Imports point down only, and folders on one floor do not know each other. */
const FLOORS = [
  ['site'],
  ['.', 'debug'],
  ['panel'],
  ['session'],
  ['line', 'voice'],
  ['chat', 'markdown'],
  ['wire', 'languages'],
  ['types.d.ts'],
];

const web = fileURLToPath(new URL('../../web', import.meta.url));
const house = new Map(
  readdirSync(web, { recursive: true })
    .filter((name) => /\.(js|d\.ts)$/.test(name))
    .map((name) => [name.split(path.sep).join('/'), readFileSync(path.join(web, name), 'utf8')]),
);

/** The folder that a module lies in; the shared types, which lie at the top, are a room of their own. */
function roomOf(name) {
  return name === 'types.d.ts' ? name : path.posix.dirname(name);
}

/** How far down a room is; -1: nowhere. */
function floorOf(room) {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

/** What a module imports of ours, in whichever way; comments that name a type count. */
function importsOf(source) {
  const found = source.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g);
  return [...found].map(([, target]) => target);
}

/** Say, a line each, where modules leave the plan. */
function faults(modules) {
  return [...modules].flatMap(([name, source]) => {
    const room = roomOf(name);
    if (floorOf(room) < 0) return [`${name}: stands on no floor; give its folder one in FLOORS`];
    return importsOf(source).flatMap((target) => {
      const other = roomOf(path.posix.join(path.posix.dirname(name), target));
      if (other === room || target.endsWith('.scss')) return [];
      if (floorOf(other) < 0) return [`${name}: imports ${target}: on no floor`];
      if (floorOf(other) < floorOf(room)) return [`${name}: imports ${target}: upwards`];
      return floorOf(other) === floorOf(room) ? [`${name}: imports ${target}: sideways`] : [];
    });
  });
}

test('imports point down the floors only', () => {
  assert.deepEqual(faults(house), []);
});

test('every room has modules, and imports are seen in them', () => {
  const rooms = new Set([...house.keys()].map(roomOf));
  assert.deepEqual([...rooms].sort(), FLOORS.flat().sort());
  assert.ok(importsOf(house.get('session/session.js')).includes('../line/api.js'));
});

const PLANTED = [
  ['panel/planted.js', "import { App } from '../app.js';", 'imports ../app.js: upwards'],
  ['session/planted.js', "import {\n  Panel,\n} from '../panel/panel.js';", 'upwards'],
  ['wire/planted.js', "import '../line/api.js';", 'upwards'],
  ['wire/planted.js', "export * from '../chat/history.js';", 'upwards'],
  ['chat/planted.js', "const { Line } = await import('../line/line.js');", 'upwards'],
  ['chat/planted.js', "/** @import {Line} from '../line/line.js' */", 'upwards'],
  ['chat/planted.js', "/** @type {import('../line/line.js').Line} */", 'upwards'],
  ['types.d.ts', "import type { Line } from './line/line.js';", 'upwards'],
  ['voice/planted.js', "import { Api } from '../line/api.js';", 'imports ../line/api.js: sideways'],
  ['line/planted.js', "import { meter } from '../voice/meter.js';", 'sideways'],
  ['line/planted.js', "import { one } from '../../tests/web/doubles.mjs';", 'on no floor'],
  ['attic/planted.js', '', 'stands on no floor'],
  ['panel/attic/planted.js', '', 'stands on no floor'],
];

for (const [name, source, complaint] of PLANTED) {
  test(`a planted fault is found: ${name}: ${source.replaceAll('\n', ' ')}`, () => {
    const [found, ...others] = faults(new Map([[name, source]]));
    assert.ok(found?.includes(`: ${complaint}`), found);
    assert.deepEqual(others, []);
  });
}

test('an import downwards, within a folder, or of a style is none', () => {
  const lines = ["import { h } from './dom.js';", "import css from '../../scss/panel.scss';"];
  lines.push("import { texts } from '../chat/texts.js';", "/** @import {View} from '../types.d.ts' */");
  assert.deepEqual(faults(new Map([['panel/planted.js', lines.join('\n')]])), []);
});
