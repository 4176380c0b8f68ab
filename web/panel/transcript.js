/**
 * The conversation as a text, for people, and as JSON.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {Message, Source} from '../types.d.ts'
 */

import { addressOf } from '../chat/sources.js';
import { h } from './dom.js';

// So long the browser may take to fetch what it is given.
const KEPT_MS = 60_000;

/**
 * Return what was said, a paragraph for each message.
 *
 * @param {Pick<Message, 'role' | 'text'>[]} messages
 * @param {Pick<Texts, 'you' | 'assistant'>} texts
 */
export function transcript(messages, { you, assistant }) {
  const names = { user: `${you}: `, assistant: `${assistant}: `, note: '' };
  const said = messages.filter(({ text }) => text);
  return said.map(({ role, text }) => `${names[role]}${text}\n`).join('\n');
}

/** What is told of each message in JSON, and of the pages that it used. */
const TOLD = ['n', 'role', 'text', 'status', 'at', 'spoken', 'rating', 'sources', 'title', 'url'];

/**
 * The same for a program.
 *
 * @param {Message[]} messages
 * @param {string} server where the addresses of its own pages lead
 */
export function json(messages, server) {
  const found = (/** @type {Source} */ source) => ({ ...source, url: addressOf(source.url, server) });
  const told = messages.map((one) => ({ ...one, sources: one.sources.map(found) }));
  return JSON.stringify(told, TOLD, 2);
}

/** Give the visitor a file. @param {string} text */
export function download(text) {
  const href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  h('a', { href, download: 'chat.txt' }).click();
  setTimeout(() => URL.revokeObjectURL(href), KEPT_MS);
}
