/** Mode v1 has the whole answer at once; this writes it out in step with its speech. */

// Further than this no word end is looked for: scripts without spaces.
const LONGEST_WORD = 24;

/**
 * Return how much of `text` stands written when `fraction` of its speech was heard.
 *
 * Whole words, the one being spoken included.
 *
 * @param {string} text
 * @param {number} fraction
 * @returns {number} UTF-16 units
 */
export function written(text, fraction) {
  if (fraction >= 1) return text.length;
  const spoken = Math.floor(text.length * Math.max(fraction, 0));
  const rest = text.slice(spoken, spoken + LONGEST_WORD);
  const wordEnd = rest.search(/\s/);
  if (wordEnd >= 0) return spoken + wordEnd;
  if (rest.length < LONGEST_WORD) return text.length;
  const low = text.charCodeAt(spoken) & 0xfc00;
  return low === 0xdc00 ? spoken + 1 : spoken;
}
