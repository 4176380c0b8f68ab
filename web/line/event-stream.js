/**
 * Server-sent events as they arrive in the body of a response.
 *
 * @import {Reply} from './api.js'
 */

import { Refusal } from './refusal.js';

const END = '\n\n';

// Half a frame: what comes all at once is taken in pieces, and the page stays free for its visitor.
const AT_ONCE_MS = 8;

/**
 * Hear an answer that is told piece by piece.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {(name: string, content: any) => void} tell called for each event but the last
 * @returns {Promise<Reply>} what the last event says
 */
export async function heard(body, tell) {
  try {
    for await (const { name, content } of eventsOf(body)) {
      if (name === 'end') return content;
      if (name === 'error') {
        const { code, message, retry_after } = content.error;
        throw new Refusal(code, message, retry_after);
      }
      tell(name, content);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  // A proxy has cut it in its own way, or written into it. The key brings all of it again.
  throw new Refusal('unreached');
}

/**
 * Yield each event of `body`, with its one line of JSON read.
 *
 * What is no event of ours, such as a comment that a proxy sends to keep the line open, is skipped.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<{ name: string, content: any }>}
 */
export async function* eventsOf(body) {
  // Safari can't iterate over a stream.
  const reader = body.getReader();
  const utf8 = new TextDecoder();
  let text = '';
  let begunMs = performance.now();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      // Half an end may have come before: nothing earlier is searched twice, for speech is large.
      let from = Math.max(text.length - 1, 0);
      text += utf8.decode(value, { stream: true });
      for (let end; (end = text.indexOf(END, from)) >= 0; from = 0) {
        const event = eventOf(text.slice(0, end));
        text = text.slice(end + END.length);
        if (event) yield event;
        if (performance.now() - begunMs > AT_ONCE_MS) {
          await nextTask();
          begunMs = performance.now();
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Let the page do what waits. A timer would take a second of it in a page that nobody sees. */
function nextTask() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((then) => {
    port1.onmessage = () => then(port1.close());
    port2.postMessage(0);
  });
}

/** @param {string} block @returns {{ name: string, content: any } | null} */
function eventOf(block) {
  const fields = Object.fromEntries(block.split('\n').map(fieldOf));
  return fields.event && fields.data ? { name: fields.event, content: JSON.parse(fields.data) } : null;
}

/** @param {string} line @returns {[string, string]} */
function fieldOf(line) {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}
