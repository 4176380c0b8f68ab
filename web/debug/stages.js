/** What TIMING says of one answer, as bars on one axis of time. */

/** @typedef {Record<string, number>} Stages TIMING's `at`: milliseconds after the question, by stage */

/**
 * @typedef {object} Bar
 * @property {string} label
 * @property {number} start share of the axis, from 0 to 1
 * @property {number} end likewise
 * @property {number} ms when it was over, or how long it took before the question was whole
 */

/** What each bar shows: it ends with a stage, and begins with the first of these that there is. */
const BARS = [
  ['Hearing', 'transcript', 'begun'],
  ['First token', 'first_text', 'transcript', 'begun'],
  ['First clause', 'first_clause', 'first_text'],
  ['First sound', 'first_sound', 'first_clause'],
  ['Sent', 'first_sent', 'first_sound'],
  ['Heard', 'first_heard', 'first_sent'],
  ['Whole text', 'whole_text', 'first_text'],
  ['Whole sound', 'whole_sound', 'first_sent'],
];

/** A shorter wait for the questions before is none. */
const WAIT_MS = 10;

/** Of the axis at most, for the recording, which may be much longer than all that follows. */
const UPLOAD_SHARE = 0.2;

/**
 * Return the bars of one answer. The axis ends soon after its first sound was heard, so that what is
 * waited for can be told apart: what ends later runs out of it.
 *
 * @param {Stages} at
 * @returns {Bar[]}
 */
export function bars(at) {
  const last = at.first_heard ?? at.first_sent ?? at.whole_text ?? at.end;
  const length = Math.max(1, last * 1.15);
  const start = -Math.min(-(at.upload ?? 0), length * UPLOAD_SHARE);
  const share = (/** @type {number} */ ms) =>
    Math.min(1, Math.max(0, (ms - start) / (length - start)));
  /** @type {(label: string, from: number, to: number, ms?: number) => Bar} */
  const bar = (label, from, to, ms = to) => ({ label, start: share(from), end: share(to), ms });
  const all = [];
  if (at.upload !== undefined) all.push(bar('Upload', at.upload, 0, -at.upload));
  if (at.begun - at.accepted >= WAIT_MS) all.push(bar('Queue', at.accepted, at.begun));
  for (const [label, end, ...begins] of BARS) {
    const from = begins.map((name) => at[name]).find((ms) => ms !== undefined);
    // An answer that was begun early, before its question's end, may be further than the hearing.
    if (at[end] !== undefined) all.push(bar(label, Math.min(from ?? 0, at[end]), at[end]));
  }
  return all;
}
