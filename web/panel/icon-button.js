/** Buttons without words. */

import { h } from './dom.js';

/**
 * A button with a picture: its name is what a screen reader says and what hovering shows.
 *
 * @param {string} className
 * @param {SVGElement} icon
 * @param {string} name
 * @param {(event: MouseEvent) => void} onclick
 */
export function iconButton(className, icon, name, onclick) {
  return h('button', { type: 'button', class: className, 'aria-label': name, title: name, onclick }, icon);
}
