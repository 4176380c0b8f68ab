/** Draws the pictures, in the colour of the text around them. */

import { filled } from './dom.js';

const SVG = 'http://www.w3.org/2000/svg';

/** @param {{ name: string, path: string }} picture @returns {SVGSVGElement} */
export function icon({ name, path: d }) {
  return filled(
    document.createElementNS(SVG, 'svg'),
    { viewBox: '0 0 24 24', 'aria-hidden': 'true', class: `icon icon-${name}` },
    filled(document.createElementNS(SVG, 'path'), { d }),
  );
}
