/**
 * Offsets on the wire count UTF-8 bytes; JavaScript counts UTF-16 units. Both ways, without encoding.
 */

/** @param {number} code */
function bytesOf(code) {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

/** @param {string} text */
export function byteLength(text) {
  let bytes = 0;
  for (const character of text) bytes += bytesOf(Number(character.codePointAt(0)));
  return bytes;
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
  let index = 0;
  for (const character of text) {
    bytes -= bytesOf(Number(character.codePointAt(0)));
    if (bytes < 0) break;
    index += character.length;
  }
  return index;
}
