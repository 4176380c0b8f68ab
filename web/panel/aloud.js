/**
 * What goes with voices, the assistant's and the visitor's, fetched when it is first needed: most visitors
 * of most pages use neither.
 *
 * @import {Session} from '../session/session.js'
 * @import {Message} from '../types.d.ts'
 * @import {MessageView} from './message-view.js'
 */

import css from '../../scss/aloud.scss';
import { chime } from '../voice/chime.js';
import { Thaw } from '../voice/thaw.js';
import { Captions } from './captions.js';
import { adopt, sheet } from './dom.js';
import { Sliders } from './sliders.js';
import { SpokenWord } from './spoken-word.js';
import { Tapping } from './tapping.js';

/** Whether this page has said its greeting. */
let isGreeted = false;

const style = sheet(css);

export class Aloud {
  #session;
  #captions;
  #panel;
  #sliders;
  /** @type {SpokenWord | null} */
  #spokenWord = null;
  #thaw;
  #tapping;
  #isDrawing = false;

  /**
   * @param {Session} session
   * @param {HTMLElement} panel
   * @param {Map<Message, MessageView>} views
   */
  constructor(session, panel, views) {
    this.#session = session;
    this.#panel = panel;
    adopt(panel, style);
    this.#captions = new Captions(/** @type {HTMLElement} */ (panel.querySelector('.recording')));
    this.#thaw = new Thaw(session.player);
    this.#sliders = new Sliders(session);
    this.#tapping = new Tapping(session, panel, views);
    if ('highlights' in CSS) this.#spokenWord = new SpokenWord((message) => views.get(message)?.prose);
  }

  /** The words of a turn whose sound follows. @param {number} turn @param {number[][]} words as MARK says them */
  words(turn, words) {
    this.#spokenWord?.add(turn, words, this.#session.playback.turns);
  }

  /** What is heard of the visitor's recording. @param {string} text @param {number} stable bytes of it */
  captioned(text, stable) {
    this.#captions.show(text, stable);
  }

  /** @param {MouseEvent} click among the messages @param {EventTarget | null} target */
  tap(click, target) {
    this.#tapping.tap(click, target);
  }

  /**
   * Have the greeting spoken to who has just opened the chat: once, inside the click, and not where
   * something was said already.
   */
  welcome() {
    const { history, playback, player } = this.#session;
    const { transport, speaks } = playback;
    const isWanted = this.#panel.isConnected && speaks && !player.muted && !history.messages.length;
    // Who opened it by a click has clicked just now; where the browser does not tell, its loudspeaker does.
    const hasClicked = navigator.userActivation?.isActive ?? !player.isBlocked;
    if (isGreeted || !isWanted || !hasClicked || !transport?.welcome) return;
    isGreeted = true;
    const turn = playback.identity.nextTurn();
    // It is no message, but what stops those stops it, before it sounds, too.
    playback.again.set(turn, /** @type {Message} */ ({ n: null }));
    transport.welcome(turn, this.#panel.querySelector('.greeting')?.textContent ?? '');
  }

  /** The menu was opened. @param {HTMLElement} note that it is in */
  menu(note) {
    const root = /** @type {HTMLElement} */ (note.closest('.root'));
    note.querySelector('p')?.append(this.#sliders.element(root.lang));
  }

  /** A soft tone for who hears nothing else, and none where answers are muted. */
  chime() {
    const { player } = this.#session;
    player.unlock();
    const { output } = player;
    if (output) chime(output);
    player.rest();
  }

  /** What sounds may be something else now: while something does, each frame shows the word. */
  draw() {
    this.#tapping.look();
    this.#sliders.keep();
    if (this.#isDrawing) return;
    this.#thaw.look(performance.now());
    const { playback, player } = this.#session;
    const message = playback.sounding;
    const turn = player.sounding;
    const isHeard = message && turn && playback.isSpeaking;
    this.#spokenWord?.draw(isHeard ? { message, turn, ms: player.playheadMs ?? 0 } : null);
    if (!message) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.draw();
    });
  }
}
