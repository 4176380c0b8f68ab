/** Trees as one line: `p(one |strong(two))`; `⏎` is a line's end, `&~5` takes 5 letters of the source. */

import { Blocks } from '../../../web/markdown/blocks.js';
import { contents } from '../../../web/markdown/inline.js';

/** What every link has. */
const COMMON = ['rel'];

function line(tree, end, places) {
  if ('text' in tree) {
    const size = tree.size === tree.text.length ? '' : `~${tree.size}`;
    return `${places ? `${tree.at}:` : ''}${tree.text.replaceAll('\n', '⏎').replaceAll('\r', '')}${size}`;
  }
  const inner = tree.done ? 'whole' : end;
  const { 'aria-level': level, role, ...attributes } = tree.attributes ?? {};
  const said = Object.entries(attributes).filter(([name, value]) => value && !COMMON.includes(name));
  const children = contents(tree, inner).map((child) => line(child, inner, places));
  const tag = role === 'heading' ? `h${level}` : tree.tag;
  return `${tag}${said.map(([name, value]) => `[${name}=${value}]`).join('')}(${children.join('|')})`;
}

/** What the blocks are now. */
export function drawn(blocks, end, places = false) {
  return blocks.root.children.map((child) => line(child, end, places)).join(' ');
}

/** The tree of a text that came at once. */
export function tree(source, end = 'whole', places = false) {
  const blocks = new Blocks();
  blocks.write(source, end);
  return drawn(blocks, end, places);
}

/** Every leaf of a tree, in order. */
export function leaves(branch, end) {
  const inner = branch.done ? 'whole' : end;
  return contents(branch, inner).flatMap((child) => ('text' in child ? [child] : leaves(child, inner)));
}

/** How deep a tree is, and how many nodes it has. */
export function measured(branch, end, depth = 0) {
  const inner = branch.done ? 'whole' : end;
  let [deepest, nodes] = [depth, 1];
  for (const child of 'text' in branch ? [] : contents(branch, inner)) {
    const below = measured(child, inner, depth + 1);
    deepest = Math.max(deepest, below.deepest);
    nodes += below.nodes;
  }
  return { deepest, nodes };
}
