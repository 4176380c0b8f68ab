/** What `node web/build.mjs` made: small, and nothing in it that a strict site would forbid. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { unlisted } from '../../web/chat/texts.js';
import { english } from '../../web/languages/en.js';
import { launchers } from '../../web/languages/launcher.js';

const folder = new URL('../../voicechat/widget/', import.meta.url);
const names = readdirSync(folder);
const read = (name) => readFileSync(new URL(name, folder));
const parts = names.filter((name) => /^(chat|app-\w+|worklet-\w+)\.js$/.test(name));
const transports = names.filter((name) => /^v\d-\w+\.js$/.test(name));
const languages = names.filter((name) => /^[a-z]{2}-\w+\.js$/.test(name));
const later = names.filter((name) => /^(aloud|container|debug|trouble)-\w+\.js$/.test(name));
const widget = [...parts, ...transports, ...later, ...languages];

test('the widget is one loader, one app, one worklet, a transport for each mode, and what comes when it is needed', () => {
  assert.deepEqual([...parts, ...transports, ...later].map((name) => name.replace(/-\w+/, '')).sort(), [
    'aloud.js',
    'app.js',
    'chat.js',
    'container.js',
    'debug.js',
    'trouble.js',
    'v1.js',
    'v2.js',
    'worklet.js',
  ]);
});

test('the loader has at most 3 KB, a language 2 KB, and the whole with either mode and the largest 38 KB, gzip', () => {
  const sizeOf = (name) => read(`${name}.gz`).length;
  const language = Math.max(...languages.map(sizeOf));
  const largest = [...parts, transports.sort((a, b) => sizeOf(a) - sizeOf(b)).at(-1)];
  const whole = largest.reduce((sum, name) => sum + sizeOf(name), language);
  console.log(`loader ${sizeOf('chat.js')} bytes, a language ${language}, whole widget ${whole}, gzip`);
  assert.ok(sizeOf('chat.js') <= 3 * 1024);
  assert.ok(language <= 2 * 1024);
  assert.ok(whole <= 38 * 1024);
});

test('what is sent packed is the same', () => {
  for (const name of widget) assert.deepEqual(gunzipSync(read(`${name}.gz`)), read(name), name);
});

test('nothing in it needs more than a strict policy gives', () => {
  const forbidden =
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|new Worker|WebAssembly|localStorage|\.cookie/;
  for (const name of widget) assert.doesNotMatch(read(name).toString(), forbidden, name);
});

test('it names no server but its own', () => {
  for (const name of widget) {
    const addresses =
      read(name)
        .toString()
        .match(/(?:https?|wss?):\/\/[\w.-]+/g) ?? [];
    assert.deepEqual(
      addresses.filter((address) => address !== 'http://www.w3.org'),
      [],
      name,
    );
  }
});

test('the loader finds the app and every language by one name, and the app its parts and the worklet', () => {
  const [app, worklet] = ['app', 'worklet'].map((kind) => parts.find((name) => name.startsWith(kind)));
  assert.ok(read('chat.js').includes(app.replace('app', '')));
  const wanted = Object.keys(launchers).map((language) => app.replace('app', language));
  assert.deepEqual(languages.sort(), wanted.sort());
  assert.deepEqual(
    transports.sort(),
    ['v1', 'v2'].map((mode) => app.replace('app', mode)),
  );
  assert.deepEqual(
    later.sort(),
    ['aloud', 'container', 'debug', 'trouble'].map((name) => app.replace('app', name)),
  );
  assert.ok(read(app).includes(worklet));
});

test('a language is a module of words, and the app has none of them', async () => {
  for (const name of languages) {
    const { default: words } = await import(new URL(name, folder).href);
    const { default: table } = await import(`../../web/languages/${name.slice(0, 2)}.js`);
    assert.deepEqual(unlisted(words.values()), table);
  }
  const app = read(parts.find((name) => name.startsWith('app'))).toString();
  assert.ok(!app.includes(english.nothingHeard));
});

test('the demo site names files that are there', () => {
  const page = read('site.html').toString();
  const files = [...page.matchAll(/\/widget\/([\w.-]+)/g)].map(([, name]) => name);
  assert.equal(files.length, 3);
  for (const name of files) assert.ok(names.includes(name), name);
  for (const placeholder of ['title', 'nav', 'content', 'tag', 'loader'])
    assert.ok(page.includes(`$${placeholder}`));
});
