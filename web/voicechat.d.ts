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
  /** Ask as if the visitor had typed it. */
  send(text: string): Promise<void>;
  /** Write into the field and send nothing. */
  ask(text: string): Promise<void>;
  /** Offer questions under the newest message. */
  suggest(questions: string[]): void;
  /** Stop what sounds, or else the answer that is under way. */
  interrupt(): void;
  mute(muted: boolean): void;
  /** Forget the chat, and begin a new one. */
  reset(): void;
}

export interface VoiceChatEvents {
  'voicechat:open': CustomEvent<{}>;
  'voicechat:close': CustomEvent<{}>;
  'voicechat:status': CustomEvent<{
    state: 'closed' | 'connecting' | 'connected' | 'waiting' | 'failed' | 'resting';
    seconds?: number;
    again?: boolean;
    reason?: string;
  }>;
  'voicechat:microphone': CustomEvent<{ state: 'off' | 'asking' | 'recording' | 'kept' | 'sending' }>;
  /** `preventDefault()`: nothing is asked; another `text` is asked in its place. */
  'voicechat:beforesend': CustomEvent<{ text: string }>;
  'voicechat:message': CustomEvent<{
    role: 'user' | 'assistant';
    text: string;
    status: string;
    spoken: boolean;
  }>;
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
