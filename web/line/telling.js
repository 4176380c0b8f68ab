/**
 * One answer of mode v1, told in the frames of mode v2 and two of its own: CLIP is the speech of a
 * whole answer, SENTENCE that of its sentence number `pos`, from 0; both are MP3.
 *
 * @import {Frame} from '../types.d.ts'
 * @import {Reply} from './api.js'
 */

import { fromBase64 } from '../wire/base64.js';
import { END, FINAL, PHASE } from '../wire/frames.js';
import { byteLength } from '../wire/utf8.js';

export class Telling {
  #tell;
  #textBytes = 0;
  #sentences = 0;

  /** @param {(name: string, fields: Partial<Frame>) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** An event of the streamed form, but its last. @param {string} name @param {any} content */
  event(name, { text, audio }) {
    if (name === 'transcript') {
      this.#tell('TRANSCRIPT', { text, flags: FINAL });
      this.#tell('STATE', { flags: PHASE.THINKING });
    } else if (name === 'text') {
      this.#tell('TEXT', { text, pos: this.#textBytes });
      this.#textBytes += byteLength(text);
    } else if (name === 'audio') {
      this.#tell('SENTENCE', { data: fromBase64(audio), pos: this.#sentences++ });
    }
  }

  /** The whole reply, or what the last event says: the answer has been told by then. @param {Reply} reply */
  close({ answer = '', audio, audio_error, transcript, sources, suggestions }) {
    if (transcript !== undefined) this.#tell('TRANSCRIPT', { text: transcript, flags: FINAL });
    if (sources) this.#tell('EVENT', { content: { type: 'sources', sources } });
    if (suggestions) this.#tell('EVENT', { content: { type: 'suggestions', suggestions } });
    if (audio) this.#tell('CLIP', { data: fromBase64(audio) });
    if (audio_error) this.#tell('FAULT', { content: audio_error });
    this.#tell('TEXT', { text: answer, pos: this.#textBytes });
    const flags = audio_error ? END.COMPLETE | END.UNSAID : END.COMPLETE;
    this.#tell('END', { flags, pos: this.#textBytes + byteLength(answer) });
  }
}
