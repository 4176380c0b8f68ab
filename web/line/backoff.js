/** How long to wait before trying again, and how often. */

export const TRIES = 5;

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * Return the wait in milliseconds before try number `attempt` (1, 2, 3 …).
 *
 * It doubles from one second to thirty. A quarter more or less by chance keeps the pages of a
 * server that restarted from coming back all at once.
 *
 * @param {number} attempt
 * @param {() => number} [random] from 0 up to 1
 */
export function waitMs(attempt, random = Math.random) {
  const wait = Math.min(FIRST_MS * 2 ** (attempt - 1), LONGEST_MS);
  return Math.min(wait * (0.75 + random() / 2), LONGEST_MS);
}
