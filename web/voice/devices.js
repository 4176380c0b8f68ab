/**
 * The microphones that there are, and the one that the visitor chose. Browsers name them only to a
 * page that may record, so nothing is asked before.
 *
 * The choice lives as long as the page, and in the tab's own storage from the first spoken question
 * on, when the chat is kept there as well: a device's id would tell a visitor from others.
 */

import { tabStorage } from '../chat/identity.js';

const ENTRY = 'voicechat microphone';

/**
 * @typedef {object} Device
 * @property {string} id
 * @property {string} name '': the browser tells none
 */

/** @typedef {Pick<MediaDevices, 'enumerateDevices' | 'addEventListener' | 'removeEventListener'>} Media */

export class Devices {
  /** @type {Device[]} What there is to choose from; empty: nothing to choose. */
  list = [];
  /** Id of the one that is used; '': not known. */
  current = '';
  /** Id of the one to ask for; '': whichever the browser gives. */
  wanted;
  #storage;
  #media;
  #isKept;

  /** @param {Pick<Storage, 'getItem' | 'setItem'> | null} [storage] @param {Media} [media] */
  constructor(storage = tabStorage(), media = globalThis.navigator?.mediaDevices) {
    this.#storage = storage;
    this.#media = media;
    this.wanted = storage?.getItem(ENTRY) ?? '';
    this.#isKept = this.wanted !== '';
  }

  /** @param {string} id '': whichever the browser gives */
  choose(id) {
    this.wanted = id;
    if (this.#isKept) this.keep();
  }

  /** There is a chat in the tab's storage: the choice may stand beside it. */
  keep() {
    this.#isKept = true;
    try {
      this.#storage?.setItem(ENTRY, this.wanted);
    } catch {
      // Full or forbidden: it lives as long as the page.
    }
  }

  /** @param {string} id of the device that records; '': nobody tells */
  async got(id) {
    this.current = id;
    this.#media?.addEventListener('devicechange', this.look);
    await this.look();
  }

  /** Nothing is recorded any more. */
  rest() {
    this.#media?.removeEventListener('devicechange', this.look);
  }

  /** See what there is. */
  look = async () => {
    const all = await this.#media?.enumerateDevices().catch(() => []);
    const list = (all ?? [])
      // Chromium names what the system prefers twice more; one of them may be of use.
      .filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId && deviceId !== 'communications')
      .map(({ deviceId: id, label: name }) => ({ id, name }));
    this.list = list.filter(({ id }) => id !== 'default').length > 1 ? list : [];
  };
}
