/**
 * Shows an answer in Markdown while it is coming: a tree of elements and texts, never markup, so that
 * no policy forbids it and nothing in it can act.
 *
 * What is whole is never touched again; what is open is changed where it differs from what stands
 * there, so that a selection in it lives on.
 *
 * @import {Branch, End, Leaf, Tree} from './tree.d.ts'
 */

import { Blocks } from './blocks.js';
import { contents } from './inline.js';
import { Places } from './places.js';

/**
 * @typedef {object} Drawn what stands on the page for a part of the tree
 * @property {string} key what it was made from; empty: a text
 * @property {ChildNode} node
 * @property {HTMLElement} [element] what its children stand in
 * @property {Drawn[]} children
 * @property {number} whole how many of the first children are never touched again
 */

export class Prose {
  #frame;
  /** Where what is shown stands in the source. */
  places = new Places();
  #blocks = new Blocks();
  #source = '';
  /** @type {End} */
  #end = 'open';
  /** @type {number | null} */
  #heard = null;
  /** @type {Drawn} */
  #drawn;

  /**
   * @param {HTMLElement} element to be filled, of the class `prose`
   * @param {(tag: string, element: HTMLElement) => HTMLElement} frame puts around what may be too wide
   */
  constructor(element, frame) {
    this.element = element;
    this.#frame = frame;
    this.#drawn = this.#begin();
  }

  /**
   * @param {string} source all of it that came
   * @param {End} end
   * @param {number | null} heard UTF-8 bytes of the source after which it was cut; null: it was not
   * @param {string} unheard what is said of the rest
   * @returns {boolean} whether anything can be seen of it
   */
  write(source, end, heard, unheard) {
    if (source !== this.#source || end !== this.#end || heard !== this.#heard) {
      const goesOn = this.#end === 'open' && this.#heard === null && source.startsWith(this.#source);
      if (!goesOn) this.#drawn = this.#begin();
      [this.#source, this.#end, this.#heard] = [source, end, heard];
      this.#blocks.write(source, end);
      this.#drawChildren(this.#drawn, this.#blocks.root, end);
      if (heard !== null) this.#mark(heard, unheard);
    }
    return this.element.childElementCount > 1 || this.element.textContent !== '';
  }

  /** Where a byte of the source is shown: see Places.find. @param {number} byte */
  find(byte) {
    return this.places.find(this.element, byte);
  }

  /** @returns {Drawn} nothing */
  #begin() {
    const { element } = this;
    this.#blocks = new Blocks();
    this.places = new Places();
    element.replaceChildren();
    return { key: '', node: element, element, children: [], whole: 0 };
  }

  /** @param {Drawn} drawn @param {Branch} branch @param {End} end */
  #drawChildren(drawn, branch, end) {
    if (branch.done) end = 'whole';
    const trees = contents(branch, end);
    for (let i = drawn.whole; i < trees.length; i += 1) {
      this.#draw(drawn, i, trees[i], end);
      if (trees[i].done && i === drawn.whole) drawn.whole += 1;
    }
    for (const { node } of drawn.children.splice(trees.length)) node.remove();
  }

  /** @param {Drawn} parent @param {number} i @param {Tree} tree @param {End} end */
  #draw(parent, i, tree, end) {
    const isText = 'text' in tree;
    const key = isText ? '' : tree.tag + JSON.stringify(tree.attributes);
    let drawn = parent.children[i];
    if (drawn?.key !== key) {
      const before = drawn?.node;
      drawn = { key, ...this.#make(tree, parent === this.#drawn), children: [], whole: 0 };
      if (before) before.replaceWith(drawn.node);
      else parent.element?.append(drawn.node);
      parent.children[i] = drawn;
    }
    if (isText) this.#drawText(/** @type {Text} */ (drawn.node), tree);
    else this.#drawChildren(drawn, tree, end);
  }

  /** @param {Text} node @param {Leaf} leaf */
  #drawText(node, { text, at, size }) {
    if (node.data !== text) node.data = text;
    this.places.set(node, this.#source, at, size);
  }

  /** @param {Tree} tree @param {boolean} isTop @returns {{ node: ChildNode, element?: HTMLElement }} */
  #make(tree, isTop) {
    const { ownerDocument } = this.element;
    if ('text' in tree) return { node: ownerDocument.createTextNode('') };
    const { tag, attributes = {} } = tree;
    const element = ownerDocument.createElement(tag);
    for (const name in attributes) if (attributes[name]) element.setAttribute(name, attributes[name]);
    if (['pre', 'table'].includes(tag)) return { element, node: this.#frame(tag, element) };
    // What stands within follows, by `unicode-bidi: plaintext`.
    if (isTop) element.dir = 'auto';
    // The visitor's page stays, and the chat with it.
    const { href } = attributes;
    if (/^http/.test(href) && new URL(href).origin !== ownerDocument.location.origin) {
      element.setAttribute('target', '_blank');
    }
    return { element, node: element };
  }

  /** Mark what was not heard. @param {number} heard @param {string} title */
  #mark(heard, title) {
    const first = this.find(heard);
    const all = this.places.texts(this.element);
    for (let node of first ? all.slice(all.indexOf(first.node)) : []) {
      if (node === first?.node) {
        if (first.offset === node.length) continue;
        if (first.offset) node = this.places.split(node, first.offset);
      }
      const span = this.element.ownerDocument.createElement('span');
      Object.assign(span, { className: 'unheard', title });
      node.replaceWith(span);
      span.append(node);
    }
  }
}
