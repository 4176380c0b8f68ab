/**
 * One chat on one page: finds out what the server offers, keeps a transport to it, and changes it
 * when asked.
 *
 * @import {Config, Frame, Message, Status, Transport, View} from './types.d.ts'
 * @import {Texts} from './texts.js'
 */

import { Api } from './api.js';
import { realClock } from './clock.js';
import { Dialogue } from './dialogue.js';
import { CANCEL } from './frames.js';
import { History } from './history.js';
import { Identity, tabStorage } from './identity.js';
import { Line } from './line.js';
import { Player } from './player.js';
import { chooseMode, makeTransport } from './transports.js';
import { VoiceInput } from './voice-input.js';

const WARMING_POLL_MS = 1_500;

// So often a WebSocket may fail, while HTTP works, before `auto` goes on without it.
const SOCKET_TRIES = 2;

export class Session {
  history = new History();
  /** @type {Config | null} */
  config = null;
  /** @type {Status} */
  status = { state: 'closed' };
  #api;
  #identity;
  #view;
  #texts;
  #clock = realClock;
  #line;
  #language;
  /** @type {Transport | null} */
  #transport = null;
  #wantedMode;
  #hasConnected = false;
  #socketFailures = 0;
  /** @type {() => void} */
  #stopWarming = () => {};

  /**
   * @param {object} options
   * @param {string} options.server its address, with a slash at the end
   * @param {string} options.mode `v1`, `v2` or `auto`
   * @param {string} [options.language]
   * @param {AudioContext | null} options.audio
   * @param {View} options.view
   * @param {Texts} options.texts
   * @param {(message: Message) => void} options.said
   */
  constructor({ server, mode, language, audio, view, texts, said }) {
    const clock = this.#clock;
    this.#api = new Api(server);
    this.#identity = new Identity(tabStorage(), `voicechat ${server}`);
    this.#view = view;
    this.#texts = texts;
    this.#wantedMode = mode;
    this.#language = language;
    this.#line = new Line({ attempt: () => void this.#load(), status: (it) => this.#show(it), clock });
    this.player = new Player({
      context: audio,
      clock,
      played: (turn, ms, flags) => this.#transport?.played(turn, ms, flags),
      changed: () => view.changed(),
      blocked: (blocked) => view.blocked(blocked),
    });
    const { history, player } = this;
    this.dialogue = new Dialogue({ history, identity: this.#identity, player, view, texts, clock, said });
    this.voice = this.#voiceInput();
  }

  /** The mode that runs; null: none yet. */
  get mode() {
    return this.#transport?.mode ?? null;
  }

  get connected() {
    return this.#transport?.connected ?? false;
  }

  open() {
    if (this.#transport) this.kick('seen');
    else if (this.status.state === 'closed') this.#line.begin();
    else this.#line.kick();
  }

  /** A reason to try again now. @param {'online' | 'seen' | 'typing' | 'button'} why */
  kick(why) {
    if (this.#transport) this.#transport.kick(why);
    else if (why === 'typing') this.#line.nudge();
    else this.#line.kick();
  }

  /** The page goes away, and may come back. */
  leave() {
    this.voice.discard();
    this.#identity.leave();
    this.#transport?.close();
  }

  /** The page is there again, as it was. */
  comeBack() {
    this.#identity.comeBack();
    this.#transport?.open();
  }

  /** It is over: the element was removed. */
  destroy() {
    this.voice.discard();
    this.player.close();
    this.#transport?.close(true);
    this.#line.close();
    this.#stopWarming();
  }

  /** @param {string} mode `v1`, `v2` or `auto` */
  setMode(mode) {
    this.#wantedMode = mode;
    if (this.config) this.#use(this.config, mode);
  }

  /** The panel was closed: nothing sounds and nothing listens any more. */
  quiet() {
    this.voice.discard();
    this.dialogue.hush(CANCEL.BUTTON);
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.player.muted = muted;
    this.#transport?.mute(muted);
    this.#view.changed();
  }

  /** Speak: silence first, so that the microphone hears the visitor alone. */
  async speak() {
    this.player.unlock();
    this.dialogue.hush(CANCEL.SPOKEN_OVER);
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

  async #load() {
    /** @type {Config} */
    let config;
    try {
      config = await this.#api.config();
    } catch (error) {
      // The browser tells a page nothing about a refused origin; this is for the site's owner.
      console.warn(`voicechat: ${this.#api.address('')} was not reached, or does not let this site in.`, error);
      return this.#line.lost();
    }
    this.#configure(config);
    this.#use(config, this.#wantedMode);
  }

  /** @param {Config} config */
  #configure(config) {
    this.config = config;
    this.dialogue.writes = config.writing_effect && !matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.dialogue.speaks = config.speech;
    this.#view.configured(config);
    this.#watchWarming();
  }

  /** Use the wanted mode, or the one that there is. @param {Config} config @param {string} wanted */
  #use(config, wanted) {
    const mode = chooseMode(wanted, config.modes);
    if (this.mode === mode) return;
    this.voice.discard();
    this.dialogue.hush(CANCEL.BUTTON);
    this.#transport?.close();
    this.#hasConnected = false;
    this.#socketFailures = 0;
    const transport = makeTransport(mode, {
      api: this.#api,
      config,
      history: this.history,
      identity: this.#identity,
      emit: (frame) => this.#take(frame),
      // What an earlier transport still finds out is no news of this one.
      status: (status) => this.#transport === transport && this.#show(status),
      language: this.#language,
      clock: this.#clock,
    });
    this.#transport = transport;
    this.dialogue.use(transport);
    if (this.player.muted) transport.mute(true);
    transport.open();
  }

  /** @param {Frame} frame */
  #take(frame) {
    if (frame.name === 'WELCOME') this.#welcome(frame.content);
    else this.dialogue.take(frame);
  }

  /** @param {any} content of WELCOME, or its like of mode v1 */
  #welcome({ anew, history, running, ...facts }) {
    const { config } = this;
    const known = Object.entries(facts).filter(([name]) => config && name in config);
    if (config) this.#configure({ ...config, ...Object.fromEntries(known) });
    if (anew) this.history.startAnew(this.#texts.startedAnew);
    this.history.adopt(history.messages);
    if (history.more && !this.history.messages.some(({ n }) => n === 1)) this.history.more = true;
    for (const { turn, n } of running) if (!this.history.answer(turn)) this.history.follow(turn, n);
    this.#view.changed();
  }

  /** @param {Status} status */
  #show(status) {
    this.status = status;
    this.#hasConnected ||= status.state === 'connected';
    this.#view.status(status);
    if (status.state === 'connecting' && status.again && !this.#hasConnected) void this.#fallBack();
  }

  /** Some networks let no WebSocket through: where HTTP works, `auto` goes on with it. */
  async #fallBack() {
    this.#socketFailures += 1;
    if (this.#wantedMode !== 'auto' || this.mode !== 'v2' || this.#socketFailures < SOCKET_TRIES) return;
    const reached = await this.#api.config().catch(() => null);
    if (reached?.modes.includes('v1') && !this.#hasConnected) this.#use(reached, 'v1');
  }

  #watchWarming() {
    this.#stopWarming();
    if (!this.config?.warming.length) return;
    this.#stopWarming = this.#clock.after(WARMING_POLL_MS, async () => {
      const config = await this.#api.config().catch(() => null);
      if (config) this.#configure(config);
    });
  }

  #voiceInput() {
    return new VoiceInput({
      workletUrl: this.#api.address(`widget/${WORKLET_FILE}`),
      formats: () => this.#transport?.formats ?? [],
      limitSeconds: () => this.config?.limits.recording_seconds ?? 60,
      begin: (format) => {
        const turn = this.#identity.nextTurn();
        return { turn, sink: /** @type {Transport} */ (this.#transport).hear(turn, format) };
      },
      sent: (turn) => this.dialogue.asked(turn),
      changed: () => this.#view.recording(),
      note: (note) => {
        const words = this.#texts[note];
        const seconds = this.config?.limits.recording_seconds ?? 0;
        this.#view.notice(typeof words === 'string' ? words : words(seconds));
      },
      trouble: (trouble) => this.#view.notice(this.#texts.microphone[trouble]),
      clock: this.#clock,
    });
  }
}
