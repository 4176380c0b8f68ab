/** The demo site: copies the tag, tells what runs and whether it may here, and changes the widget's mode. */

/** @import {Config} from '../types.d.ts' */

import { tabStorage } from '../chat/identity.js';

const JOBS = { stt: 'Hears', chat: 'Answers', tts: 'Speaks' };

const COPIED_MS = 2_000;

/** @template {HTMLElement} [T=HTMLElement] @param {string} id @returns {T} */
function byId(id) {
  return /** @type {T} */ (document.getElementById(id));
}

function offerCopying() {
  const button = byId('copy');
  const { textContent: name } = button;
  button.addEventListener('click', async () => {
    const tag = byId('tag');
    try {
      await navigator.clipboard.writeText(tag.textContent ?? '');
      button.textContent = 'Copied';
    } catch {
      // No clipboard at an http address: the line is selected instead, for the keyboard.
      getSelection()?.selectAllChildren(tag);
      button.textContent = 'Selected';
    }
    setTimeout(() => (button.textContent = name), COPIED_MS);
  });
}

/** @param {Config} config */
function showEngines({ engines }) {
  const rows = Object.entries(JOBS).flatMap(([job, verb]) => {
    const found = engines.find((one) => one.job === job);
    const term = document.createElement('dt');
    term.textContent = verb;
    const detail = document.createElement('dd');
    detail.textContent = found ? [found.engine, found.model].filter(Boolean).join(' · ') : 'nobody';
    if (found?.paid) detail.append(' (may send a bill)');
    return [term, detail];
  });
  byId('engines').replaceChildren(...rows);
}

/** @param {Config} config */
function offerModes({ modes }) {
  const wanted = new URL(location.href).searchParams.get('mode') ?? tabStorage()?.getItem('mode') ?? 'v2';
  const current = modes.includes(wanted) ? wanted : modes[0];
  for (const input of byId('modes').querySelectorAll('input')) {
    input.disabled = !modes.includes(input.value);
    input.checked = input.value === current;
    input.addEventListener('change', () => choose(input.value));
  }
  void use(current);
}

/** On this page, and on those that follow in its tab. @param {string} mode */
function choose(mode) {
  const address = new URL(location.href);
  address.searchParams.set('mode', mode);
  history.replaceState(null, '', address);
  void use(mode);
  tabStorage()?.setItem('mode', mode);
}

/** @param {string} mode */
async function use(mode) {
  await customElements.whenDefined('voice-chat');
  const element = /** @type {import('../voice-chat.js').VoiceChat | null} */ (
    document.querySelector('voice-chat')
  );
  if (element) element.mode = mode;
}

/** A list of origins may lack this page's own: said before a visitor has written anything. */
async function tellIfRefused() {
  // A GET would carry no Origin to the page's own server, and only the browser knows it behind a proxy.
  const { status } = await fetch('/api/message', { method: 'OPTIONS' });
  if (status !== 403) return;
  byId('own-origin').textContent = location.origin;
  byId('refused').hidden = false;
  await customElements.whenDefined('voice-chat');
  document.querySelector('voice-chat')?.remove();
}

async function tellWhatRuns() {
  const response = await fetch('/api/config');
  const config = /** @type {Config} */ (await response.json());
  showEngines(config);
  offerModes(config);
}

async function begin() {
  offerCopying();
  await Promise.all([tellIfRefused(), tellWhatRuns()]);
}

begin().catch((error) => {
  byId('engines').textContent = 'The server did not tell.';
  console.error(error);
});
