/** What `&…;` stands for: numbers, and the names of what means something in Markdown or HTML. */

/** @type {Record<string, string>} */
const NAMES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** A pattern for them, and within it for what `entity` takes. */
export const ENTITY = /&(#x[\da-f]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos|nbsp);/iy;

/**
 * @param {string} name without `&` and `;`
 * @returns {string}
 */
export function entity(name) {
  if (name[0] !== '#') return NAMES[name.toLowerCase()];
  const code = Number(name.replace('#', /^#x/i.test(name) ? '0' : ''));
  // What is no character stands for that of replacement.
  return code && code <= 0x10ffff && code >> 11 !== 27 ? String.fromCodePoint(code) : '\ufffd';
}
