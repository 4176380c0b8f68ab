/** What the server says no with, and how to know it. */

/** The answer is an error. `unreached`: something on the way gave it, for the server was not there. */
export class Refusal extends Error {
  /** @param {string} code @param {string} [message] @param {number} [retryAfterSeconds] */
  constructor(code, message = '', retryAfterSeconds = 0) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Known by what it has: the app and each transport bring along a class of their own. The codes of a
 * browser's own errors are numbers.
 *
 * @param {any} error @returns {error is Refusal}
 */
export function isRefusal(error) {
  return typeof error?.code === 'string';
}

/**
 * Whether an error says that the server lets no page of this origin in.
 *
 * @param {any} error @returns {error is Refusal}
 */
export function isShutOut(error) {
  return error?.code === 'origin_refused';
}

/**
 * Whether an error means that this page's chat can't be gone on with: it is forgotten, or what was
 * kept of its id is not all of it.
 *
 * @param {any} error
 */
export function isGone(error) {
  return ['chat_gone', 'unauthorized'].includes(error?.code);
}
