/**
 * Markdown within a block: emphasis, code, links, and what stands for other characters.
 *
 * The rule for text that is still coming: what may be half of a mark is held back at its end (stars,
 * a backslash, `&am`); what is open there is taken as closed (`**bold` is bold, `[text` and
 * `[text](https://…` are their text, an address becomes a link when it has ended). When the block is
 * whole, what was not closed is text, as CommonMark says.
 *
 * Images are links to them, without the picture. HTML is text.
 *
 * @import {Branch, End, Item, Tree} from './tree.d.ts'
 */

import { link } from './address.js';
import { build } from './builder.js';
import { ENTITY, entity } from './entities.js';
import { mark, pair } from './marks.js';

// An opening bracket further back than this will hardly become a link.
const LONGEST_LABEL = 200;

const LONGEST_ADDRESS = 2_000;

const MOST_TICKS = 20;

// So far back the end is looked at for half of something; the pattern would be slow on more.
const LONGEST_HALF = 12;

// Half an entity, half an address in brackets, and what may begin a picture if no word is before it.
const HALF = /[*_~\\]*(?:&#?\w{0,8}|<[a-z:/]{0,8}|(?<!\S)!)?$/i;
const SPECIAL = /[\\\]&<]|!?\[|`+|\*+|_+|~+|(?<![a-z\d])(?:https?:\/\/|mailto:|tel:)/gi;
const ESCAPED = /[!-/:-@[-`{-~\n]/;
const ADDRESS = /(?:https?:\/\/|mailto:|tel:)[^\s<>[\]`"]+/iy;
const TARGET = /^\(\s*<?((?:\\.|[^\s()<>\\]|\((?:\\.|[^\s()<>\\])*\))+)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/;
const HALF_TARGET = /^\(\s*\S*(?:\s+["'][^"']*["']?)?\s*$/;

/** An address without what ends the sentence around it. @param {string} address */
function withoutStop(address) {
  let surplus = address.split(')').length - address.split('(').length;
  let end = address.length;
  for (; "?!.,:;*_~'|)".includes(address[end - 1]); end -= 1) {
    if (address[end - 1] === ')' && surplus-- <= 0) break;
  }
  return address.slice(0, end);
}

/**
 * @param {string} text
 * @param {End} end
 * @returns {Item[]}
 */
function scan(text, end) {
  const isOpen = end === 'open';
  const isLenient = end !== 'whole';
  /** @type {Item[]} */
  const items = [];
  /** @type {Item[]} That may open a link. */
  let brackets = [];

  /**
   * What is not shown, if there is no `more` to it.
   *
   * @param {number} from @param {number} to @param {Partial<Item>} [more]
   * @returns {Item}
   */
  const item = (from, to, more) => ({ from, to, closes: 0, opens: [], left: 0, ...more });

  /**
   * Put a branch around what stands between `inner` and `innerEnd`.
   *
   * @param {Branch} branch
   * @param {number} from @param {number} inner @param {number} innerEnd @param {number} to
   */
  function enclose(branch, from, inner, innerEnd, to) {
    if (inner >= innerEnd) items.push(item(from, to));
    else items.push(item(from, inner, { opens: [branch] }), item(innerEnd, to, { closes: 1 }));
    return to;
  }

  /** @param {string} ticks @param {number} from */
  function takeCode(ticks, from) {
    let inner = from + ticks.length;
    // Each number of ticks is looked for in vain once at most: so few numbers, so few searches.
    if (ticks.length > MOST_TICKS) return inner;
    const closing = new RegExp(`(?<!\`)${ticks}(?!\`)`, 'g');
    closing.lastIndex = inner;
    const found = closing.exec(text);
    if (!found && !isLenient) return inner;
    let innerEnd = found?.index ?? text.length;
    // What may be half of its closing.
    if (!found) while (text[innerEnd - 1] === '`' && innerEnd > inner) innerEnd -= 1;
    const code = text.slice(inner, innerEnd);
    if (found && /^ .* $/s.test(code) && code.trim()) [inner, innerEnd] = [inner + 1, innerEnd - 1];
    const to = found ? closing.lastIndex : text.length;
    return enclose({ tag: 'code', children: [] }, from, inner, innerEnd, to);
  }

  /** @param {number} at of the closing bracket */
  function takeLink(at) {
    const behind = at + 1;
    const opening = brackets.pop();
    if (!opening) return behind;
    if (text[behind] !== '(') {
      // Its address may still come.
      if (isOpen && behind === text.length) items.push(opening, item(at, behind));
      return behind;
    }
    const target = text.slice(behind, behind + LONGEST_ADDRESS);
    const found = TARGET.exec(target);
    const isHalf = isLenient && behind + target.length === text.length && HALF_TARGET.test(target);
    if (!found && !isHalf) return behind;
    const to = behind + (found?.[0] ?? target).length;
    opening.opens = [link(found?.[1] ?? '', text.slice(opening.to, at))];
    items.push(opening, item(at, to, { closes: 1 }));
    // Links don't stand in links; pictures do.
    if (text[opening.from] === '[') brackets = [];
    return to;
  }

  /** @param {number} from @param {number} inner where the address begins */
  function takeAddress(from, inner) {
    ADDRESS.lastIndex = inner;
    const found = ADDRESS.exec(text)?.[0];
    if (!found) return inner;
    const reached = inner + found.length;
    // As long as it grows it leads nowhere.
    const grows = isOpen && reached === text.length;
    const isBracketed = from < inner;
    const isClosed = text[reached] === '>';
    if (isBracketed && !isClosed && !grows) return inner;
    const address = isBracketed ? found : withoutStop(found);
    const innerEnd = inner + address.length;
    const to = isBracketed && isClosed ? innerEnd + 1 : innerEnd;
    return enclose(link(grows ? '' : address, address), from, inner, innerEnd, to);
  }

  /** @param {string} sign @param {number} at @returns {number} where to go on */
  function take(sign, at) {
    const behind = at + sign.length;
    switch (sign[0]) {
      case '\\':
        if (!ESCAPED.test(text[behind])) return behind;
        // Of a hard break too: the line's end is shown as one anyway.
        items.push(item(at, behind));
        return behind + 1;
      case '`':
        return takeCode(sign, at);
      case '*':
      case '_':
      case '~':
        items.push(mark(text, at, behind));
        return behind;
      case '!':
      case '[':
        brackets.push(item(at, behind));
        return behind;
      case ']':
        return takeLink(at);
      case '&': {
        ENTITY.lastIndex = at;
        const found = ENTITY.exec(text);
        if (!found) return behind;
        items.push(item(at, ENTITY.lastIndex, { text: entity(found[1]) }));
        return at + found[0].length;
      }
      default:
        return Math.max(takeAddress(at, sign === '<' ? behind : at), at + 1);
    }
  }

  SPECIAL.lastIndex = 0;
  for (let found; (found = SPECIAL.exec(text)); ) SPECIAL.lastIndex = take(found[0], found.index);
  // Brackets that may still become links are not shown.
  if (isLenient) items.push(...brackets.filter(({ from }) => from > text.length - LONGEST_LABEL));
  return items.sort((one, other) => one.from - other.from);
}

/**
 * What a block, or a part of it, holds.
 *
 * @param {Branch} branch
 * @param {End} end of the branch
 * @returns {Tree[]}
 */
export function contents({ tag, parts, children }, end) {
  if (!parts) return children;
  // The line after this one tells whether it is the head of a table.
  if (end === 'open' && tag === 'p' && parts.at(-1)?.[1][0] === '|') parts = parts.slice(0, -2);
  let text = parts.map((part) => part[1]).join('');
  if (end === 'open') text = text.slice(0, -LONGEST_HALF) + text.slice(-LONGEST_HALF).replace(HALF, '');
  const items = scan(text, end);
  pair(items, end !== 'whole');
  return build(text, parts, items);
}
