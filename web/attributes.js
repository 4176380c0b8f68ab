/** What the attributes of the element say; those that say what nobody knows count for nothing. */

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
  'data-voice': ['off', 'toggle', 'hold'],
  'data-welcome': ['spoken'],
};

/** @type {Record<string, string>} What is no list. */
const DESCRIBED = { 'data-accent': 'a CSS colour', 'data-lang': 'a language tag as en or de-CH' };

/** Whether the server takes it for a language. @param {string} tag BCP 47 */
function isLanguage(tag) {
  return /^[a-z]{2,8}(-[a-z0-9]{1,8}){0,5}$/i.test(tag.replaceAll('_', '-'));
}

/** The mode that is wanted: `v1`, `v2` or `auto`. @param {HTMLElement} element */
export function modeOf({ dataset: { mode } }) {
  return mode === 'v1' || mode === 'v2' ? mode : 'auto';
}

/**
 * How one speaks: not at all; by a press that begins and another that sends, or by holding; or by
 * holding alone.
 *
 * @param {HTMLElement} element
 * @returns {'off' | 'toggle' | 'hold'}
 */
export function voiceOf({ dataset: { voice } }) {
  return voice === 'off' || voice === 'hold' ? voice : 'toggle';
}

/**
 * What the visitor speaks, for the engines: as the author says, or the page. Undefined where neither
 * does; the browser's own language would say nothing of the page's.
 *
 * @param {HTMLElement} element
 */
export function languageOf({ dataset: { lang } }) {
  const named = lang || document.documentElement.lang;
  return isLanguage(named) ? named.replaceAll('_', '-') : undefined;
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
