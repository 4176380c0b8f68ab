/**
 * The one script of a site's tag. It draws the launcher and does nothing else before the click: no
 * request, no storage, no socket.
 */

import { VoiceChat } from './voice-chat.js';

const TAG = 'voice-chat';

// Where this script came from is where the server is. Null in a module: then the element says it.
const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
if (script) VoiceChat.home = new URL('.', script.src).href;

function begin() {
  if (customElements.get(TAG)) return;
  customElements.define(TAG, VoiceChat);
  if (!script || document.querySelector(TAG)) return;
  const element = document.createElement(TAG);
  for (const [name, value] of Object.entries(script.dataset)) element.dataset[name] = value;
  document.body.append(element);
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin);
else begin();
