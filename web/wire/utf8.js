/** Offsets on the wire count UTF-8 bytes; JavaScript counts UTF-16 units. Both ways. */

const utf8 = new TextEncoder();

/** @param {string} text */
export function byteLength(text) {
  return utf8.encode(text).length;
}

/**
 * Return the index in `text` that lies `bytes` UTF-8 bytes from its start.
 *
 * An offset inside a character gives the character's beginning; one past the end, the end.
 *
 * @param {string} text
 * @param {number} bytes
 */
export function indexAt(text, bytes) {
  const before = utf8.encode(text).subarray(0, Math.max(bytes, 0));
  // As if more were to come: half a character is not shown.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(before, { stream: true }).length;
}
