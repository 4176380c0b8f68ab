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

from ..audio import Activity, Arriving, NotRead, Recording, wav
from ..dialogue import Transcript
from ..engines import SpeechToText, transcribe_early
from ..errors import VoiceChatError
from .agreement import joined
from .calls import Calls, is_pause
from .early_answer import EarlyAnswer
from .hypotheses import Hypotheses
from .kept_sound import KeptSound

log = logging.getLogger("voicechat.turn")


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
        self._sound = sound
        self._engine = engine
        self._count = Calls(calls, sound.rate)
        self._language = language
        self._bytes: list[bytes] = []
        """What has come and was not decoded yet."""
        self._activity = Activity(sound.rate)
        self._kept = KeptSound()
        self._hypotheses = Hypotheses(self._kept, sound.rate)
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
        self._hypotheses.clear()

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
        self._look_for_its_end()

    # ── Calls ─────────────────────────────────────────────────────────────────────────────────

    def _is_due(self) -> bool:
        """Whether it is worth a call now."""
        return not self._is_ended and self._count.is_due(self._activity, self._hypotheses.until)

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
        shown, stable = self._hypotheses.take(text, until, is_at_pause=is_at_pause)
        self._look_for_its_end()
        if shown and not self._is_ended:
            self.tell(Transcript(shown, stable, final=False))
        log.debug("Heard %.1f s of a recording that goes on, in call %d", until / rate, self.calls)
        return True

    def _look_for_its_end(self) -> None:
        if self.answer is not None and not self._is_ended and self._hypotheses.until:
            self.answer.look(self._activity, self._hypotheses.text, self._hypotheses.until)

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
            if (closed := self._hypotheses.closed) and not self._is_given_up:
                rest = Recording(wav(self._kept.all(), self._sound.rate), "wav")
                return joined(closed, await self._engine.transcribe(rest, self._language))
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
        if self._is_given_up or not self._covers(self._hypotheses.until):
            return None
        return self._hypotheses.text or None

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
