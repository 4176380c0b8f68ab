/** What every transport is, and what it is made of. */

import type { Identity } from '../chat/identity.js';
import type { Clock, Frame, Sink } from '../types.d.ts';
import type { Line } from './line.js';

/** A reason to try again. */
export type Why = 'online' | 'seen' | 'typing' | 'button';

/** How a page talks to the server. What it hears it hands to `emit`, as frames. */
export interface Transport {
  readonly mode: 'v1' | 'v2';
  /** Formats of a recording, the best one first. */
  readonly formats: string[];
  open(): void;
  /** `leaving`: the visitor won't come back, nothing is to be kept for it. */
  close(leaving?: boolean): void;
  /** A reason to try again now. */
  kick(why: Why): void;
  /** `heardMs`: so much of the answer's sound was heard before; negative: none is to be. */
  ask(turn: number, text: string, heardMs?: number): void;
  hear(turn: number, format: string): Sink;
  cancel(turn: number, heardMs: number, reason: number): void;
  played(turn: number, ms: number, flags: number): void;
  /** Speak stored answer `n` under a new turn, from a byte of its text on; null: this mode can't. */
  speak: ((turn: number, n: number, pos?: number) => void) | null;
  /** Speak the greeting under a new turn, the server's own or else this one. */
  welcome?: (turn: number, text: string) => void;
  /** Answer question `n` anew under a new turn; null: this mode can't. */
  retry: ((turn: number, n: number) => void) | null;
  /** How answers are to be spoken from now on; what is not named stays. */
  set(wishes: Wishes): void;
  /** Questions that have no END yet, for the transport that goes on with them. */
  readonly unanswered: Unanswered[];
  /** Mode v1: answers of which the server is not told that they were stopped. */
  readonly stopped?: Stopped[];
  /** Mode v1: whether answers come piece by piece. */
  streams?: boolean;
}

export interface Unanswered {
  turn: number;
  /** A spoken question, all of it. */
  recording?: { format: string; bytes: Uint8Array } | null;
  /** The visitor has stopped its answer. */
  stopped?: Stopped | null;
}

/** What SET says. Mode v1 heeds `mute` alone. */
export interface Wishes {
  mute?: boolean;
  /** Times the voice's own. */
  speed?: number;
}

/** What CANCEL says. */
export interface Stopped {
  turn: number;
  heardMs: number;
  reason: number;
}

/** What every transport is made of. */
export interface TransportParts {
  emit: (frame: Frame) => void;
  /** A line whose tries are `attempt`, which ends in `held` or `lost`. */
  line: (attempt: () => void) => Line;
  identity: Identity;
  /** Whether spoken answers are wanted. */
  speech: boolean;
  language?: string;
  clock: Clock;
  /** From 0 up to 1. */
  random?: () => number;
}
