"""
A recording -> its words while it is spoken, for engines that take whole recordings only.

What came so far is transcribed at the speaker's pauses and now and then between them. What two of these
hypotheses agree on is shown as stable. At the end only what is missing is transcribed, which after a
pause is nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from ..audio import Activity, Arriving, NotRead, Recording, wav
from ..dialogue import Transcript
from ..engines import SpeechToText, transcribe_early
from ..errors import VoiceChatError
from .agreement import Agreement, end_in, joined
from .calls import Calls, is_pause
from .early_answer import EarlyAnswer
from .kept_sound import KeptSound

log = logging.getLogger("voicechat.turn")

PART_SECONDS = 12.0
"""
How long a part is at least that is heard once and for all, where a pause ends it and two hypotheses agree.

Whisper hears windows of at most 30 s, each by itself; a part of this length has enough around each word.
"""


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    text: str
    """Of the part that is not heard once and for all."""
    until: int
    """Samples of the recording that it covers."""
    is_at_pause: bool


class Hearing:
    """
    Hears one recording, of which *sound* is the reader, with *engine*, in at most *calls* calls.

    `feed` it all bytes as they come; then `finish` or `stop` it, once.
    """

    def __init__(self, sound: Arriving, engine: SpeechToText, calls: int, language: str | None) -> None:
        self.tell: Callable[[Transcript], None] = _nobody
        """Told what is heard so far. May be changed at any time."""
        self.grow: Callable[[int], None] = _nobody
        """Asked for room for so many bytes that are kept of decoded sound; raises where there is none."""
        self.answer: EarlyAnswer | None = None
        """Begun where what is heard may be all; None: it is not to be."""
        self._answered_until = 0
        """How many samples the question covers to which it was begun; 0: to none."""
        self._sound = sound
        self._engine = engine
        self._count = Calls(calls, sound.rate)
        self._language = language
        self._bytes: list[bytes] = []
        """What has come and was not decoded yet."""
        self._activity = Activity(sound.rate)
        self._kept = KeptSound()
        self._agreement = Agreement()
        self._begun = ""
        """The words of what was heard once and for all."""
        self._last: _Hypothesis | None = None
        self._at_pause: _Hypothesis | None = None
        """The last one that was made at a pause."""
        self._under_way: int = 0
        """How many samples the call that runs covers."""
        self._is_ended = False
        self._is_given_up = not calls
        self._task: asyncio.Task[None] | None = None

    @property
    def calls(self) -> int:
        """How often it was transcribed before its end."""
        return self._count.made

    @property
    def busy(self) -> asyncio.Task[None] | None:
        """What is decoded or transcribed just now; None: nothing."""
        return self._task

    # ── While it arrives ──────────────────────────────────────────────────────────────────────

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the recording."""
        if self._is_given_up:
            return
        if self._sound.is_immediate:
            self._look_at(self._sound.feed(data))
        else:
            self._bytes.append(data)
        if self._task is None and (self._bytes or self._is_due()):
            self._task = asyncio.create_task(self._work())
            self._task.add_done_callback(self._done)

    def hush(self) -> None:
        """Tell nobody: who was told is gone, and may come back."""
        self.tell = _nobody

    def ended(self) -> None:
        """All of it has come: tell nobody before it is finished, and take no more room."""
        self.tell = self.grow = _nobody

    def stop(self) -> None:
        """Nobody wants it any more. Safe to call again."""
        if self.answer is not None and not self._is_ended:  # then it is whose question it is
            self.answer.drop()
        self._give_up()
        if self._task is not None:
            self._task.cancel()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._task = None

    def _give_up(self) -> None:
        """Hear nothing more before the end, and keep nothing: the whole is transcribed then."""
        self._is_given_up = True
        self._bytes.clear()
        self._kept.clear()
        self._last = self._at_pause = None
        self._begun = ""

    async def _work(self) -> None:
        try:
            await self._decode()
            while self._is_due() and await self._hear():
                pass
        except (NotRead, VoiceChatError) as exc:
            log.debug("A recording is not heard before its end: %s", exc or type(exc).__name__)
            self._give_up()
        except Exception:
            log.exception("Hearing a recording before its end failed unexpectedly")
            self._give_up()

    async def _decode(self) -> None:
        while self._bytes:
            data = b"".join(self._bytes)
            self._bytes.clear()
            pcm = await asyncio.to_thread(self._sound.feed, data)
            self.grow(len(pcm))
            self._look_at(pcm)

    def _look_at(self, pcm: bytes) -> None:
        self._activity.feed(pcm)
        self._kept.add(pcm)
        self._guess()

    # ── Calls ─────────────────────────────────────────────────────────────────────────────────

    def _is_due(self) -> bool:
        """Whether it is worth a call now."""
        covered = self._last.until if self._last else 0
        return not self._is_ended and self._count.is_due(self._activity, covered)

    async def _hear(self) -> bool:
        """Transcribe what there is; return whether the engine had time for that."""
        activity, rate = self._activity, self._sound.rate
        until, is_at_pause = self._kept.end, is_pause(activity)
        self._under_way = until
        self._count.made += 1
        try:
            recording = Recording(wav(self._kept.all(), rate), "wav")
            text = await transcribe_early(self._engine, recording, self._language)
        finally:
            self._under_way = 0
        if text is None:
            self._count.refused(until)
            return False
        if self._is_given_up:
            return False
        if not self._is_ended:  # then it is decoded already
            await self._decode()
        self._count.done(until, self._kept.end)
        self._take(_Hypothesis(text, until, is_at_pause))
        log.debug("Heard %.1f s of a recording that goes on, in call %d", until / rate, self.calls)
        return True

    def _take(self, heard: _Hypothesis) -> None:
        text, stable = self._agreement.add(joined(self._begun, heard.text))
        self._last = heard
        self._close_part(heard)
        if heard.is_at_pause:
            self._at_pause = self._last
        self._guess()
        if text and not self._is_ended:
            self.tell(Transcript(text, stable, final=False))

    def _guess(self) -> None:
        """Have the answer begun where who spoke pauses and all was heard, and stopped where more is said."""
        if self.answer is None or self._is_ended or self._last is None:
            return
        activity, until = self._activity, self._last.until
        if 0 < self._answered_until < activity.spoke_until:
            self._answered_until = 0
            self.answer.drop()
        if activity.spoke_until > until or not is_pause(activity) or until == self._answered_until:
            return
        self._answered_until = until
        if text := joined(self._begun, self._last.text):
            self.answer.begin(text)

    def _close_part(self, heard: _Hypothesis) -> None:
        """Keep the words up to the last pause for good where *heard* has them too; let go of their sound."""
        part = self._at_pause
        if part is None or part.until - self._kept.start < PART_SECONDS * self._sound.rate:
            return
        if (end := end_in(heard.text, part.text)) is None:
            return
        self._begun = joined(self._begun, heard.text[:end])
        self._last = _Hypothesis(heard.text[end:].strip(), heard.until, heard.is_at_pause)
        self._at_pause = None
        self._kept.cut(part.until)

    # ── At its end ────────────────────────────────────────────────────────────────────────────

    async def finish(self, recording: Recording) -> str:
        """
        Return the words of all of it, which *recording* is.

        Raises:
            As `SpeechToText.transcribe`.
        """
        self._is_ended = True
        self.ended()
        try:
            if (text := await self._heard_early()) is not None:
                return text
            if self._task is not None:
                self._task.cancel()  # what it hears is not all
            if self._begun and not self._is_given_up:
                rest = Recording(wav(self._kept.all(), self._sound.rate), "wav")
                return joined(self._begun, await self._engine.transcribe(rest, self._language))
            return await self._engine.transcribe(recording, self._language)
        finally:
            self.stop()

    async def _heard_early(self) -> str | None:
        """Return the words where nothing was said after what was transcribed; None: something was."""
        if self._task is not None and not self._under_way:
            await asyncio.wait([self._task])  # it decodes
        await self._read_rest()
        if self._task is not None and self._covers(self._under_way):
            await asyncio.wait([self._task])
        if self._is_given_up or self._last is None or not self._covers(self._last.until):
            return None
        return joined(self._begun, self._last.text) or None

    async def _read_rest(self) -> None:
        try:
            await self._decode()
        except NotRead:
            self._give_up()

    def _covers(self, until: int) -> bool:
        """Whether nothing that may be a word came after *until* samples."""
        return until > 0 and self._sound.is_whole and self._activity.sounded_until <= until


def _nobody(_: object) -> None:
    """Where nobody is to be told."""
