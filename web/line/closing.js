/** What a WebSocket's closing means for the page. */

/**
 * @typedef {object} Verdict
 * @property {'again' | 'resting' | 'failed'} next
 * @property {string} [reason] key of the words that say why
 * @property {number} [atLeastMs] how long to stay away
 */

/** @type {Record<number, Verdict>} */
const VERDICTS = {
  1003: { next: 'failed', reason: 'refused' },
  1009: { next: 'failed', reason: 'refused' },
  4400: { next: 'failed', reason: 'refused' },
  4403: { next: 'failed', reason: 'forbidden' },
  4408: { next: 'resting', reason: 'idle' },
  4409: { next: 'resting', reason: 'replaced' },
  4429: { next: 'again', atLeastMs: 5_000 },
  4503: { next: 'again', atLeastMs: 2_000 },
};

/** @param {number} code @returns {Verdict} */
export function verdict(code) {
  return VERDICTS[code] ?? { next: 'again' };
}
