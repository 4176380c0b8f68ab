/** What a site's owner has to say about data, above the field. */

import { h } from './dom.js';

/**
 * @param {DOMStringMap} dataset of the element
 * @param {string} name of the link
 */
export function finePrint({ notice = '', privacyUrl }, name) {
  const link = h('a', { href: privacyUrl, target: '_blank', rel: 'noopener' }, name);
  const isWeb = privacyUrl && /^https?:$/.test(link.protocol);
  return h('p', { class: 'print' }, notice, ...(isWeb ? [' ', link] : []));
}
