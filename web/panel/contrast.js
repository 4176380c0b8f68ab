/** Any accent colour gets the text colour that can be read on it. */

// Relative luminance at which black and white contrast alike (WCAG 2: (L + .05)² = 1.05 × .05).
const MIDDLE = 0.179;

/**
 * Return `#fff` or `#000`, whichever stands out more.
 *
 * @param {number} red 0 to 255 @param {number} green @param {number} blue
 */
export function readableOn(red, green, blue) {
  const [r, g, b] = [red, green, blue].map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > MIDDLE ? '#000' : '#fff';
}

/**
 * Give `element` an accent colour and the text colour for it, as custom properties.
 *
 * @param {HTMLElement} element
 * @param {string | null} color any CSS colour; null or nonsense: the style's own
 * @returns {boolean} whether it is a colour
 */
export function setAccent(element, color) {
  const pixel = color && CSS.supports('color', color) ? painted(color) : null;
  setProperty(element, '--accent', pixel && color);
  setProperty(element, '--on-accent', pixel && readableOn(pixel[0], pixel[1], pixel[2]));
  return !!pixel;
}

/** @param {HTMLElement} element @param {string} name @param {string | null} value */
function setProperty(element, name, value) {
  if (value) element.style.setProperty(name, value);
  else element.style.removeProperty(name);
}

/** What a colour looks like, however it is written. @param {string} color */
function painted(color) {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  if (!context) return null;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}
