/**
 * Time, handed in so that the rules that need it can be tested without waiting.
 *
 * @typedef {object} Clock
 * @property {() => number} now milliseconds, rising
 * @property {(ms: number, then: () => void) => () => void} after call `then` later; returns what prevents it
 */

/** @type {Clock} */
export const realClock = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
