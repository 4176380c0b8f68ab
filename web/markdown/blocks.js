/**
 * Markdown's blocks, line by line, while the text is still coming.
 *
 * The rule for what is unfinished:
 *
 * - A whole line is read once, and a block that a whole line has closed is never touched again.
 * - The line that is still coming is read as if it were whole, and taken back when more of it comes.
 *   As long as it holds nothing but marks and digits it may become anything, and is not shown: `#`,
 *   `1.`, `--`, the fence of code. Nor is a line that begins with a bar shown as text before the line
 *   after it has told whether it is the head of a table.
 * - What is open in its text is taken as closed where the text ends; see inline.js.
 *
 * So what is shown is a function of what has come, in however many pieces, and at the end of a whole
 * answer it is what CommonMark says, but for this: no HTML, no link definitions, no underlined
 * headings (a line of hyphens is a rule), no code by indentation, lists neither tight nor loose, a tab
 * is always four columns.
 *
 * @import {Block, End, Part} from './tree.d.ts'
 */

import { Line } from './line.js';
import { alignments, cells } from './table.js';

// Deeper, marks are text: a hostile answer must not build a tree that no browser can lay out.
const DEEPEST = 14;

// The panel's own heading is of level 2.
const LEVELS_ABOVE = 2;

const ONLY_MARKS = /^[\s>#*+_=`~\-\d.)|:]*$/;
const ITEM = /^([-+*]|(\d{1,9})[.)])( {1,4}(?=[^ \t])|(?=[ \t]|$))/;
const HEADING = /^(#{1,6})(?:[ \t]+|$)/;
const FENCE = /^(?:`{3,}(?=[^`]*$)|~{3,})/;

/** @param {string} text */
function isRule(text) {
  if (!/^[*_-]/.test(text)) return false;
  const marks = text.replace(/[ \t]+/g, '');
  return marks.length > 2 && marks === marks[0].repeat(marks.length);
}

export class Blocks {
  /** @type {Block} */
  root = { tag: 'div', children: [] };
  /** What is open, the outermost first. @type {Block[]} */
  #stack = [this.root];
  /** What was open before the unfinished line; null: none is shown. @type {Block[] | null} */
  #before = null;
  /** Lists of the tree that the unfinished line added to, once for each time. @type {unknown[][]} */
  #added = [];
  /** Where the next line begins. */
  #next = 0;

  /**
   * @param {string} text all that came, what came before included
   * @param {End} end
   */
  write(text, end) {
    // More has come of the unfinished line, or its end.
    if (this.#before) this.#stack = this.#before;
    this.#before = null;
    while (this.#added.length) this.#added.pop()?.pop();
    for (let eol; (eol = text.indexOf('\n', this.#next)) >= 0; this.#next = eol + 1) {
      this.#read(text.slice(this.#next, eol + 1));
    }
    const line = text.slice(this.#next);
    const isShown = this.#last.fence || !ONLY_MARKS.test(line);
    if (end === 'open' && isShown) this.#before = [...this.#stack];
    if (line && (end !== 'open' || isShown)) this.#read(line);
    if (end === 'whole') this.#close(0);
  }

  get #last() {
    return /** @type {Block} */ (this.#stack.at(-1));
  }

  /** @template Item @param {Item[]} list of the tree @param {Item} item */
  #add(list, item) {
    if (this.#before) this.#added.push(list);
    list.push(item);
  }

  /** Close what is open from this depth on. @param {number} depth negative: counted from the innermost */
  #close(depth) {
    const closed = this.#stack.splice(depth);
    // What an unfinished line has closed may be open again.
    if (!this.#before) for (const block of closed) block.done = true;
  }

  /** @param {string} tag @param {Partial<Block>} [more] @returns {Block} that is open now */
  #open(tag, more) {
    // A list holds nothing but items.
    if (this.#last.kind && tag !== 'li') this.#close(-1);
    const block = { tag, children: [], ...more };
    this.#add(this.#last.children, block);
    this.#stack.push(block);
    return block;
  }

  /** @param {string} text of the next line */
  #read(text) {
    const line = new Line(text, this.#next);
    let depth = this.#match(line);
    const code = this.#stack[depth];
    if (code?.fence) return this.#readCode(code, line);
    for (;;) {
      const indent = line.skip();
      if (!line.rest) break;
      // A line of marks that is a rule is no item of a list.
      if (depth > DEEPEST || isRule(line.rest) || !this.#readContainer(line, depth, indent)) {
        return this.#readLeaf(line, depth, indent);
      }
      depth = this.#stack.length;
    }
    this.#close(depth);
  }

  /** Find out which of the open containers go on in a line. @param {Line} line @returns {number} how many */
  #match(line) {
    let depth = 1;
    for (; depth < this.#stack.length; depth += 1) {
      const { tag, indent = 0, kind, children } = this.#stack[depth];
      if (kind || (tag === 'blockquote' && line.quotes())) continue;
      // An item may begin on the line after its mark, and no later.
      if (tag !== 'li' || !(line.rest ? line.indents(indent) : children.length)) break;
    }
    return depth;
  }

  /**
   * @param {Line} line @param {number} depth @param {number} indent columns
   * @returns {boolean} whether a container begins here
   */
  #readContainer(line, depth, indent) {
    if (line.quotes()) {
      this.#close(depth);
      this.#open('blockquote');
      return true;
    }
    const found = ITEM.exec(line.rest);
    if (!found) return false;
    const [whole, mark, number] = found;
    const start = Number(number ?? 1);
    // A year at a line's end, or a hyphen, makes no list of a paragraph.
    if (this.#stack[depth]?.tag === 'p' && (whole === line.rest || start !== 1)) return false;
    this.#close(depth);
    line.take(whole.length);
    const kind = mark.slice(-1);
    if (this.#last.kind !== kind) {
      this.#open(number ? 'ol' : 'ul', { kind, attributes: { start: start === 1 ? '' : `${start}` } });
    }
    this.#open('li', { indent: indent + Math.max(whole.length, mark.length + 1) });
    return true;
  }

  /** @param {Line} line @param {number} depth @param {number} indent columns */
  #readLeaf(line, depth, indent) {
    const { rest } = line;
    const heading = HEADING.exec(rest);
    const fence = FENCE.exec(rest)?.[0];
    if (heading || isRule(rest)) {
      this.#close(depth);
      if (heading) this.#readHeading(line, heading);
      else this.#open('hr');
      this.#close(-1);
    } else if (fence) {
      // Before its line has ended, it may turn out to be code in a text.
      if (this.#before) return;
      this.#close(depth);
      this.#open('pre', { fence, indent, children: [{ tag: 'code', children: [] }] });
    } else if (!this.#readRow(line, depth)) {
      this.#readText(line, depth);
    }
  }

  /** @param {Line} line @param {string[]} found */
  #readHeading(line, [whole, { length }]) {
    line.take(whole.length);
    // Marks at its end close it, if a space is before them.
    const text = line.rest.replace(/(?:^|[ \t])#+$/, '').trimEnd();
    this.#open('p', {
      attributes: { role: 'heading', 'aria-level': `${Math.min(length + LEVELS_ABOVE, 6)}` },
      parts: [[line.at, text]],
    });
  }

  /** @param {Block} code @param {Line} line */
  #readCode({ fence = '', indent, children }, line) {
    const marks = line.rest.trim();
    if (marks && marks === fence[0].repeat(marks.length)) {
      if (this.#before) return;
      if (marks.length >= fence.length) return this.#close(-1);
    }
    line.skip(indent);
    const text = line.text.slice(line.at - line.begin);
    const leaf = { text, at: line.at, size: text.length, done: text.endsWith('\n') };
    if (text) this.#add(/** @type {Block[]} */ (children)[0].children, leaf);
  }

  /**
   * A row of a table that is open, or the row that makes the line before it a table's head.
   *
   * @param {Line} line @param {number} depth
   * @returns {boolean} whether it is one
   */
  #readRow(line, depth) {
    const { columns: known, parts = [] } = this.#stack[depth] ?? {};
    if (known) {
      this.#addRow('td', cells(line.rest, line.at), known);
      return true;
    }
    const columns = alignments(line.rest);
    const [at, head] = parts.at(-1) ?? [0, ''];
    const names = cells(head, at);
    if (!head.includes('|') || names.length !== columns.length) return false;
    this.#close(depth);
    // With the line goes the end of that before it, and the paragraph if nothing is left of it.
    parts.splice(-2);
    if (!parts.length) this.#last.children.pop();
    this.#open('table', { columns });
    this.#addRow('th', names, columns);
    return true;
  }

  /** @param {'th' | 'td'} tag @param {Part[]} row @param {string[]} columns */
  #addRow(tag, row, columns) {
    const done = !this.#before;
    const children = row.slice(0, columns.length).map((part, column) => ({
      tag,
      attributes: { align: columns[column] },
      parts: [part],
      children: [],
      done: done || column < row.length - 1,
    }));
    this.#add(this.#last.children, { tag: 'tr', children, done });
  }

  /** @param {Line} line @param {number} depth */
  #readText(line, depth) {
    /** @type {Part} */
    const part = [line.at, line.rest];
    const { tag, parts = [] } = this.#last;
    // A paragraph goes on whatever stands before its lines: what marks a quote may be left out.
    if (tag === 'p') {
      this.#add(parts, [line.begin - 1, '\n']);
      this.#add(parts, part);
    } else {
      this.#close(depth);
      this.#open('p', { parts: [part] });
    }
  }
}
