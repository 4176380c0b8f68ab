/** As much of a page as is needed to show an answer: elements and texts, and what was done to them. */

class PageNode {
  parentNode = null;
  childNodes = [];

  constructor(page) {
    this.ownerDocument = page;
    page.made += 1;
  }

  #at() {
    return this.parentNode.childNodes.indexOf(this);
  }

  remove() {
    if (this.parentNode) this.parentNode.childNodes.splice(this.#at(), 1);
    this.parentNode = null;
  }

  replaceWith(...nodes) {
    const parent = this.parentNode;
    const at = this.#at();
    this.remove();
    for (const node of nodes) node.remove();
    parent.childNodes.splice(at, 0, ...nodes);
    for (const node of nodes) node.parentNode = parent;
  }

  get textContent() {
    return this.childNodes.map((node) => node.textContent).join('');
  }
}

export class PageText extends PageNode {
  /** How often its words were written. */
  writes = 0;
  /** How often they were looked at. */
  looks = 0;
  #data;

  constructor(page, data) {
    super(page);
    this.#data = data;
  }

  get data() {
    this.looks += 1;
    return this.#data;
  }

  set data(data) {
    this.writes += 1;
    this.#data = data;
  }

  get length() {
    return this.#data.length;
  }

  get textContent() {
    return this.#data;
  }

  splitText(offset) {
    const second = new PageText(this.ownerDocument, this.#data.slice(offset));
    this.#data = this.#data.slice(0, offset);
    this.replaceWith(this, second);
    return second;
  }
}

class PageElement extends PageNode {
  attributes = {};

  constructor(page, tag) {
    super(page);
    this.tag = tag;
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  append(...nodes) {
    for (const node of nodes) {
      node.remove();
      node.parentNode = this;
      this.childNodes.push(node);
    }
  }

  replaceChildren() {
    for (const node of [...this.childNodes]) node.remove();
  }

  get childElementCount() {
    return this.childNodes.filter((node) => node instanceof PageElement).length;
  }

  get target() {
    return this.attributes.target ?? '';
  }
}

export class Page {
  /** How many nodes were made. */
  made = 0;
  location = { origin: 'https://shop.example' };

  createElement(tag) {
    return new PageElement(this, tag);
  }

  createTextNode(data) {
    return new PageText(this, data);
  }
}

/** Write a tree down: `p(one strong(two))`, with what stands on an element behind its name. */
export function written(node) {
  if (node instanceof PageText) return node.data.replaceAll('\n', '⏎');
  const inner = node.childNodes.map(written).join('|');
  const { tag, attributes, dir, className } = node;
  const said = Object.entries({ ...attributes, dir, className }).filter(([, value]) => value);
  return `${tag}${said.map(([name, value]) => `[${name}=${value}]`).join('')}(${inner})`;
}
