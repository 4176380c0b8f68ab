/**
 * One message: who says it, its text, what became of it, its sources, and what can be done with it.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {Message, Source} from '../types.d.ts'
 * @import {Actions} from './message-tools.js'
 */

import { isOver } from '../chat/history.js';
import { addressOf } from '../chat/sources.js';
import { frames } from '../markdown/frames.js';
import { Prose } from '../markdown/prose.js';
import { sentences } from './announcer.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { MessageTools } from './message-tools.js';
import * as pictures from './pictures.js';

// As much of it a frame draws: more at once would keep the page from its visitor.
const PORTION = 512;

// Speech runs at some 150 words a minute, which are 15 characters a second.
const MS_PER_CHARACTER = 65;

/**
 * @typedef {object} Moment what there is to know of it besides
 * @property {boolean} sounds
 * @property {boolean} canReplay
 * @property {boolean} canRetry
 * @property {boolean} isOffline whether what is asked waits for a connection
 * @property {number | false} today the day of the month, where it is worth a line above when the message was written
 * @property {number} heardMs as Playback has it
 */

export class MessageView {
  #message;
  #actions;
  #texts;
  #server;
  /** A visitor's words as they are, or what stands where there are none. */
  #said = document.createTextNode('');
  prose;
  #bubble = h('div', { class: 'bubble' });
  #when = h('time', { class: 'when' });
  #wait = h('span', { class: 'wait' }, h('i'), h('i'), h('i'));
  #phase = h('span', { class: 'phase' });
  #fault = h('p', { class: 'fault', hidden: true });
  #below = h('div', { class: 'under', hidden: true });
  #tools;
  /** What was drawn last: most messages do not change any more. */
  #drawn = '';
  /** Of its text. */
  #shown = '';
  /** How many of its characters were told, by the voice too; a stored message needs not be. */
  #told;

  /** @param {Message} message @param {Texts} texts @param {string} server @param {Actions} actions */
  constructor(message, texts, server, actions) {
    this.#message = message;
    this.#actions = actions;
    this.#told = message.turn === null ? Infinity : 0;
    this.#texts = texts;
    this.#server = server;
    this.prose = new Prose(h('div', { class: 'prose' }), frames(texts));
    this.#tools = new MessageTools(message, this.prose.element, texts, actions);
    this.#wait.append(this.#phase);
    const { role } = message;
    if (role === 'note') {
      this.element = h('p', { class: 'note', tabindex: -1 }, message.text);
      actions.announce(message.text);
      return;
    }
    const who = h('span', { class: 'unseen' }, `${role === 'user' ? texts.you : texts.assistant}: `);
    this.#bubble.append(who, this.#wait, this.#said, this.prose.element);
    if (role === 'user') this.#bubble.dir = 'auto';
    const properties = { class: `message ${role}`, role: 'article', tabindex: -1 };
    this.element = h('div', properties, this.#when, this.#bubble, this.#fault, this.#below);
  }

  /** @param {Moment} moment */
  draw(moment) {
    const { n, turn, text, status, heard, written, sources, phase, role, rating } = this.#message;
    const isUnsent = moment.isOffline && n === null && !isOver(this.#message);
    // It begins anew.
    if (!text) this.#told = 0;
    const brokeOff = status === 'interrupted' ? this.#texts.interrupted : null;
    const fault = isUnsent && role === 'user' ? this.#texts.whyNot.connecting : (this.#message.fault ?? brokeOff);
    const due = written === null ? text : text.slice(0, written);
    // What was stored is there at once, or what is read below it would move; and so is a plain text.
    const portion = role === 'assistant' && turn !== null ? PORTION : Infinity;
    const shown = due.slice(0, this.#shown.length + portion);
    this.#shown = shown;
    const key = JSON.stringify([shown, status, heard, written, sources, phase, fault, rating, moment]);
    if (role === 'note' || key === this.#drawn) return;
    this.#drawn = key;
    if (shown !== due) this.#actions.changed();
    this.#when.dateTime = new Date(this.#message.at * 1_000).toISOString();
    this.#when.textContent = moment.today ? this.#texts.when(this.#message.at) : '';
    const isSeen = role === 'user' ? shown !== '' : this.#drawAnswer(shown);
    const waits = !isUnsent && this.#waits(isSeen);
    this.#said.data = (role === 'user' ? shown : '') + (waits ? '' : this.#placeholder(shown));
    this.#wait.hidden = !waits;
    this.#phase.textContent = (waits && this.#texts.phases[phase]) || '';
    this.#bubble.hidden = !isSeen && !this.#said.data && !waits;
    this.#announce(moment.heardMs, fault);
    if (fault && fault !== this.#fault.textContent && this.#told < Infinity) this.#actions.announce(fault);
    this.#fault.hidden = !fault;
    this.#fault.textContent = fault;
    this.element.dataset.status = status;
    this.element.classList.toggle('sounds', moment.sounds);
    if (role === 'assistant') this.#drawBelow(status === 'complete' || status === 'cut' ? sources : [], moment);
    for (const control of this.element.querySelectorAll('a, button'))
      /** @type {HTMLElement} */ (control).tabIndex = -1;
  }

  /**
   * Announce what nobody has said yet, sentence by sentence: as it is read, and of code that it is code.
   *
   * @param {number} heardMs negative: the voice says it
   * @param {string | null} fault
   */
  #announce(heardMs, fault) {
    const { role, status } = this.#message;
    const isAsked = role === 'user';
    // Who says it can't be seen, and stands on a line of its own.
    let words = this.#bubble.innerText.trimEnd().replace(/:\s+/, ': ');
    for (const code of /** @type {NodeListOf<HTMLElement>} */ (this.#bubble.querySelectorAll('.code')))
      words = words.replace(code.innerText.trim(), `${this.#texts.code}.`);
    this.element.setAttribute('aria-label', `${words} ${fault ?? ''}`);
    if (this.#bubble.hidden || (heardMs < 0 && !isAsked)) return;
    if (isAsked ? status !== 'waiting' : this.isWhole) words += '\n';
    for (const sentence of sentences(words.slice(this.#told))) {
      // Not what the voice has begun to say.
      const isNew = this.#told * MS_PER_CHARACTER >= heardMs && status !== 'cut';
      if (isAsked || isNew) this.#actions.announce(sentence);
      this.#told += sentence.length;
    }
  }

  /** @param {string} shown @returns {boolean} whether anything can be seen of it */
  #drawAnswer(shown) {
    const { status, heard } = this.#message;
    const over = status === 'complete' ? 'whole' : 'cut';
    return this.prose.write(shown, this.isWhole ? over : 'open', this.isWhole ? heard : null, this.#texts.unheard);
  }

  /** Whether all of it is shown, and no more comes. */
  get isWhole() {
    return isOver(this.#message) && this.#shown === this.#message.text;
  }

  /** @param {boolean} isSeen whether there is anything to read already */
  #waits(isSeen) {
    const { role, status } = this.#message;
    if (isSeen || isOver(this.#message)) return false;
    // A typed question stands there at once; a spoken one waits for its words.
    return role === 'assistant' || status === 'waiting';
  }

  /** What stands where there are no words. @param {string} shown */
  #placeholder(shown) {
    const { role, status, spoken, fault } = this.#message;
    const texts = this.#texts;
    if (shown || fault) return '';
    if (role === 'user') {
      if (status === 'unheard') return texts.nothingHeard;
      return spoken ? texts.spoken : '';
    }
    if (status === 'failed') return texts.answerFailed;
    return status === 'cut' ? texts.stopped : '';
  }

  /** @param {Source[]} sources @param {Moment} moment */
  #drawBelow(sources, moment) {
    const links = sources.map((source) => link(source, this.#server)).filter((part) => part !== null);
    const parts = [...this.#tools.draw(moment), ...links];
    this.#below.hidden = parts.length === 0;
    const focused = /** @type {ShadowRoot} */ (this.element.getRootNode()).activeElement;
    const isHere = this.#below.contains(focused);
    this.#below.replaceChildren(...parts);
    if (!isHere) return;
    const kept = /** @type {HTMLElement} */ (focused);
    (parts.includes(kept) ? kept : parts[0])?.focus();
  }
}

/**
 * A page that the answer used; only addresses of the web become links.
 *
 * @param {Source} source @param {string} server
 */
function link({ title, url }, server) {
  const href = addressOf(url, server);
  const anchor = h('a', { class: 'chip source', href }, icon(pictures.page), h('span', {}, title));
  // The visitor's page stays, and the chat with it.
  if (anchor.origin !== location.origin) Object.assign(anchor, { target: '_blank', rel: 'noopener' });
  return /^https?:$/.test(anchor.protocol) ? anchor : null;
}
