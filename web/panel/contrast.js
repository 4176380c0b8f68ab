/** Any accent colour gets the text colour that can be read on it. */

// Relative luminance at which black and white contrast alike (WCAG 2: (L + .05)² = 1.05 × .05).
const MIDDLE = 0.179;

// What red, green and blue give to it.
const SHARES = [0.2126, 0.7152, 0.0722];

/**
 * Return `#fff` or `#000`, whichever stands out more: by 4.5 to 1 at least. The plain power is so near
 * to sRGB's own curve that this holds for every colour.
 *
 * @param {...number} color red, green and blue, 0 to 255
 */
export function readableOn(...color) {
  const luminance = SHARES.reduce((sum, share, i) => sum + share * (color[i] / 255) ** 2.2, 0);
  return luminance > MIDDLE ? '#000' : '#fff';
}

/**
 * Give `element` an accent colour and the text colour for it, as custom properties.
 *
 * @param {HTMLElement} element
 * @param {string | null} color any CSS colour; null or nonsense: the style's own
 */
export function setAccent({ style }, color) {
  const known = color && CSS.supports('color', color) ? color : '';
  style.setProperty('--accent', known);
  style.setProperty('--on-accent', known && readableOn(...painted(known)));
}

/** What a colour looks like, however it is written. @param {string} color */
function painted(color) {
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(1, 1).getContext('2d')
  );
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}
