/** Bytes that belong together. */

/** @param {...Uint8Array} pieces @returns {Uint8Array} one after the other */
export function joined(...pieces) {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
