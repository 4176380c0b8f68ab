/**
 * One message: who says it, its text, what became of it, its sources, and the button to hear it.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {Message, Source} from '../types.d.ts'
 */

import { isOver } from '../chat/history.js';
import { indexAt } from '../wire/utf8.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import * as pictures from './pictures.js';

export class MessageView {
  #message;
  #texts;
  #server;
  #said = document.createTextNode('');
  #unheard = h('span', { class: 'unheard' });
  #bubble = h('div', { class: 'bubble' });
  #wait = h('span', { class: 'wait' }, h('i'), h('i'), h('i'));
  #phase = h('span', { class: 'phase' });
  #fault = h('p', { class: 'fault', hidden: true });
  #below = h('div', { class: 'under', hidden: true });
  #listen;
  /** What was drawn last: most messages do not change any more. */
  #drawn = '';

  /** @param {Message} message @param {Texts} texts @param {string} server @param {() => void} listen */
  constructor(message, texts, server, listen) {
    this.#message = message;
    this.#texts = texts;
    this.#server = server;
    this.#listen = h('button', { type: 'button', class: 'chip listen', onclick: listen });
    this.#wait.append(this.#phase);
    const { role } = message;
    if (role === 'note') {
      this.element = h('p', { class: 'note' }, message.text);
      return;
    }
    const who = h('span', { class: 'unseen' }, `${role === 'user' ? texts.you : texts.assistant}: `);
    this.#bubble.append(who, this.#wait, this.#said, this.#unheard);
    this.#bubble.dir = 'auto';
    this.element = h('div', { class: `message ${role}` }, this.#bubble, this.#fault, this.#below);
  }

  /** @param {boolean} sounds @param {boolean} canReplay */
  draw(sounds, canReplay) {
    const { text, status, heard, written, sources, phase, fault, role } = this.#message;
    const key = JSON.stringify([text, status, heard, written, sources, phase, fault, sounds, canReplay]);
    if (role === 'note' || key === this.#drawn) return;
    this.#drawn = key;
    const shown = written === null ? text : text.slice(0, written);
    const cut = heard === null ? shown.length : indexAt(shown, heard);
    this.#said.data = shown.slice(0, cut) + this.#placeholder(shown);
    this.#unheard.textContent = shown.slice(cut);
    this.#unheard.title = this.#texts.unheard;
    const waits = this.#waits(shown);
    this.#wait.hidden = !waits;
    this.#phase.textContent = (waits && this.#texts.phases[phase]) || '';
    this.#bubble.hidden = !shown && !this.#said.data && !waits;
    this.#fault.hidden = !fault;
    this.#fault.textContent = fault;
    this.element.dataset.status = status;
    this.element.classList.toggle('sounds', sounds);
    this.#drawBelow(
      sources,
      sounds,
      canReplay && written === null,
      status === 'complete' || status === 'cut',
    );
  }

  /** @param {string} shown */
  #waits(shown) {
    const { role, status } = this.#message;
    if (shown || isOver(this.#message)) return false;
    // A typed question stands there at once; a spoken one waits for its words.
    return role === 'assistant' || status === 'waiting';
  }

  /** What stands where there are no words. @param {string} shown */
  #placeholder(shown) {
    const { role, status, spoken, fault } = this.#message;
    const texts = this.#texts;
    if (shown || fault || this.#waits(shown)) return '';
    if (role === 'user') {
      if (status === 'unheard') return texts.nothingHeard;
      return spoken ? texts.spoken : '';
    }
    if (status === 'cut') return texts.stopped;
    return status === 'interrupted' ? texts.interrupted : '';
  }

  /** @param {Source[]} sources @param {boolean} sounds @param {boolean} canReplay @param {boolean} over */
  #drawBelow(sources, sounds, canReplay, over) {
    const links = over ? sources.map((source) => link(source, this.#server)) : [];
    /** @type {HTMLElement[]} */
    const parts = links.filter((part) => part !== null);
    if (sounds || (canReplay && over)) {
      const name = sounds ? this.#texts.stopListening : this.#texts.listen;
      this.#listen.replaceChildren(icon(sounds ? pictures.stop : pictures.sound), name);
      parts.unshift(this.#listen);
    }
    this.#below.hidden = parts.length === 0;
    const focused = this.#below.contains(
      /** @type {ShadowRoot} */ (this.element.getRootNode()).activeElement,
    );
    this.#below.replaceChildren(...parts);
    if (focused) this.#listen.focus();
  }
}

/**
 * A page that the answer used; only addresses of the web become links.
 *
 * @param {Source} source @param {string} server
 */
function link({ title, url }, server) {
  // A path is one of the server's pages, whatever site the chat stands on.
  const href = /^\w+:/.test(url) ? url : server + url.replace(/^\/+/, '');
  const anchor = h('a', { class: 'chip source', href }, icon(pictures.page), h('span', {}, title));
  // The visitor's page stays, and the chat with it.
  if (anchor.origin !== location.origin) Object.assign(anchor, { target: '_blank', rel: 'noopener' });
  return /^https?:$/.test(anchor.protocol) ? anchor : null;
}
