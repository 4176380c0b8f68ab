/**
 * English: every word that the widget says but the launcher's, in one table. The tables of the other
 * languages have the same keys; where one lacks a word, this one's stands there.
 *
 * @import {Trouble} from '../types.d.ts'
 */

/** @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }} Forms `{n}`: the number */
/** @typedef {Record<'secondsLeft' | 'recordingLimit' | 'unread' | 'waiting' | 'tooLong' | 'charactersLeft', Forms>} Counted */

export const english = {
  title: 'Assistant',
  greeting: 'Hello! What would you like to know?',
  close: 'Close the chat',
  mute: 'Answers by voice',
  log: 'Messages',
  logKeys: 'Arrow keys: move. Enter: go in. Escape: go back.',
  you: 'You',
  assistant: 'Assistant',
  field: 'Your question',
  placeholder: 'Ask a question',
  send: 'Send',
  stop: 'Stop the answer',
  speak: 'Speak your question',
  earlier: 'Earlier messages',
  latest: 'Latest message',
  listen: 'Listen',
  stopListening: 'Stop',
  unheard: 'not heard',
  stopped: 'Stopped.',
  suggestions: 'Questions to begin with',
  dismiss: 'Close this note',
  followUps: 'Questions to go on with',
  up: 'Good answer',
  down: 'Bad answer',
  menu: 'More',
  anew: 'New conversation',
  forgets: 'A new conversation forgets this one.',
  download: 'Download as text',
  hear: 'Your browser keeps the sound back. Press here to hear the answer.',

  code: 'Code',
  table: 'Table',
  copy: 'Copy',
  copyAll: 'Copy all',
  copied: 'Copied',
  notCopied: 'Copying is not allowed here. It is selected: copy it with your keyboard.',

  recording: 'Recording',
  sendRecording: 'Send the recording',
  discardRecording: 'Throw the recording away',
  asking: 'Allow the microphone',
  askingLong: 'Your browser asks whether this page may use the microphone. Look near the address bar.',
  recordingOver: 'Recording ended',
  recordingEmpty: 'Nothing was recorded. Please try once more.',
  /** Why a recording ended by itself; `sendOrDiscard` follows. */
  recordingEnded: {
    unplugged: 'The microphone went away.',
    muted: 'Your device has silenced the microphone.',
    hidden: 'Recording ended while this page was out of sight.',
  },
  sendOrDiscard: 'Send what you have said so far, or throw it away?',
  holdToSpeak: 'Hold the microphone while you speak, and release it to send.',
  releaseToSend: 'Release to send. Slide away or press Escape to throw it away.',
  releaseToDiscard: 'Release to throw it away.',
  cannotHear: 'I can’t hear you: is this the right microphone?',
  chooseMicrophone: 'Microphone',
  chosenGone: 'The microphone you chose is not connected. Another one listens now.',
  spoken: 'Spoken question',
  nothingHeard: 'Nothing was heard',

  connecting: 'Connecting',
  reconnecting: 'Reconnecting',
  connected: 'Connected',
  failed: 'Not connected',
  resting: 'Paused',
  warming: 'Warming up: the first answer may take a moment',
  retry: 'Try again',
  useHere: 'Use it here',
  agree: 'I agree',
  privacy: 'Privacy',

  /** Why nothing can be sent, under the field. */
  whyNot: {
    connecting: 'It is sent as soon as the connection stands.',
    waiting: 'No connection just now.',
    unreachable: 'The assistant cannot be reached.',
    refused: 'The assistant did not understand this page. Please reload it.',
    forbidden: 'The assistant does not let this site in.',
    idle: 'The chat was paused. Write or speak to go on.',
    replaced: 'This chat goes on in another window.',
    consent: 'What you write or say is sent to the assistant once you agree.',
  },

  /** What is said with a number, by the forms of Intl.PluralRules. @type {Counted} */
  counted: {
    secondsLeft: {
      one: '{n} second left',
      other: '{n} seconds left',
    },
    recordingLimit: {
      one: 'A recording has at most {n} second, so it was sent now.',
      other: 'A recording has at most {n} seconds, so it was sent now.',
    },
    unread: { other: 'New answers: {n}' },
    waiting: { other: 'Reconnecting in {n} s' },
    tooLong: { one: '{n} character too many', other: '{n} characters too many' },
    charactersLeft: { one: '{n} character left', other: '{n} characters left' },
  },

  startedAnew: 'The assistant has forgotten the chat above. This is a new one.',

  /** What the bot does while nothing of the answer is there, by the number of STATE. */
  phases: ['', 'Listening', 'Hearing what you said', 'Thinking', 'Speaking', '', 'Waiting for its turn'],

  /** @type {Record<Trouble, string>} */
  microphone: {
    insecure:
      'Browsers give the microphone only to pages at an https address or at localhost. You can go on by typing.',
    unsupported: 'This browser offers no microphone to pages. You can go on by typing.',
    policy:
      'This site forbids the microphone to its pages (Permissions-Policy). Its owner can allow it; you can go on by typing.',
    frame:
      'This page stands in a frame that has no leave to use the microphone (allow="microphone"). You can go on by typing.',
    denied:
      'The microphone is not allowed for this page. Press the sign beside the address, allow it, and try again.',
    missing: 'No microphone was found. Connect one and try again.',
    busy: 'Another program seems to be using the microphone. Close it and try again.',
    failed: 'The microphone could not be started. Try again, or go on by typing.',
  },

  /** What went wrong, by the server's code; other codes show the server's own words. @type {Record<string, string>} */
  faults: {
    nothing_heard: 'I could not make out any words. Please come closer to the microphone and try again.',
    origin_refused: 'The assistant does not let this site in.',
    busy: 'There are too many questions at once. Please wait a moment and ask again.',
    provider_failed: 'The answer did not come through. Please ask again.',
    provider_busy: 'The assistant is very busy just now. Please ask again in a moment.',
    provider_timeout: 'The answer took too long. Please ask again.',
    warming_up: 'The assistant is still warming up. Please ask again in a moment.',
    unavailable: 'The assistant is not available just now. Please try again later.',
    internal: 'Something went wrong. Please ask again.',
  },
  speechFailed: 'This answer could not be spoken.',
  answerFailed: 'The answer did not come through. Please ask again.',
  interrupted: 'The answer was interrupted.',
};

/** @typedef {typeof english} Table */

export default english;
