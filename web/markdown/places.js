/**
 * Where each text of an answer stands in its source, and back: for what counts there, as the word that
 * sounds and the end of what was heard do. Places in the source are UTF-8 bytes here.
 */

import { byteLength, indexAt } from '../wire/utf8.js';

export class Places {
  /**
   * Of each text, where it begins and ends, and whether it is something else there, as an entity.
   *
   * @type {WeakMap<Node, [number, number, boolean]>}
   */
  #places = new WeakMap();
  // What was asked last is near what is asked next.
  #at = 0;
  #byte = 0;

  /**
   * @param {string} source
   * @param {number} at UTF-16 units
   */
  #toByte(source, at) {
    const way = byteLength(source.slice(Math.min(at, this.#at), Math.max(at, this.#at)));
    this.#byte += at < this.#at ? -way : way;
    this.#at = at;
    return this.#byte;
  }

  /**
   * @param {Text} node
   * @param {string} source
   * @param {number} at where it begins there, UTF-16 units
   * @param {number} size how many it takes there
   */
  set(node, source, at, size) {
    const begin = this.#toByte(source, at);
    this.#places.set(node, [begin, this.#toByte(source, at + size), size !== node.data.length]);
  }

  /**
   * The texts within `node` that stand in the source, in their order; others, as of buttons, do not.
   *
   * @param {Node} node
   * @returns {Text[]}
   */
  texts(node) {
    if (this.#places.has(node)) return [/** @type {Text} */ (node)];
    return [...node.childNodes].flatMap((child) => this.texts(child));
  }

  /**
   * Find the first character whose end lies behind this byte of the source.
   *
   * A byte within a mark leads to what is shown next; one behind everything, to the end.
   *
   * @param {Node} within
   * @param {number} byte
   * @returns {{ node: Text, offset: number } | null} null: nothing is shown
   */
  find(within, byte) {
    let found = null;
    for (const node of this.texts(within)) {
      const [begin, end, isOther] = this.#place(node);
      if (byte < end) return { node, offset: isOther ? 0 : indexAt(node.data, byte - begin) };
      found = { node, offset: node.data.length };
    }
    return found;
  }

  /**
   * @param {Text} node one that stands in the source
   * @param {number} offset within it
   */
  byteAt(node, offset) {
    const [begin, end] = this.#place(node);
    return offset < node.data.length ? begin + byteLength(node.data.slice(0, offset)) : end;
  }

  /** Cut a text in two. @param {Text} node @param {number} offset @returns {Text} the second */
  split(node, offset) {
    const [begin, end] = this.#place(node);
    const byte = this.byteAt(node, offset);
    const second = node.splitText(offset);
    this.#places.set(node, [begin, byte, false]);
    this.#places.set(second, [byte, end, false]);
    return second;
  }

  /** @param {Text} node */
  #place(node) {
    return this.#places.get(node) ?? [0, 0, false];
  }
}
