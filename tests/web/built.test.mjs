/** What `node web/build.mjs` made: small, and nothing in it that a strict site would forbid. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const folder = new URL('../../voicechat/widget/', import.meta.url);
const names = readdirSync(folder);
const read = (name) => readFileSync(new URL(name, folder));
const widget = names.filter((name) => /^(chat|app-\w+|worklet-\w+)\.js$/.test(name));

test('the widget is one loader, one app and one worklet', () => {
  assert.deepEqual(widget.map((name) => name.replace(/-\w+/, '')).sort(), [
    'app.js',
    'chat.js',
    'worklet.js',
  ]);
});

test('the loader has at most 3 KB and the whole at most 38 KB, gzip', () => {
  const sizes = Object.fromEntries(widget.map((name) => [name, gzipSync(read(name), { level: 9 }).length]));
  const whole = Object.values(sizes).reduce((sum, size) => sum + size);
  console.log(`loader ${sizes['chat.js']} bytes, whole widget ${whole} bytes, gzip`);
  assert.ok(sizes['chat.js'] <= 3 * 1024);
  assert.ok(whole <= 38 * 1024);
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

test('the loader names the app, and the app the worklet, that are there', () => {
  const [app, worklet] = ['app', 'worklet'].map((kind) => widget.find((name) => name.startsWith(kind)));
  assert.ok(read('chat.js').includes(app));
  assert.ok(read(app).includes(worklet));
});

test('the demo site names files that are there', () => {
  const page = read('site.html').toString();
  const files = [...page.matchAll(/\/widget\/([\w.-]+)/g)].map(([, name]) => name);
  assert.equal(files.length, 3);
  for (const name of files) assert.ok(names.includes(name), name);
  for (const placeholder of ['title', 'nav', 'content', 'tag', 'loader'])
    assert.ok(page.includes(`$${placeholder}`));
});
