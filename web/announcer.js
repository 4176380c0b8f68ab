/**
 * Tells screen readers what comes, by whole sentences: text that streams into a live region would
 * be read in crumbs.
 */

// Sooner, some readers miss it; much later, some read everything there again.
const GONE_AFTER_MS = 1_000;

const SENTENCE = /^[\s\S]*?(?:[.!?…。！？]+["'”’)\]]*(?=\s)|\n)/;

export class Announcer {
  #region;
  #rest = '';

  /** @param {HTMLElement} region polite and live */
  constructor(region) {
    this.#region = region;
  }

  /** @param {string} text the next piece; a line's end ends a sentence */
  add(text) {
    this.#rest += text;
    for (let found = SENTENCE.exec(this.#rest); found; found = SENTENCE.exec(this.#rest)) {
      this.#rest = this.#rest.slice(found[0].length);
      this.#say(found[0].trim());
    }
  }

  /** @param {string} sentence */
  #say(sentence) {
    if (!sentence) return;
    const line = document.createElement('p');
    line.textContent = sentence;
    this.#region.append(line);
    setTimeout(() => line.remove(), GONE_AFTER_MS);
  }
}
