/** Server-sent events as they arrive in the body of a response. */

const END = '\n\n';

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
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
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
