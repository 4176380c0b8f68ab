/**
 * What is said above a recording.
 *
 * @import {Texts} from '../chat/texts.js'
 * @import {VoiceInput} from '../voice/voice-input.js'
 */

// The last seconds are counted down.
const COUNT_FROM_SECONDS = 10;

/**
 * @param {Pick<VoiceInput, 'state' | 'ended' | 'held' | 'isAskingLong' | 'isChosenGone'>} voice
 * @param {boolean} isSilent whether nothing is heard
 * @param {Texts} texts
 */
export function wordsFor({ state, ended, held, isAskingLong, isChosenGone }, isSilent, texts) {
  if (ended) return `${texts.recordingEnded[ended]} ${texts.sendOrDiscard}`;
  if (isAskingLong) return texts.askingLong;
  if (state !== 'recording') return '';
  if (held === 'discard') return texts.releaseToDiscard;
  if (isSilent) return texts.cannotHear;
  if (held) return texts.releaseToSend;
  return isChosenGone ? texts.chosenGone : '';
}

/**
 * The time on the bar: how long it has been recording, and near the limit how long it may.
 *
 * @param {number} seconds
 * @param {number} left
 * @returns {{ time: string, isEnding: boolean }}
 */
export function timeFor(seconds, left) {
  const isEnding = left <= COUNT_FROM_SECONDS;
  // What is left of a second still counts: nothing is left when nothing can be said any more.
  const whole = isEnding ? Math.ceil(left) : Math.floor(seconds);
  const time = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
  return { time: isEnding ? `−${time}` : time, isEnding };
}
