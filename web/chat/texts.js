/** Every word that the widget says, in one table. */

/** @import {Trouble} from '../types.d.ts' */

import { launcherTexts } from './launcher-texts.js';

/** @param {number} n */
const characters = (n) => `${n} ${n === 1 ? 'character' : 'characters'}`;

const english = {
  ...launcherTexts,
  title: 'Assistant',
  close: 'Close the chat',
  mute: 'Answers by voice',
  log: 'Messages',
  you: 'You',
  assistant: 'Assistant',
  field: 'Your question',
  placeholder: 'Ask a question',
  send: 'Send',
  stop: 'Stop the answer',
  speak: 'Speak your question',
  earlier: 'Earlier messages',
  latest: 'Latest message',
  sources: 'Read more',
  listen: 'Listen',
  stopListening: 'Stop',
  unheard: 'not heard',
  stopped: 'Stopped.',
  suggestions: 'Questions to begin with',
  dismiss: 'Close this note',
  hear: 'Your browser keeps the sound back. Press here to hear the answer.',

  recording: 'Recording',
  sendRecording: 'Send the recording',
  discardRecording: 'Throw the recording away',
  asking: 'Allow the microphone',
  askingLong: 'Your browser asks whether this page may use the microphone. Look near the address bar.',
  /** @param {number} seconds */
  recordingLimit: (seconds) =>
    `A recording has at most ${seconds} ${seconds === 1 ? 'second' : 'seconds'}, so it was sent now.`,
  recordingEmpty: 'Nothing was recorded. Please try once more.',
  recordingLost: 'The microphone went away; what was recorded until then was sent.',
  spoken: 'Spoken question',
  nothingHeard: 'Nothing was heard',

  connecting: 'Connecting',
  reconnecting: 'Reconnecting',
  connected: 'Connected',
  /** @param {number} seconds */
  waiting: (seconds) => `Reconnecting in ${seconds} s`,
  failed: 'Not connected',
  resting: 'Paused',
  warming: 'Warming up: the first answer may take a moment',
  retry: 'Try again',
  useHere: 'Use it here',

  /** Why nothing can be sent, under the field. */
  whyNot: {
    connecting: 'It is sent as soon as the connection stands.',
    waiting: 'No connection just now. What you wrote stays here and is sent when it is back.',
    unreachable: 'The assistant cannot be reached. What you wrote stays here.',
    refused: 'The assistant did not understand this page. Please reload it.',
    forbidden: 'The assistant does not let this site in.',
    idle: 'The chat was paused after a long silence. Write or speak to go on.',
    replaced: 'This chat goes on in another window.',
  },
  /** @param {number} over */
  tooLong: (over) => `${characters(over)} too many`,
  /** @param {number} left */
  charactersLeft: (left) => `${characters(left)} left`,
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

/** @typedef {typeof english} Texts */

/**
 * Return the words for a visitor.
 *
 * @param {string} [_language] BCP 47
 * @returns {Texts}
 */
export function texts(_language) {
  return english;
}
