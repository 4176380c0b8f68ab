/** The pages that an answer was made from. */

/**
 * Return where a source is found: a path is one of the server's pages, whatever site the chat stands on.
 *
 * @param {string} url @param {string} server its address, with a slash at the end
 */
export function addressOf(url, server) {
  return /^\w+:/.test(url) ? url : server + url.replace(/^\/+/, '');
}
