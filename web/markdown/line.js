/** One line of the source, read from the left. */

const TAB_COLUMNS = 4;

export class Line {
  /**
   * @param {string} text with its end, if that is there
   * @param {number} at where it begins in the source
   */
  constructor(text, at) {
    this.text = text;
    this.begin = at;
    /** Where what is left of it begins in the source. */
    this.at = at;
    /** What is left of it, without the spaces at its end. */
    this.rest = text.trimEnd();
  }

  /** Step over what was read. @param {number} length */
  take(length) {
    this.rest = this.rest.slice(length);
    this.at += length;
  }

  /** Step over spaces. @param {number} [most] columns @returns {number} columns */
  skip(most = Infinity) {
    let columns = 0;
    let length = 0;
    for (; columns < most && ' \t'.includes(this.rest[length] || '-'); length += 1) {
      columns += this.rest[length] === '\t' ? TAB_COLUMNS : 1;
    }
    this.take(length);
    return columns;
  }

  /**
   * Step over so many columns of spaces.
   *
   * @param {number} columns
   * @returns {boolean} whether they are there; else nothing was done
   */
  indents(columns) {
    const { rest, at } = this;
    if (this.skip(columns) >= columns) return true;
    Object.assign(this, { rest, at });
    return false;
  }

  /** Step over the mark of a quote. @returns {boolean} whether it was there */
  quotes() {
    if (this.rest.trimStart()[0] !== '>') return false;
    this.skip();
    this.take(1);
    this.skip(1);
    return true;
  }
}
