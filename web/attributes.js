/** Tells a site's owner which attributes of the element say what nobody knows. */

/** @type {Record<string, string[] | ((value: string) => boolean)>} */
const KNOWN = {
  'data-consent': ['required'],
  'data-accent': (value) => CSS.supports('color', value),
  'data-dir': ['ltr', 'rtl'],
  'data-lang': (value) => isLanguage(value),
  'data-layout': ['popup', 'inline', 'none'],
  'data-mode': ['v1', 'v2', 'auto'],
  'data-position': ['start', 'end'],
  'data-theme': ['auto', 'light', 'dark'],
};

/** @type {Record<string, string>} What is no list. */
const DESCRIBED = { 'data-accent': 'a CSS colour', 'data-lang': 'a language tag as en or de-CH' };

/** Whether the server takes it for a language. @param {string} tag BCP 47 */
export function isLanguage(tag) {
  return /^[a-z]{2,8}(-[a-z0-9]{1,8}){0,5}$/i.test(tag.replaceAll('_', '-'));
}

/**
 * Warn of each attribute that is ignored; an empty one is as good as none.
 *
 * @param {HTMLElement} element
 * @param {string[]} [names] those to look at
 */
export function warnOfIgnored(element, names = Object.keys(KNOWN)) {
  for (const name of names) {
    const value = element.getAttribute(name);
    const known = KNOWN[name];
    if (!value || !known || (Array.isArray(known) ? known.includes(value) : known(value))) continue;
    const allowed = DESCRIBED[name] ?? known;
    console.warn(`voicechat: ${name}="${value}" is ignored; allowed: ${allowed}`);
  }
}
