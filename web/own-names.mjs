/**
 * Which names of members are the widget's own, for the build to shorten: a class declares them, and
 * neither browsers, nor the wire, nor the page's API, nor the tables of words, nor any quoted text knows
 * them.
 */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { domprops } from '../node_modules/terser/tools/domprops.js';

/** A method, an accessor or a field of a class; what a function takes as one of its named parts. */
const DECLARED = /^ {2}(?:static |async |get |set |\*)*([a-z]\w+)(?:\(.*\{$|;$| = )|@param \{.*\} \w+\.([a-z]\w+)/gm;

const QUOTED = /'[^'\n]*'|`[^`\n]*`/g;

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
  const known = new Set([
    ...domprops,
    // The page's, the wire's and the audio thread's.
    ...wordsOf(await read(['voice-chat.js', 'voicechat.d.ts', 'types.d.ts', 'voice/microphone-worklet.js'])),
    ...quoted(await read(['../PROTOCOL.md'])),
    ...keys(await read(['languages/en.js'])),
    ...quoted(source),
  ]);
  const declared = [...source.matchAll(DECLARED)].map(([, member, part]) => member ?? part);
  return [...new Set(declared)].filter((name) => !known.has(name));
}

/** @param {string} text */
function quoted(text) {
  return [...text.matchAll(QUOTED)].flatMap(([found]) => wordsOf(found));
}

/** @param {string} table */
function keys(table) {
  return [...table.matchAll(/^ +(\w+): /gm)].map(([, key]) => key);
}
