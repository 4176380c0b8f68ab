/** The words of one language, ready to be said. The words themselves stand in web/languages/. */

import { english } from '../languages/en.js';

/** @import {Forms, Table} from '../languages/en.js' */
/** @typedef {Omit<Table, 'counted'> & Record<keyof Table['counted'], (n: number) => string> & Times} Texts */
/** @typedef {{ when: (at: number) => string }} Times `at`: seconds since 1970 */

/**
 * Return the words for a visitor.
 *
 * @param {string} language of `table`, BCP 47
 * @param {Table} [table]
 * @returns {Texts}
 */
export function texts(language, table = english) {
  const { counted, ...words } = table;
  const rules = new Intl.PluralRules(language);
  const sayings = Object.entries(counted).map(([key, forms]) => [
    key,
    (/** @type {number} */ n) =>
      (forms[rules.select(n)] ?? forms.other).replace('{n}', n.toLocaleString(language)),
  ]);
  // English says 3 PM or 15:00: as the visitor's own does, where the visitor speaks it.
  const locale = () => navigator.languages.find((tag) => tag.startsWith(language)) ?? language;
  return { ...words, ...Object.fromEntries(sayings), when: (at) => when(at, locale()) };
}

/**
 * Return the hour, and for a day that has passed the day, too.
 *
 * @param {number} at seconds since 1970
 * @param {string} locale
 */
export function when(at, locale, now = new Date()) {
  const date = new Date(at * 1_000);
  const dateStyle = date.toDateString() === now.toDateString() ? undefined : 'medium';
  return date.toLocaleString(locale, { dateStyle, timeStyle: 'short' });
}

/**
 * Return the words of `table` without their keys, in the order of English: so a language's file is
 * small. English stands where the table lacks a word.
 *
 * @param {any} table
 * @param {any} [pattern]
 * @returns {(string | Forms)[]}
 */
export function listed(table, pattern = english) {
  if (isOne(pattern)) return [table ?? pattern];
  return Object.keys(pattern).flatMap((key) => listed(table?.[key], pattern[key]));
}

/**
 * Return the table that `words` were listed from.
 *
 * @param {Iterator<string | Forms>} words
 * @param {any} [pattern] its keys count, not its words: the built app has no others
 * @returns {any}
 */
export function unlisted(words, pattern = english) {
  if (isOne(pattern)) return words.next().value;
  if (Array.isArray(pattern)) return pattern.map((one) => unlisted(words, one));
  return Object.fromEntries(Object.entries(pattern).map(([key, one]) => [key, unlisted(words, one)]));
}

/** Whether it is one saying, with or without forms. @param {string | Forms | object} pattern */
function isOne(pattern) {
  return typeof pattern === 'string' || 'other' in pattern;
}
