/**
 * One chat on one page: puts its parts together, and is what the panel acts on.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {Change} from '../line/connection.js'
 * @import {Transport, Why, Wishes} from '../line/transport.d.ts'
 * @import {Config, Message, Rating, Trouble, View} from '../types.d.ts'
 */

import { History } from '../chat/history.js';
import { Identity, tabStorage } from '../chat/identity.js';
import { Api } from '../line/api.js';
import { Connection } from '../line/connection.js';
import { isGone } from '../line/refusal.js';
import { Transports } from '../line/transports.js';
import { Player } from '../voice/player.js';
import { VoiceInput } from '../voice/voice-input.js';
import { CANCEL } from '../wire/frames.js';
import { realClock } from './clock.js';
import { Dialogue } from './dialogue.js';
import { Playback } from './playback.js';

export class Session {
  history = new History();
  #api;
  #identity;
  #view;
  #texts;
  #connection;
  /** What SET says, where anything was chosen. @type {Wishes | null} */
  #wishes = null;

  /**
   * @param {object} options
   * @param {string} options.server its address, with a slash at the end
   * @param {string} options.mode `v1`, `v2` or `auto`
   * @param {string} [options.language]
   * @param {AudioContext | null} options.audio
   * @param {(name: string, retry?: string) => Promise<any>} options.fetch code of a mode, or of another part
   * @param {View} options.view
   * @param {Texts} options.texts
   * @param {(message: Message) => void} options.said a message is complete
   * @param {() => void} options.erased the chat was, here or in another tab
   */
  constructor({ server, mode, language, audio, fetch, view, texts, said, erased }) {
    const clock = realClock;
    const { history } = this;
    const identity = new Identity(tabStorage(), `voicechat ${server}`);
    const changed = () => view.changed();
    this.#api = new Api(server);
    this.#identity = identity;
    this.#view = view;
    this.#texts = texts;
    this.player = new Player({
      context: audio,
      clock,
      played: (turn, ms, flags) => this.playback.played(turn, ms, flags),
      changed,
      blocked: (blocked) => view.blocked(blocked),
    });
    this.playback = new Playback({ history, identity, player: this.player, clock, changed });
    this.dialogue = new Dialogue({ history, identity, playback: this.playback, view, texts, said, erased });
    const restored = this.#restore();
    this.voice = this.#voiceInput(fetch);
    this.#connection = new Connection(mode, {
      api: this.#api,
      transports: new Transports(fetch),
      identity,
      history,
      clock,
      language,
      emit: (frame) => (frame.name === 'WELCOME' ? this.#welcome(frame.content) : this.dialogue.take(frame)),
      status: (status) => view.status(status),
      configured: (config) => this.#configured(config),
      restored,
      change: (use, isWanted) => this.#change(use, isWanted),
      isRecording: () => this.voice.state !== 'off',
      isFree: () => this.#isFree,
    });
  }

  open() {
    this.#connection.open();
  }

  /** A reason to try again now. @param {Why} why */
  kick(why) {
    this.#connection.kick(why);
  }

  /** @param {string} mode `v1`, `v2` or `auto` */
  setMode(mode) {
    this.#connection.setMode(mode);
  }

  /** The panel was closed: nothing sounds and nothing listens any more. */
  quiet() {
    this.voice.discard();
    this.playback.quiet(CANCEL.BUTTON);
    this.player.rest();
  }

  /** The page goes away, and may come back. */
  leave() {
    this.voice.discard();
    this.#identity.leave(this.dialogue.left);
    this.#connection.close(false);
  }

  /** The page is there again, as it was. */
  async comeBack() {
    this.#identity.comeBack();
    await this.#restore();
    this.#connection.reopen();
  }

  /** Let go of the chat: what comes after it on this page is another. */
  forget() {
    this.quiet();
    this.playback.stop();
    this.#identity.forget();
    this.destroy();
  }

  /** Have the server forget the chat, in every tab. @returns {Promise<boolean>} whether it knows of none */
  async erase() {
    const { chat } = this.#identity;
    return !chat || this.#api.tell(chat, { type: 'erase' }).then(() => true, isGone);
  }

  /** It is over: the element was removed. */
  destroy() {
    this.voice.discard();
    this.playback.close();
    this.#connection.close(true);
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.player.muted = muted;
    this.set({ mute: muted });
    this.#view.changed();
  }

  /** Tell how answers are to be spoken. @param {Wishes} wishes */
  set(wishes) {
    this.#wishes = { ...this.#wishes, ...wishes };
    this.#transport?.set(wishes);
  }

  /** Speak: silence first and meanwhile, so that the microphone hears the visitor alone. */
  async speak() {
    this.player.unlock();
    this.playback.quiet(CANCEL.SPOKEN_OVER);
    this.#view.notice(null);
    await this.voice.start();
  }

  /** Add the messages before the oldest one here. */
  async loadEarlier() {
    const { chat } = this.#identity;
    if (!chat) return;
    const page = await this.#api.messages(chat, this.history.oldest).catch(() => null);
    if (!page) return;
    this.history.more = page.more;
    this.history.prepend(page.messages);
    this.#view.changed();
  }

  /**
   * Keep what the visitor thinks of an answer.
   *
   * @param {Message} answer @param {Rating} rating
   * @returns {Promise<boolean>} whether it was kept
   */
  async rate(answer, rating) {
    const { chat } = this.#identity;
    const before = answer.rating;
    answer.rating = rating;
    this.#view.changed();
    try {
      // What was asked over HTTP has no number as yet.
      if (!answer.n && chat) this.dialogue.recognize((await this.#api.messages(chat)).messages);
      await this.#api.tell(chat, { type: 'feedback', n: answer.n, rating });
      return true;
    } catch {
      answer.rating = before;
      this.#view.changed();
      return false;
    }
  }

  /** Go on with what the page before has left. */
  async #restore() {
    this.dialogue.restore((await this.#identity.claim()) ?? [0]);
  }

  /** @returns {Transport | null} */
  get #transport() {
    return this.#connection.transport;
  }

  /** Whether a visitor would not notice a change of transport now. */
  get #isFree() {
    const isSeen = document.visibilityState === 'visible';
    return isSeen && this.voice.state === 'off' && !this.playback.stoppable;
  }

  /**
   * @param {() => Change} use
   * @param {boolean} isWanted by who has set the mode; else what sounds goes on
   */
  #change(use, isWanted) {
    if (isWanted) {
      this.voice.discard();
      this.playback.hush(CANCEL.BUTTON);
    }
    const { transport, left } = use();
    if (this.#wishes) transport.set(this.#wishes);
    this.playback.transport = transport;
    this.dialogue.use(transport, left);
  }

  /** @param {Config} config */
  #configured(config) {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.playback.writes = config.writing_effect && !still;
    this.playback.speaks = config.speech;
    this.#view.configured(config);
  }

  /** @param {any} content of WELCOME, or its like of mode v1 */
  #welcome({ anew, history, running, hearing, speech, warming, welcome }) {
    if (welcome) this.#connection.learn({ hearing, speech, warming, welcome });
    if (anew) this.history.startAnew(this.#texts.startedAnew);
    for (const { turn, n, resumed } of running) this.history.accept(turn, n, resumed);
    this.dialogue.recognize(history.messages);
    this.history.adopt(history.messages);
    if (history.more && this.history.oldest > 1) this.history.more = true;
    for (const { turn, n } of running) if (!this.history.answer(turn)) this.history.follow(turn, n);
    this.#view.changed();
  }

  /** @param {(name: string) => Promise<any>} fetch */
  #voiceInput(fetch) {
    const limitSeconds = () => this.#connection.config?.limits.recording_seconds ?? 60;
    return new VoiceInput({
      files: { workletUrl: this.#api.address(`widget/${WORKLET_FILE}`), fetch },
      formats: () => this.#transport?.formats ?? [],
      limitSeconds,
      begin: (format) => {
        const turn = this.#identity.nextTurn();
        return { turn, sink: /** @type {Transport} */ (this.#transport).hear(turn, format) };
      },
      sent: (turn) => this.dialogue.asked(turn),
      changed: () => this.#view.recording(),
      note: (note) => {
        const words = this.#texts[note];
        this.#view.notice(typeof words === 'string' ? words : words(limitSeconds()));
      },
      trouble: async (error) => {
        const trouble = await fetch('trouble').then(
          (/** @type {(name: string) => Trouble} */ troubleOf) => troubleOf(error),
          () => /** @type {Trouble} */ ('failed'),
        );
        const words = this.#texts.microphone[trouble];
        this.#view.fault(trouble, words);
        this.#view.notice(words);
      },
      clock: realClock,
    });
  }
}
