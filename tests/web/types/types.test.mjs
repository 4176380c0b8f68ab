/** The types that come with the widget. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

test('a page in TypeScript is checked by them, and its mistakes are found', () => {
  const options = ['--noEmit', '--strict', '--ignoreConfig', '--target', 'es2022', '--module', 'esnext'];
  const more = ['--moduleResolution', 'bundler', '--lib', 'es2023,dom,dom.iterable', '--types', ''];
  const tsc = at('../../../node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, ...options, ...more, at('page.ts')], { encoding: 'utf8' });
  assert.equal(stdout, '');
});

test('every event that the element tells of has a type, and no other has', () => {
  const [head] = readFileSync(at('../../../web/voice-chat.js'), 'utf8').split('*/');
  const types = readFileSync(at('../../../web/voicechat.d.ts'), 'utf8');
  const namesIn = (text) => [...new Set(text.match(/voicechat:[a-z]+/g))].sort();
  assert.deepEqual(namesIn(types), namesIn(head));
});
