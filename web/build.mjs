/**
 * Builds the widget into voicechat/widget/: `node web/build.mjs`.
 *
 * Names carry a hash of what is in them, so that they can be cached for ever; only the loader and
 * the demo site's template keep theirs. Fails when the widget outgrows its limits.
 */

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';
import { compile } from 'sass';

const WIDGET_LIMIT_BYTES = 38 * 1024;
const LOADER_LIMIT_BYTES = 3 * 1024;

const TARGETS = ['chrome111', 'firefox113', 'safari16.4'];

const top = fileURLToPath(new URL('..', import.meta.url));
const out = path.join(top, 'voicechat', 'widget');

/** Makes `import css from '…/x.scss'` the compiled text. */
const styles = {
  name: 'styles',
  setup(building) {
    building.onLoad({ filter: /\.scss$/ }, ({ path: file }) => ({ contents: style(file), loader: 'text' }));
  },
};

/** @param {string} file */
function style(file) {
  return compile(file, { style: 'compressed' }).css;
}

/**
 * @param {string} entry
 * @param {'esm' | 'iife'} format
 * @param {Record<string, string>} [names] of built files, for the constants of web/types.d.ts
 */
async function script(entry, format, names = {}) {
  const define = Object.fromEntries(
    Object.entries(names).map(([name, file]) => [name, JSON.stringify(file)]),
  );
  const { outputFiles } = await build({
    entryPoints: [path.join(top, 'web', entry)],
    bundle: true,
    minify: true,
    write: false,
    format,
    target: TARGETS,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [styles],
    define,
  });
  return Buffer.from(outputFiles[0].contents);
}

/** @type {Map<string, Buffer>} */
const files = new Map();

/** @param {string} name @param {Buffer} content @returns {string} its name with its hash */
function hashed(name, content) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 10);
  const full = name.replace('.', `-${hash}.`);
  files.set(full, content);
  return full;
}

/** @param {string} name */
function plain(name) {
  return name.replace(/-[0-9a-f]{10}\./, '.');
}

async function make() {
  const worklet = hashed('worklet.js', await script('voice/microphone-worklet.js', 'esm'));
  const app = hashed('app.js', await script('app.js', 'esm', { WORKLET_FILE: worklet }));
  const siteScript = hashed('site.js', await script('site/site.js', 'iife'));
  const siteStyle = hashed('site.css', Buffer.from(style(path.join(top, 'scss', 'site.scss'))));
  const icon = hashed('icon.svg', await readFile(path.join(top, 'web', 'site', 'icon.svg')));
  const template = await readFile(path.join(top, 'web', 'site', 'site.html'), 'utf8');
  const site = [icon, siteStyle, siteScript].reduce(
    (text, name) => text.replace(plain(name), name),
    template,
  );
  files.set('site.html', Buffer.from(site));
  // Last: what is newer than the loader has not been built.
  files.set('chat.js', await script('loader.js', 'iife', { APP_FILE: app }));
  return ['chat.js', app, worklet];
}

/** @param {string[]} widget names of the files that a visitor's browser loads @returns {boolean} */
function fits(widget) {
  let sum = 0;
  for (const [name, content] of files) {
    const size = gzipSync(content, { level: 9 }).length;
    if (widget.includes(name)) sum += size;
    const bytes = content.length.toLocaleString('en').padStart(8);
    console.log(`${name.padEnd(24)} ${bytes} bytes, gzip ${size.toLocaleString('en')}`);
  }
  console.log(
    `The widget: ${sum.toLocaleString('en')} of ${WIDGET_LIMIT_BYTES.toLocaleString('en')} bytes gzip.`,
  );
  const loader = gzipSync(/** @type {Buffer} */ (files.get('chat.js')), { level: 9 }).length;
  if (sum <= WIDGET_LIMIT_BYTES && loader <= LOADER_LIMIT_BYTES) return true;
  console.error(
    `Too large: at most ${WIDGET_LIMIT_BYTES} bytes whole and ${LOADER_LIMIT_BYTES} for chat.js.`,
  );
  return false;
}

/** Put the files in place, each whole at once, and take away those of earlier builds. */
async function install() {
  await mkdir(out, { recursive: true });
  for (const [name, content] of files) {
    const unfinished = path.join(out, `.${name}.${process.pid}`);
    await writeFile(unfinished, content);
    await rename(unfinished, path.join(out, name));
  }
  const old = (await readdir(out)).filter((name) => !files.has(name) && !name.startsWith('.'));
  await Promise.all(old.map((name) => rm(path.join(out, name), { force: true })));
}

/** Whether the loader is newer than everything it is made of. */
async function isCurrent() {
  const built = await stat(path.join(out, 'chat.js')).catch(() => null);
  if (!built) return false;
  const sources = [path.join(top, 'package-lock.json')];
  for (const folder of ['web', 'scss']) {
    const names = await readdir(path.join(top, folder), { recursive: true });
    sources.push(path.join(top, folder), ...names.map((name) => path.join(top, folder, name)));
  }
  const times = await Promise.all(sources.map(async (source) => (await stat(source)).mtimeMs));
  return Math.max(...times) < built.mtimeMs;
}

if (await isCurrent()) {
  console.log('The widget is up to date.');
} else {
  const widget = await make();
  if (!fits(widget)) process.exit(1);
  await install();
}
