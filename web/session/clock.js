/**
 * The page's own time.
 *
 * @import {Clock} from '../types.d.ts'
 */

/** @type {Clock} */
export const realClock = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
