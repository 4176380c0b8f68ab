/**
 * Rows of tables, as GitHub's Markdown has them: cells between bars, and under the head a row that
 * says how the columns are aligned.
 *
 * @import {Part} from './tree.d.ts'
 */

const CELL = /(?:^\|?|\|)((?:\\.|[^|])*)/g;
const ALIGNING = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?$/;

/**
 * Split a row. A bar with a backslash before it belongs to its cell.
 *
 * @param {string} row without spaces around it
 * @param {number} at where it begins in the source
 * @returns {Part[]}
 */
export function cells(row, at) {
  /** @type {Part[]} */
  const found = [];
  for (const { 0: whole, 1: cell, index } of row.matchAll(CELL)) {
    const end = index + whole.length;
    // Behind the last bar is no cell.
    if (cell || !index || end < row.length) found.push([at + end - cell.trimStart().length, cell.trim()]);
  }
  return found;
}

/**
 * Read the row under a table's head.
 *
 * @param {string} row
 * @returns {string[]} a column's alignment each, empty: none is said; no columns: it is no such row
 */
export function alignments(row) {
  if (!row.includes('|') || !ALIGNING.test(row)) return [];
  const named = ['', 'left', 'right', 'center'];
  return cells(row, 0).map(([, mark]) => named[Number(mark[0] === ':') + 2 * Number(mark.endsWith(':'))]);
}
