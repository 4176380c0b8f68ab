/**
 * What stands around code and tables: they move sideways by themselves, with the keyboard too, and
 * code can be copied.
 */

// As long as this what became of copying is told.
export const TOLD_MS = 5_000;

/** @typedef {Record<'code' | 'table' | 'copy' | 'copied' | 'notCopied', string>} Words */

/**
 * Return what puts a frame around an element.
 *
 * @param {Words} words
 * @returns {(tag: string, element: HTMLElement) => HTMLElement}
 */
export function frames(words) {
  return (tag, element) => {
    const isCode = tag === 'pre';
    const box = make('div', 'wide');
    box.append(element);
    reach(box, element, isCode ? words.code : words.table);
    if (!isCode) return box;
    const code = make('div', 'code');
    code.setAttribute('part', 'code');
    code.append(bar(element, words), box);
    return code;
  };
}

/** @param {string} tag @param {string} className */
function make(tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

/**
 * Let the keyboard reach a box, as long as there is something to reach by it.
 *
 * @param {HTMLElement} box @param {HTMLElement} inner what grows in it @param {string} name
 */
function reach(box, inner, name) {
  const attributes = Object.entries({ tabindex: '0', role: 'group', 'aria-label': name });
  const observer = new ResizeObserver(() => {
    const isWide = box.scrollWidth > box.clientWidth;
    for (const [attribute, value] of attributes) {
      if (isWide) box.setAttribute(attribute, value);
      else box.removeAttribute(attribute);
    }
  });
  observer.observe(box);
  observer.observe(inner);
}

/** @param {HTMLElement} code @param {Words} words */
function bar(code, words) {
  const said = make('span', '');
  const button = make('button', 'copy');
  const made = make('div', 'bar');
  said.setAttribute('role', 'status');
  button.textContent = words.copy;
  button.onclick = async () => {
    said.textContent = '';
    said.textContent = (await copy(code)) ? words.copied : words.notCopied;
    setTimeout(() => (said.textContent = ''), TOLD_MS);
  };
  made.append(said, button);
  return made;
}

/**
 * Copy what the element shows; where that is refused it is left selected, for the keyboard to copy.
 *
 * @param {HTMLElement} element
 * @returns {Promise<boolean>} whether it was copied
 */
export async function copy(element) {
  try {
    await navigator.clipboard.writeText(shownBy(element).replace(/\n$/, ''));
    return true;
  } catch {
    // There is none, or it is not allowed: the old way may be.
    getSelection()?.selectAllChildren(element);
    return document.execCommand('copy');
  }
}

/** The text that is read in an element, lines apart; what is there to be pressed is no part of it. @param {HTMLElement} element */
function shownBy(element) {
  const bars = /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll('.bar'));
  for (const one of bars) one.hidden = true;
  const text = element.innerText;
  for (const one of bars) one.hidden = false;
  return text;
}
