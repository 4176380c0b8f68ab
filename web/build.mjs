/**
 * Builds the widget into voicechat/widget/: `node web/build.mjs`.
 *
 * A page loads the loader, the app with a language and the transport of one mode, to record the worklet,
 * and of what is seldom needed each part when it is.
 * Names carry a hash of what is in them, so that they can be cached for ever; only the loader, the
 * types and the demo site's template keep theirs. Fails when the widget outgrows its limits.
 */

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import zopfli from '@gfx/zopfli';
import { build, transform } from 'esbuild';
import { compile } from 'sass';
import { minify } from 'terser';

import { listed, unlisted } from './chat/texts.js';
import { launchers } from './languages/launcher.js';
import { ownNames } from './own-names.mjs';

const WIDGET_LIMIT_BYTES = 38 * 1024;
const LOADER_LIMIT_BYTES = 3 * 1024;
const LANGUAGE_LIMIT_BYTES = 2 * 1024;

/** What is fetched when it is first needed: by its name the module, and the most that it weighs. @type {Record<string, [entry: string, limit: number]>} */
const LATER = {
  aloud: ['panel/aloud.js', 4 * 1024],
  container: ['voice/container.js', 1024],
  debug: ['debug/debug.js', 2 * 1024],
  trouble: ['voice/microphone-trouble.js', 1024],
};

const LANGUAGES = Object.keys(launchers);

const MODES = ['v1', 'v2'];

const TARGETS = ['chrome111', 'firefox113', 'safari16.4'];

const top = fileURLToPath(new URL('..', import.meta.url));
const out = path.join(top, 'voicechat', 'widget');

const OWN_NAMES = new RegExp(`^(${(await ownNames(top)).join('|')})$`);

/**
 * Makes `import css from '…/x.scss'` the compiled text. Raw it stays before the code: `terser` would
 * move a plain one to where it is used, between parts of the code that look alike and pack together.
 */
const styles = {
  name: 'styles',
  setup(building) {
    building.onLoad({ filter: /\.scss$/ }, async ({ path: file }) => ({
      contents: `export default String.raw\`${await style(file)}\``,
    }));
  },
};

/** Leaves of English the keys: its words come in a file, as those of every language. */
const keysOnly = {
  name: 'keysOnly',
  setup(building) {
    const keys = unlisted(function* () {
      for (;;) yield '';
    }());
    // Without quotes they are names, to be shortened like others.
    const names = JSON.stringify(keys).replace(/"(\w+)":/g, '$1:');
    building.onLoad({ filter: /languages[\\/]en\.js$/ }, () => ({
      contents: `export const english = ${names}`,
    }));
  },
};

/** What the loader has already: the app takes it from its `tools`. By module. */
const SHARED = {
  'panel/dom.js': '[h]',
  'panel/icons.js': '[, icon]',
};

/** Puts `SHARED` in the place of a module's own, whose other exports stay. */
const fromLoader = {
  name: 'fromLoader',
  setup(building) {
    building.onLoad({ filter: /(dom|icons)\.js$/ }, ({ path: file, suffix }) => {
      const name = path.relative(path.join(top, 'web'), file).replaceAll(path.sep, '/');
      if (suffix || !(name in SHARED)) return null;
      const own = JSON.stringify(`./${path.basename(file)}?own`);
      return {
        contents: `export * from ${own}; export const ${SHARED[name]} = customElements.get('voice-chat').tools`,
        resolveDir: path.dirname(file),
      };
    });
  },
};

/** @param {string} file */
async function style(file) {
  const { code } = await transform(compile(file).css, { loader: 'css', minify: true, target: TARGETS });
  // Where a custom property or a condition begins, and between choices, the space is left.
  return code.trim().replace(/((?:--|\()[\w-]+): (?=[^\s;}])/g, '$1:').replaceAll(', ', ',');
}

// What is packed looks alike in the last 32 KB: read in this order, it does so more often than as imported.
const FIRST = [
  '../scss/panel.scss',
  './markdown/table.js',
  './panel/pictures.js',
  './markdown/places.js',
  './line/socket-health.js',
  './voice/resample.js',
  './line/backoff.js',
  './markdown/inline.js',
  './markdown/prose.js',
  './voice/silence.js',
  './panel/icons.js',
  './markdown/line.js',
  './panel/contrast.js',
  './line/connection.js',
  './chat/identity.js',
  './voice/player.js',
  './voice/track.js',
  './line/offer.js',
  './voice/microphone.js',
  './panel/microphone-words.js',
  './line/lookout.js',
  './panel/transcript.js',
  './panel/message-view.js',
  './markdown/entities.js',
  './session/dialogue.js',
  './session/session.js',
];

/**
 * @param {string} entry
 * @param {'esm' | 'iife'} format
 * @param {object} [options]
 * @param {Record<string, string>} [options.names] of built files and their build: the constants of web/types.d.ts
 * @param {string[]} [options.first] what stands before the rest
 * @param {Record<string, string | false>} [options.short] what members are called, for scripts that
 *   hand objects to each other; gains what is new
 */
async function script(entry, format, { names = {}, first = [], short = {} } = {}) {
  const define = Object.fromEntries(
    Object.entries(names).map(([name, file]) => [name, JSON.stringify(file)]),
  );
  const { outputFiles, mangleCache } = await build({
    stdin: {
      contents: [...first.map((file) => `import '${file}'`), `export * from './${entry}'`].join('\n'),
      resolveDir: path.join(top, 'web'),
    },
    bundle: true,
    minify: true,
    write: false,
    format,
    target: TARGETS,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [styles, keysOnly, ...(format === 'esm' ? [fromLoader] : [])],
    define,
    mangleProps: OWN_NAMES,
    mangleCache: short,
  });
  Object.assign(short, mangleCache);
  // What esbuild leaves shrinks by another fortieth.
  const { code } = await minify(outputFiles[0].text, {
    module: format === 'esm',
    // `lhs_constants`: on the side where they were written, more of the code looks alike.
    // `pure_getters`: none is read for what reading it does.
    // `unsafe`: nothing of the language is replaced by a page's own, and no Symbol becomes a text.
    compress: {
      passes: 3,
      ecma: 2020,
      lhs_constants: false,
      pure_getters: true,
      unsafe: true,
      unsafe_arrows: true,
      unsafe_comps: true,
    },
    format: { ecma: 2020 },
  });
  return Buffer.from(String(code));
}

/** @type {Map<string, Buffer>} */
const files = new Map();

/** The same files as they are sent, by the same names. @type {Map<string, Buffer>} */
const packed = new Map();

/** @param {...Buffer} contents @returns {string} */
function hashOf(...contents) {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(content);
  return hash.digest('hex').slice(0, 10);
}

/** @param {string} name @param {Buffer} content @returns {string} its name with its hash */
function hashed(name, content) {
  const full = name.replace('.', `-${hashOf(content)}.`);
  files.set(full, content);
  return full;
}

/** The words of a language as a module, in the order of English. @param {string} language */
async function words(language) {
  const { default: table } = await import(`./languages/${language}.js`);
  return Buffer.from(`export default${JSON.stringify(listed(table))}`);
}

/** @param {string} name */
function plain(name) {
  return name.replace(/-[0-9a-f]{10}\./, '.');
}

async function make() {
  const worklet = hashed('worklet.js', await script('voice/microphone-worklet.js', 'esm'));
  const short = {};
  const app = await script('app.js', 'esm', { names: { WORKLET_FILE: worklet }, first: FIRST, short });
  const transports = [];
  for (const mode of MODES) transports.push(await script(`line/transport-${mode}.js`, 'esm', { short }));
  const later = [];
  for (const [entry] of Object.values(LATER)) later.push(await script(entry, 'esm', { short }));
  const languages = await Promise.all(LANGUAGES.map(words));
  // One hash for all: the loader knows it, and the app by its own name.
  const hash = hashOf(app, ...transports, ...later, ...languages);
  const appFile = `app-${hash}.js`;
  const transportFiles = MODES.map((mode) => `${mode}-${hash}.js`);
  const languageFiles = LANGUAGES.map((language) => `${language}-${hash}.js`);
  const laterFiles = Object.keys(LATER).map((name) => `${name}-${hash}.js`);
  files.set(appFile, app);
  transportFiles.forEach((file, i) => files.set(file, transports[i]));
  laterFiles.forEach((file, i) => files.set(file, later[i]));
  languageFiles.forEach((file, i) => files.set(file, languages[i]));
  const siteScript = hashed('site.js', await script('site/site.js', 'iife'));
  const siteStyle = hashed('site.css', Buffer.from(await style(path.join(top, 'scss', 'site.scss'))));
  const icon = hashed('icon.svg', await readFile(path.join(top, 'web', 'site', 'icon.svg')));
  const template = await readFile(path.join(top, 'web', 'site', 'site.html'), 'utf8');
  const site = [icon, siteStyle, siteScript].reduce(
    (text, name) => text.replace(plain(name), name),
    template,
  );
  files.set('site.html', Buffer.from(site));
  files.set('voicechat.d.ts', await readFile(path.join(top, 'web', 'voicechat.d.ts')));
  const first = ['./panel/contrast.js', './languages/launcher.js'];
  files.set('chat.js', await script('loader.js', 'iife', { names: { BUILD: hash }, first }));
  return {
    parts: ['chat.js', appFile, worklet],
    transports: transportFiles,
    languages: languageFiles,
    later: laterFiles,
  };
}

/** Once, and as small as gzip can be: some 4 % below its own best. */
async function pack() {
  for (const [name, content] of files) {
    packed.set(name, Buffer.from(await zopfli.gzipAsync(content, { numiterations: 150 })));
  }
}

/**
 * @param {object} names of the files that a visitor's browser loads
 * @param {string[]} names.parts
 * @param {string[]} names.transports one of them; both only where no WebSocket gets through
 * @param {string[]} names.languages one of them
 * @param {string[]} names.later beside them, each when it is first needed
 * @returns {boolean}
 */
function fits({ parts, transports, languages, later }) {
  const sizeOf = (/** @type {string} */ name) => Number(packed.get(name)?.length);
  for (const [name, { length }] of files) {
    const bytes = length.toLocaleString('en').padStart(8);
    console.log(`${name.padEnd(24)} ${bytes} bytes, gzip ${sizeOf(name).toLocaleString('en')}`);
  }
  const language = Math.max(...languages.map(sizeOf));
  const whole = parts.reduce((sum, name) => sum + sizeOf(name), language);
  const limits = [
    ['chat.js', sizeOf('chat.js'), LOADER_LIMIT_BYTES],
    ['the largest language', language, LANGUAGE_LIMIT_BYTES],
    ...Object.values(LATER).map(([, limit], i) => [later[i], sizeOf(later[i]), limit]),
    ...transports.map((name) => [`the widget with it and ${name}`, whole + sizeOf(name), WIDGET_LIMIT_BYTES]),
  ];
  for (const [what, size, limit] of limits)
    console.log(`${what}: ${size.toLocaleString('en')} of ${limit.toLocaleString('en')} bytes gzip`);
  const large = limits.filter(([, size, limit]) => size > limit).map(([what]) => what);
  if (large.length) console.error(`Too large: ${large.join(', ')}.`);
  return large.length === 0;
}

/** Put the files in place, each whole at once, and take away those of earlier builds. */
async function install() {
  await mkdir(out, { recursive: true });
  const all = new Map([...packed].map(([name, content]) => [`${name}.gz`, content]));
  // The loader last: what is newer than it has not been built.
  for (const [name, content] of files) all.set(name, content);
  for (const [name, content] of all) {
    const unfinished = path.join(out, `.${name}.${process.pid}`);
    await writeFile(unfinished, content);
    await rename(unfinished, path.join(out, name));
  }
  const old = (await readdir(out)).filter((name) => !all.has(name) && !name.startsWith('.'));
  await Promise.all(old.map((name) => rm(path.join(out, name), { force: true })));
}

/** Whether the loader is newer than everything it is made of. */
async function isCurrent() {
  const built = await stat(path.join(out, 'chat.js')).catch(() => null);
  if (!built) return false;
  const sources = ['package-lock.json', 'PROTOCOL.md'].map((name) => path.join(top, name));
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
  await pack();
  if (!fits(widget)) process.exit(1);
  await install();
}
