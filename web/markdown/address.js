/**
 * Where a link may lead. What an answer says can come from anybody: only addresses that do nothing
 * but be visited, written to or called.
 *
 * @import {Branch} from './tree.d.ts'
 */

const ALLOWED = /^(?:https?|mailto|tel):$/;

/** @param {string} text */
function bare(text) {
  return text.trim().replace(/^(?:https?:\/\/|mailto:|tel:)|\/$/gi, '');
}

/**
 * Make a link, without what stands in it.
 *
 * Its host stands beside it, unless its text is the address: so a text can't pass for another's.
 *
 * @param {string} source its address there
 * @param {string} label its text there
 * @returns {Branch} a plain `span` if the address is none that may be followed
 */
export function link(source, label) {
  const address = source.replace(/\\(?=[!-/:-@[-`{-~])/g, '');
  try {
    const { protocol, href, hostname, pathname, username } = new URL(address);
    if (ALLOWED.test(protocol)) {
      const isItself = !username && bare(label) === bare(address);
      const host = isItself ? '' : hostname || pathname;
      const attributes = { href, rel: 'noopener noreferrer nofollow', 'data-host': host };
      return { tag: 'a', attributes, children: [] };
    }
  } catch {
    // It is none.
  }
  return { tag: 'span', children: [] };
}
