/**
 * Puts a text's tree together from what was found in it.
 *
 * @import {Branch, Item, Leaf, Part, Tree} from './tree.d.ts'
 */

// Deeper, emphasis is not shown: see DEEPEST in blocks.js.
const DEEPEST = 8;

/**
 * @param {string} text
 * @param {Part[]} parts what it is made of, or more
 * @param {Item[]} items by their places
 * @returns {Tree[]}
 */
export function build(text, parts, items) {
  /** @type {Branch[]} */
  const stack = [{ tag: '', children: [] }];
  /** How many branches are open that were too deep to be made. */
  let beyond = 0;
  /** Which part was reached, and where it begins in the text. */
  let [part, begin] = [0, 0];

  /** @param {Branch} branch */
  function push(branch) {
    const top = /** @type {Branch} */ (stack.at(-1));
    const isInLink = branch.tag === 'a' && stack.some(({ tag }) => tag === 'a');
    // What can't be shown has its text in what is around it.
    if (stack.length > DEEPEST) beyond += 1;
    else if (!isInLink) top.children.push(branch);
    if (!beyond) stack.push(isInLink ? top : branch);
  }

  function pop() {
    if (beyond) beyond -= 1;
    else stack.pop();
  }

  /**
   * Add what stands between two places; asked from left to right.
   *
   * @param {number} from @param {number} to @param {string} [other] what is shown instead
   */
  function add(from, to, other) {
    while (from < to) {
      while (from >= begin + parts[part][1].length) begin += parts[part++][1].length;
      const [at, whole] = parts[part];
      const own = whole.slice(from - begin, to - begin);
      leaf(other ?? own, at + from - begin, other ? to - from : own.length);
      from = other ? to : from + own.length;
    }
  }

  /** @param {string} shown @param {number} at @param {number} size */
  function leaf(shown, at, size) {
    const { children } = /** @type {Branch} */ (stack.at(-1));
    const last = /** @type {Leaf | undefined} */ (children.at(-1));
    const goesOn = shown.length === size && last?.size === last?.text?.length;
    if (goesOn && last && last.at + last.size === at) {
      last.text += shown;
      last.size += size;
    } else {
      children.push({ text: shown, at, size });
    }
  }

  let reached = 0;
  for (const { from, to, text: other, closes, opens, left } of items) {
    add(reached, from);
    for (let i = 0; i < closes; i += 1) pop();
    // The signs that are left over stand between those that close and those that open.
    const opening = opens.reduce((sum, { tag }) => sum + (tag === 'em' ? 1 : 2), 0);
    if (left) add(to - opening - left, to - opening);
    if (other) add(from, to, other);
    for (const branch of opens.reverse()) push(branch);
    reached = to;
  }
  add(reached, text.length);
  return stack[0].children;
}
