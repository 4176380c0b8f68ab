/**
 * Which marks of emphasis belong together: CommonMark's rules, from left to right.
 *
 * https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis
 *
 * @import {Item} from './tree.d.ts'
 */

// Of ASCII alone: stars beside other scripts' quotation marks are to work, though CommonMark says no.
const PUNCTUATION = /[!-/:-@[-`{-~]/;

// A mark looks no further back than over so many that are open: else a hostile text costs the square.
const FURTHEST = 50;

/**
 * Look at a run of the same mark.
 *
 * @param {string} text
 * @param {number} from
 * @param {number} to
 * @returns {Item}
 */
export function mark(text, from, to) {
  const [before, after] = [text[from - 1] ?? ' ', text[to] ?? ' '];
  const [isBegin, isEnd] = [before, after].map((character) => !character.trim());
  const [punctBefore, punctAfter] = [before, after].map((character) => PUNCTUATION.test(character));
  const opens = !isEnd && (!punctAfter || isBegin || punctBefore);
  const closes = !isBegin && (!punctBefore || isEnd || punctAfter);
  const sign = text[from];
  const left = to - from;
  const isMark = sign !== '~' || left === 2;
  // A name with underscores is no emphasis.
  const isFree = sign !== '_';
  return {
    from,
    to,
    sign,
    left,
    canOpen: isMark && opens && (isFree || !closes || punctBefore),
    canClose: isMark && closes && (isFree || !opens || punctAfter),
    closes: 0,
    opens: [],
  };
}

/** @param {Item} opener @param {Item} closer */
function fits(opener, closer) {
  if (opener.sign !== closer.sign) return false;
  const [one, other] = [opener, closer].map(({ from, to }) => to - from);
  return !(opener.canClose || closer.canOpen) || (one + other) % 3 > 0 || one % 3 === 0;
}

/** @param {Item} opener @param {number} most signs to close it @returns {number} how many of them are used */
function open(opener, most) {
  const used = Math.min(opener.left, most, 2);
  const tag = opener.sign === '~' ? 's' : used > 1 ? 'strong' : 'em';
  opener.left -= used;
  opener.opens.push({ tag, children: [] });
  return used;
}

/** @param {Item[]} opened what is open @param {Item} closer */
function close(opened, closer) {
  while (closer.left) {
    const last = opened.length - 1;
    let at = last;
    while (at > last - FURTHEST && opened[at] && !fits(opened[at], closer)) at -= 1;
    if (at <= last - FURTHEST || !opened[at]) return;
    closer.left -= open(opened[at], closer.left);
    closer.closes += 1;
    // What was opened within is text.
    opened.length = opened[at].left ? at + 1 : at;
  }
}

/**
 * Say of each mark what it opens and closes.
 *
 * @param {Item[]} items
 * @param {boolean} lenient whether what is not closed is closed by the end; a mark within a word is
 *   not, for it is as likely a sign of multiplication
 */
export function pair(items, lenient) {
  /** @type {Item[][]} Marks that are open: those of the text, and those of the link that it is in. */
  const frames = [[]];
  for (const item of items) {
    const opened = /** @type {Item[]} */ (frames.at(-1));
    if (item.sign) {
      if (item.canClose) close(opened, item);
      if (item.left && item.canOpen) opened.push(item);
    } else if (item.closes) {
      frames.pop();
    } else if (item.opens.length) {
      frames.push([]);
    }
  }
  if (lenient) for (const item of frames[0]) while (item.left && !item.canClose) open(item, 2);
}
