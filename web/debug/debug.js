/**
 * For developers, where the element has `data-debug`: below the messages, the stages of the last
 * answers as waterfalls. It is fetched then only, and its words are English.
 *
 * @import {Session} from '../session/session.js'
 * @import {Stages} from './stages.js'
 */

import css from '../../scss/debug.scss';
import { adopt, h, sheet } from '../panel/dom.js';
import { bars } from './stages.js';

const MOST_ANSWERS = 5;

const style = sheet(css);

/**
 * Show, beside what the panel does, what the server says of its time.
 *
 * @param {Session} session
 * @param {HTMLElement} panel
 */
export function watch(session, panel) {
  const { dialogue, playback, history } = session;
  adopt(panel, style);
  const list = h('div', { class: 'debug-answers', tabindex: 0, role: 'group', 'aria-label': 'Timing' });
  const box = h('details', { class: 'debug' }, h('summary', {}, 'Timing'), list);
  panel.querySelector('.foot')?.before(box);

  /** @type {Map<number, number>} When each turn was accepted, by the page's clock. */
  const accepted = new Map();
  /** @type {Map<number, number>} When each turn's first sound was heard, by the page's clock. */
  const heard = new Map();
  /** @type {Map<number, { at: Stages, table: HTMLElement }>} */
  const shown = new Map();

  const show = (/** @type {number} */ turn, /** @type {Stages} */ at) => {
    const ms = (heard.get(turn) ?? NaN) - (accepted.get(turn) ?? NaN) + at.accepted;
    // A short answer is all sent before the server learns that it was heard: the page knows.
    const isKnown = at.first_sent !== undefined && !Number.isNaN(ms);
    const full = isKnown ? { first_heard: Math.round(Math.max(ms, at.first_sent)), ...at } : at;
    const table = waterfall(history.question(turn)?.text || 'Said again', full);
    const before = shown.get(turn)?.table;
    if (before) before.replaceWith(table);
    else list.prepend(table);
    shown.set(turn, { at, table });
    while (list.childElementCount > MOST_ANSWERS) list.lastElementChild?.remove();
  };

  dialogue.watcher = ({ name, turn, content }) => {
    if (name === 'ACCEPTED') accepted.set(turn, performance.now());
    if (name === 'TIMING' && content.at) show(turn, content.at);
  };
  playback.watcher = (turn, ms) => {
    if (ms === 0 || heard.has(turn)) return;
    heard.set(turn, performance.now() - ms);
    const known = shown.get(turn);
    if (known) show(turn, known.at);
  };
}

/** @param {string} question @param {Stages} at */
function waterfall(question, at) {
  const rows = bars(at).map(({ label, start, end, ms }) => {
    const bar = h('i', {});
    // Not as an attribute: a site's policy may forbid those.
    bar.style.insetInlineStart = `${start * 100}%`;
    bar.style.inlineSize = `${(end - start) * 100}%`;
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, label),
      h('td', { class: 'debug-track', 'aria-hidden': 'true' }, bar),
      h('td', {}, `${ms.toLocaleString('en')} ms`),
    );
  });
  return h('table', {}, h('caption', {}, question), h('tbody', {}, ...rows));
}
