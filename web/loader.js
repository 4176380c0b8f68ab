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
  if (!customElements.get(TAG)) customElements.define(TAG, VoiceChat);
  // A page that was swapped for another brings its tag again, and may have taken the element away.
  if (!script || document.querySelector(TAG)) return;
  const element = document.createElement(TAG);
  Object.assign(element.dataset, script.dataset);
  const { layout, target } = script.dataset;
  if (layout !== 'inline') {
    // Beside the body: what swaps, empties or transforms that leaves the chat alone.
    document.documentElement.append(element);
  } else if (target) {
    // Where nothing fits, the error in the console names this line.
    /** @type {Element} */ (document.querySelector(target)).append(element);
  } else {
    script.after(element);
  }
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin);
else begin();
