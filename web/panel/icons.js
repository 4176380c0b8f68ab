/** Draws the pictures, in the colour of the text around them. */

const SVG = 'http://www.w3.org/2000/svg';

/** @param {{ name: string, path: string }} picture @returns {SVGSVGElement} */
export function icon({ name, path: d }) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon', `icon-${name}`);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', d);
  svg.append(path);
  return svg;
}
