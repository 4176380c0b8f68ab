/**
 * Which names of members are the widget's own, for the build to shorten: a class, a type or the table
 * of words declares them, and neither browsers, nor the wire, nor the page's API, nor any quoted text
 * knows them.
 */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { domprops } from '../node_modules/terser/tools/domprops.js';

/** A member of a class or of a type; what a function takes as one of its named parts. */
const DECLARED =
  /^ {2}(?:static |async |get |set |readonly |\*)*([a-z]\w+)(?:\(.*[{;]$|\??;$|\??: .*;$| = )|^ {4}this\.([a-z]\w+) = |@(?:param \{.*\} \[?\w+\.|property \{.*\} \[?)([a-z]\w+)/gm;

/**
 * Names that browsers, documents or quoted texts have, too, but on nothing that the widget touches:
 * what joins them is to be looked for.
 */
const OURS_TOO = new Set(
  (
    'address adopt clip columns complete configure device devices discard draw element emit ended fault fence ' +
    'forget formats hear identity last listen lost node phase playback played question quotes rate reached ' +
    'setStatus setTitle sign stopped streams take tell tooLong tooShort transport unlock use view watch ' +
    'whole write'
  ).split(' '),
);

/** What the server says in JSON. */
const WIRE = /^export interface (?:Frame|Source|StoredMessage|Status|Limits|Config) \{$[^]*?^\}$/gm;

/** What quotes names for people, and names of files. */
const COMMENT_OR_IMPORT = /\/\*\*\s[^]*?\*\/|^ *\/\/.*|^import .*/gm;

/** @param {string} text @returns {string[]} */
const wordsOf = (text) => text.match(/\w+/g) ?? [];

/**
 * @param {string} top folder of the repository
 * @returns {Promise<string[]>}
 */
export async function ownNames(top) {
  const web = path.join(top, 'web');
  const modules = (await readdir(web, { recursive: true })).filter(
    (name) => name.endsWith('.js') && !name.startsWith('languages'),
  );
  const read = (/** @type {string[]} */ names) =>
    Promise.all(names.map((name) => readFile(path.join(web, name), 'utf8'))).then((texts) => texts.join('\n'));
  const source = await read(modules);
  const code = bare(source);
  const types = await read(['types.d.ts', 'line/transport.d.ts', 'markdown/tree.d.ts']);
  const english = keys(await read(['languages/en.js']));
  const known = new Set([
    ...domprops,
    // The page's and the audio thread's.
    ...wordsOf(bare(await read(['voice-chat.js', 'voicechat.d.ts', 'voice/microphone-worklet.js']))),
    // The wire's.
    ...wordsOf(String(types.match(WIRE))),
    ...quoted(await read(['../PROTOCOL.md'])),
    // Those of `data-` attributes.
    ...[...code.matchAll(/dataset\.(\w+)/g)].map(([, name]) => name),
    ...quoted(code),
  ]);
  const declared = [...`${source}\n${types}`.matchAll(DECLARED)].flatMap(([, ...found]) => found);
  const isOurs = (/** @type {string} */ name) => name && (OURS_TOO.has(name) || !known.has(name));
  return [...new Set([...declared, ...english])].filter(isOurs);
}

/** @param {string} text */
function bare(text) {
  return text.replace(COMMENT_OR_IMPORT, '');
}

/** @param {string} text */
function quoted(text) {
  const templates = [...text.matchAll(/`[^`\n]*`/g)].map(([found]) => found.replace(/\$\{.*?\}/g, ' '));
  return [...text.matchAll(/'[^'\n]*'/g), ...templates].flatMap((found) => wordsOf(String(found)));
}

/** @param {string} table */
function keys(table) {
  return [...table.matchAll(/^ {2,4}(\w+): /gm)].map(([, key]) => key);
}
