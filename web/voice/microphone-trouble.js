/**
 * Why a microphone can't be used. A visitor's no, a header of the site and a frame without leave
 * all fail as `NotAllowedError: Permission denied`; what surrounds the page tells them apart.
 * Fetched when one has failed: most never do.
 *
 * @import {Trouble} from '../types.d.ts'
 */

/**
 * What can be known about the page without asking the visitor.
 *
 * @typedef {object} Probes
 * @property {boolean} secure whether the address is https or localhost
 * @property {boolean} present whether the browser offers microphones at all
 * @property {boolean | null} allowed by the site's policy; null: this browser doesn't tell
 * @property {boolean} framed whether the page is inside a frame
 */

/** What each error means, by its name. @type {Record<string, Trouble>} */
const TROUBLES = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/** @returns {Probes} */
function probes() {
  const { featurePolicy } = /** @type {any} */ (document);
  return {
    secure: window.isSecureContext,
    present: typeof navigator.mediaDevices?.getUserMedia === 'function',
    allowed: featurePolicy ? featurePolicy.allowsFeature('microphone') : null,
    framed: window.parent !== window,
  };
}

/**
 * Return what stands in the way whoever is asked; null: nothing known.
 *
 * @param {Probes} page
 * @returns {Trouble | null}
 */
function troubleAhead({ secure, present, allowed, framed }) {
  if (!secure) return 'insecure';
  if (!present) return 'unsupported';
  if (allowed === false) return framed ? 'frame' : 'policy';
  return null;
}

/**
 * Return why asking failed.
 *
 * @param {string} name of the DOMException
 * @param {Probes} [page]
 * @returns {Trouble}
 */
export function troubleOf(name, page = probes()) {
  const ahead = troubleAhead(page);
  if (ahead) return ahead;
  const trouble = TROUBLES[name] ?? 'failed';
  return trouble === 'denied' && page.framed && page.allowed === null ? 'frame' : trouble;
}
