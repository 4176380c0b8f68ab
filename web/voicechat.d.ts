/** Types of the element `<voice-chat>` and of its events, for the pages of a site in TypeScript. */

export interface VoiceChatElement extends HTMLElement {
  /** `v1`, `v2` or `auto`. */
  mode: string;
  /** Address of the server, with a slash at its end. */
  readonly server: string;
  readonly isOpen: boolean;
  /** Milliseconds of the sounding answer that were heard; null: silence. */
  readonly playhead: number | null;
  /** Loudness of what sounds now, 0 to 1. */
  readonly level: number;
  open(): Promise<void>;
  close(): void;
  toggle(): void;
  /** Ask as if the visitor had typed it; `voicechat:message` tells the answer. */
  send(text: string): Promise<void>;
  /** Write into the field and send nothing. */
  ask(text: string): Promise<void>;
  /** Offer questions under the newest message; blank and repeated ones are left out. */
  suggest(questions: string | string[]): void;
  /** Stop what sounds, or else the answer that is under way. */
  interrupt(): void;
  mute(muted: boolean): void;
  /** Record a question, as soon as the chat is connected; resolves when that was begun or has to wait. */
  startRecording(): Promise<void>;
  /** End the recording and send it. */
  stopRecording(): void;
  /** End the recording and throw it away. */
  discardRecording(): void;
  /** The conversation as a text, or as JSON: a list of `ExportedMessage`. Undefined before the first opening. */
  export(format?: 'txt' | 'json'): string | undefined;
  /** Forget the chat, and begin a new one. */
  reset(): void;
  /** Take the element out of the page, and let go of all that it holds. */
  destroy(): void;
}

export interface ExportedMessage {
  /** Its number in the chat; null: not known yet. */
  n: number | null;
  role: 'user' | 'assistant' | 'note';
  text: string;
  status: string;
  /** When it was written, in seconds since 1970. */
  at: number;
  spoken: boolean;
  rating: 'up' | 'down' | null;
  /** Each `url` in full, of the server's own pages too. */
  sources: { title: string; url: string }[];
}

export interface VoiceChatEvents {
  /** Once for each time it is placed in the page and opened: all methods do what they say. */
  'voicechat:ready': CustomEvent<{}>;
  'voicechat:open': CustomEvent<{}>;
  'voicechat:close': CustomEvent<{}>;
  'voicechat:status': CustomEvent<{
    state: 'closed' | 'connecting' | 'connected' | 'waiting' | 'failed' | 'resting';
    seconds?: number;
    again?: boolean;
    reason?: string;
  }>;
  'voicechat:microphone': CustomEvent<{ state: 'off' | 'asking' | 'recording' | 'kept' | 'sending' }>;
  /**
   * `preventDefault()`: nothing is asked. Another `text` is asked in its place; one that is too long is
   * not, and the console says so.
   */
  'voicechat:beforesend': CustomEvent<{ text: string }>;
  'voicechat:message': CustomEvent<{
    /** Its number in the chat; null: not known yet. */
    n: number | null;
    role: 'user' | 'assistant';
    text: string;
    status: string;
    spoken: boolean;
  }>;
  /** The bot's voice begins or ends to sound; `n` of the answer. */
  'voicechat:speechstart': CustomEvent<{ n: number | null }>;
  'voicechat:speechend': CustomEvent<{ n: number | null }>;
  'voicechat:unread': CustomEvent<{ count: number }>;
  'voicechat:feedback': CustomEvent<{ n: number; rating: 'up' | 'down' | null }>;
  'voicechat:consent': CustomEvent<{}>;
  'voicechat:error': CustomEvent<{ code: string; hint: string }>;
}

declare global {
  interface HTMLElementTagNameMap {
    'voice-chat': VoiceChatElement;
  }
  interface GlobalEventHandlersEventMap extends VoiceChatEvents {}
}
