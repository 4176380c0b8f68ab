/** The words that the widget's modules share: every folder may use them, and they know none. */

declare global {
  /** What is behind the names of the built files that are of one build; esbuild fills it in. */
  const BUILD: string;
  /** Name of a built file. */
  const WORKLET_FILE: string;
}

/** One thing said on the wire, as frames.js reads it; mode v1 says the same things. */
export interface Frame {
  name: string;
  flags: number;
  /** 0: belongs to no turn. */
  turn: number;
  /** UTF-8 bytes in text, bytes in a recording, milliseconds in sound. */
  pos: number;
  text: string;
  data: Uint8Array;
  /** What is said when: bytes of the text from and to, milliseconds of the sound from and to. */
  spans: number[][];
  /** Number of a stored message, or of a PING. */
  n: number;
  content: any;
}

export interface Source {
  title: string;
  url: string;
}

/** `waiting`: asked, and nothing of the answer is there yet. The rest are the server's own words. */
export type MessageStatus =
  'waiting' | 'queued' | 'running' | 'complete' | 'cut' | 'failed' | 'interrupted' | 'unheard';

export interface Message {
  role: 'user' | 'assistant' | 'note';
  text: string;
  /** UTF-8 bytes of the text; 0: not counted (yet). */
  bytes: number;
  status: MessageStatus;
  /** Number within the chat; null: not known (yet). */
  n: number | null;
  /** Number of the turn it belongs to; null: a stored message that no turn of this connection is about. */
  turn: number | null;
  /** UTF-8 bytes that were heard of an answer that was cut; null: all of it counts. */
  heard: number | null;
  /** UTF-16 units that stand written so far; null: all. */
  written: number | null;
  sources: Source[];
  /** What the bot does, while nothing of the answer is there. */
  phase: number;
  /** What went wrong, for a person. */
  fault: string | null;
  /** Whether it was spoken rather than typed. */
  spoken: boolean;
  /** MP3 of a spoken answer, mode v1. */
  clip: Uint8Array | null;
  /** Questions to go on with after it. */
  suggestions: string[];
  rating: Rating;
  /** When it was written, in seconds since 1970. */
  at: number;
}

/** What the visitor thinks of an answer. */
export type Rating = 'up' | 'down' | null;

/**
 * What was asked and not answered to its end, for the page that comes next: in lists, for the build
 * shortens names, and that page may be of another. `known`: the last message that was stored before;
 * `heardMs`: of the turn's sound; negative: it is not to sound.
 */
export type Left = [known: number, ...open: [turn: number, text: string, heardMs: number][]];

export interface StoredMessage {
  n: number;
  role: 'user' | 'assistant';
  text: string;
  status: MessageStatus;
  heard: number | null;
  sources?: Source[];
  rating?: Rating;
  at: number;
}

export interface Status {
  state: 'closed' | 'connecting' | 'connected' | 'waiting' | 'failed' | 'resting';
  /** Until the next try. */
  seconds?: number;
  /** Whether a try before it failed. */
  again?: boolean;
  /** Key of the words that say why. */
  reason?: string;
}

export interface Limits {
  text_chars: number;
  recording_bytes: number;
  recording_seconds: number;
  frame_bytes: number;
  queue: number;
  lead_ms: number;
}

/** What GET /api/config answers. */
export interface Config {
  modes: string[];
  welcome: { text: string; suggestions: string[] };
  limits: Limits;
  hearing: boolean;
  speech: boolean;
  writing_effect: boolean;
  warming: string[];
  engines: { job: string; engine: string; model: string; paid: boolean }[];
  language: string | null;
}

/** Where a recording goes while it is made. */
export interface Sink {
  write(bytes: Uint8Array): void;
  end(): void;
  discard(): void;
}

/** What goes with the voice. */
interface Aloud {
  /** When each word is said of a turn whose sound follows, as MARK says it. */
  words(turn: number, spans: number[][]): void;
  /** What is heard of the recording that is being made, and how many UTF-8 bytes of it are stable. */
  captioned(text: string, stable: number): void;
}

/** What the panel shows; the session tells it what has changed. */
export interface View {
  configured(config: Config): void;
  status(status: Status): void;
  /** Messages, what sounds, or what runs. */
  changed(): void;
  /** A recording began, changed its state or ended. */
  recording(): void;
  /** Something the visitor should know; null: no more. */
  notice(text: string | null): void;
  /** Something went wrong: a code for the page, words for a person. */
  fault(code: string, words: string): void;
  /** Do it as soon as what goes with the voice is here; where it does not come, the voice sounds without. */
  withVoice(then: (aloud: Aloud) => void): void;
  /** The browser waits for a click before it lets anything sound. */
  blocked(blocked: boolean): void;
}

/** Time, handed in so that the rules that need it can be tested without waiting. */
export interface Clock {
  /** Milliseconds, rising. */
  now: () => number;
  /** Call `then` later; returns what prevents it. */
  after: (ms: number, then: () => void) => () => void;
}

/** Why a microphone can't be used. */
export type Trouble =
  'insecure' | 'unsupported' | 'policy' | 'frame' | 'denied' | 'missing' | 'busy' | 'failed';
