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
 */
export function setAccent(element, color) {
  element.style.removeProperty('--accent');
  element.style.removeProperty('--on-accent');
  if (!color || !CSS.supports('color', color)) return;
  element.style.color = color;
  const [red, green, blue] = getComputedStyle(element).color.match(/[\d.]+/g)?.map(Number) ?? [];
  element.style.removeProperty('color');
  if (blue === undefined) return;
  element.style.setProperty('--accent', color);
  element.style.setProperty('--on-accent', readableOn(red, green, blue));
}
