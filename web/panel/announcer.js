/**
 * Tells screen readers what comes, by whole sentences: text that streams into a live region would
 * be read in crumbs.
 */

// Sooner, some readers miss it; much later, some read everything there again.
const GONE_AFTER_MS = 1_000;

const SENTENCE = /^[\s\S]*?(?:[.!?…。！？]+["'”’)\]]*(?=\s)|\n)/;

/**
 * Take the whole sentences off a growing text; a line's end ends one too.
 *
 * @param {string} text
 * @returns {{ sentences: string[], rest: string }}
 */
export function takeSentences(text) {
  const sentences = [];
  for (let found = SENTENCE.exec(text); found; found = SENTENCE.exec(text)) {
    text = text.slice(found[0].length);
    const sentence = found[0].trim();
    if (sentence) sentences.push(sentence);
  }
  return { sentences, rest: text };
}

export class Announcer {
  #region;
  #rest = '';

  /** @param {HTMLElement} region polite and live */
  constructor(region) {
    this.#region = region;
  }

  /** @param {string} text the next piece */
  add(text) {
    const { sentences, rest } = takeSentences(this.#rest + text);
    this.#rest = rest;
    for (const sentence of sentences) this.say(sentence);
  }

  /** @param {string} sentence */
  say(sentence) {
    const line = document.createElement('p');
    line.textContent = sentence;
    this.#region.append(line);
    setTimeout(() => line.remove(), GONE_AFTER_MS);
  }
}
