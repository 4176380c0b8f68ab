/** DOM without HTML: nothing that a host's Trusted Types could object to. */

/**
 * Make an element. Properties that begin with `on` are listeners; null, undefined and false leave
 * an attribute out. Its classes are its parts as well, for the site's own style.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, ...children);
}

/**
 * @template {Element} Made
 * @param {Made} element
 * @param {Record<string, any>} properties
 * @param {...(Node | string | null)} children
 */
export function filled(element, properties, ...children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value);
    if (name === 'class') element.setAttribute('part', value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** What has not changed is not announced anew. @param {HTMLElement} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {string} css @returns {CSSStyleSheet} a sheet that no host's style policy forbids */
export function sheet(css) {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

/** Let a sheet hold in the tree that an element stands in, once. @param {Element} element @param {CSSStyleSheet} style */
export function adopt(element, style) {
  const { adoptedStyleSheets } = /** @type {ShadowRoot} */ (element.getRootNode());
  if (!adoptedStyleSheets.includes(style)) adoptedStyleSheets.push(style);
}
