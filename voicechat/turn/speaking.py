"""Speech beside the text: sentences become sound while the text goes on."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from functools import reduce

from ..engines import Manner
from ..errors import ProviderBusy, TakenOver, VoiceChatError
from ..sentences import Piece, Sentences, Whole
from .chunks import chunks_of
from .out import Out, Wish
from .rooms import Rooms
from .sounding import Sounding
from .waiting import Silence

log = logging.getLogger("voicechat.turn")

TRIES = 3
"""Of one call to a voice that takes no more just now; in each, all goes along that waits by then."""

FIRST_PAUSE_SECONDS = 1.0
"""Before the second try, where the provider names no time; it doubles."""

MOST_CHARS = 4000
"""Of several sentences in one call: what OpenAI's takes (4096), and some room."""

GROWN_CHARS = 200
"""Of several sentences in one call while the voice is well ahead of who listens; some 13 seconds."""

CHARS_PER_SECOND_AHEAD = 50
"""By how many characters a call may be longer for each second of sound that is still to be heard."""


class Speech:
    """The spoken side of one answer. Feed it the text as it comes, then `finish`."""

    def __init__(self, wish: Wish, language: str | None, rooms: Rooms, out: Out, start: int = 0) -> None:
        self._splitter = Whole(start) if wish.whole else Sentences(start)
        self._language = language
        self._engines = rooms.engines
        self._voice = rooms.engines.voice()
        self._paces = rooms.paces
        self._out = out
        self._pieces: deque[Piece] = deque()
        self._more = asyncio.Event()
        self._is_begun = False
        self._is_complete = False
        self._tts_seconds = 0.0
        self._silence = Silence(rooms.engines.silence_seconds)
        self._sounding = Sounding(wish.format, out, self._silence)
        self._is_limited = False
        """Whether the voice has refused a call: the fewer there are now, the better."""
        self._task: asyncio.Task[None] | None = asyncio.create_task(self._run())

    def feed(self, text: str) -> None:
        self._add(self._splitter.feed(text))

    async def finish(self) -> None:
        """Say what is left, and return when all was put out or nobody wants it any more."""
        self._add(self._splitter.flush())
        self._is_complete = True
        self._more.set()
        if self._task is not None:
            await self._task

    async def stop(self) -> None:
        """Leave the rest unsaid and let go of the engine. Safe to call at any time, again too."""
        if (task := self._task) is not None:
            task.cancel()
            await asyncio.wait([task])
            # A cancelled task holds the frames that it went through, and those hold the answer.
            self._task = None

    def _add(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            if not self._is_begun:
                self._is_begun = True
                self._out.reached("first_clause")
            self._pieces.append(piece)
        self._more.set()

    async def _run(self) -> None:
        try:
            await self._engines.ready("tts")
            async for piece in self._complete_pieces():
                await self._say_when_it_can(piece)
        except VoiceChatError as exc:
            self._out.speech_failed(exc)
        except Exception:
            log.exception("Speech failed unexpectedly")
            self._out.speech_failed(VoiceChatError("The answer could not be spoken."))

    async def _complete_pieces(self) -> AsyncIterator[Piece]:
        while True:
            while self._pieces:
                yield self._pieces.popleft()
            if self._is_complete:
                return
            self._more.clear()
            await self._more.wait()

    async def _say_when_it_can(self, piece: Piece) -> None:
        """
        Say *piece*, as soon as there is room for it and the voice takes it.

        Providers limit calls, not text: where one refuses a call, what has come meanwhile goes along
        in the next one.
        """
        parts = [piece]
        for number in range(1, TRIES + 1):
            if not await self._out.room_for_sound():
                # Only this piece: a page that is muted may want to hear the next one.
                self._out.speech_left_unsaid()
                return
            _gather(parts, self._pieces, self._most_chars)
            made_ms = self._out.made_ms
            try:
                await self._say(parts)
                return
            except ProviderBusy as exc:
                pause = _pause_seconds(number, exc)
                if number == TRIES or self._out.made_ms > made_ms or not self._silence.holds(pause):
                    raise
            self._is_limited = True
            log.info("The voice takes no more just now, try %d follows in %.1f s", number + 1, pause)
            await self._silence.of(asyncio.sleep(pause))

    @property
    def _most_chars(self) -> int:
        """Of what waits together in one call: the next sound must be there when the last one is over."""
        if self._is_limited:
            return MOST_CHARS
        return min(GROWN_CHARS, self._out.ahead_ms * CHARS_PER_SECOND_AHEAD // 1000)

    async def _say(self, parts: list[Piece]) -> None:
        """Say *parts* in one go; where the voice breaks off the next one says what is not whole."""
        while True:
            made_ms = self._out.made_ms
            try:
                await self._say_as_one(reduce(Piece.joined, parts))
                return
            except TakenOver:
                if self._out.made_ms > made_ms:
                    parts = self._taken_back(parts)

    def _taken_back(self, parts: list[Piece]) -> list[Piece]:
        """Take back what of the sound of *parts* can be; return those that are to be said again."""
        made_ms = self._out.made_ms
        start = self._out.take_back([part.start for part in parts])
        self._silence.taken_back(made_ms - self._out.made_ms)
        return [part for part in parts if part.start >= start]

    async def _say_as_one(self, piece: Piece) -> None:
        started = time.monotonic()
        made_ms = self._out.made_ms
        voice, text = self._voice, piece.spoken.text
        assert voice is not None
        manner = Manner(self._language, self._out.speed)
        pace = self._paces.of(voice.info, manner.language)
        async with aclosing(chunks_of(voice, text, manner, self._silence)) as chunks:
            await self._sounding.put_out(piece, chunks, started, pace.ms_of(text, manner.speed))
        # Another voice may have said it.
        pace = self._paces.of(voice.info, manner.language)
        pace.learn(text, (self._out.made_ms - made_ms) * manner.speed)
        self._tts_seconds += time.monotonic() - started
        self._out.timed("tts", self._tts_seconds * 1000)


class Unspoken:
    """The spoken side of an answer that is not spoken."""

    def feed(self, text: str) -> None:
        pass

    async def finish(self) -> None:
        pass


@asynccontextmanager
async def speaking(
    wish: Wish | None, language: str | None, rooms: Rooms, out: Out
) -> AsyncIterator[Speech | Unspoken]:
    """Speak beside the body of the `with`; leaving it early stops the voice."""
    if wish is None or rooms.engines.tts is None:
        yield Unspoken()
        return
    speech = Speech(wish, language, rooms, out)
    try:
        yield speech
    finally:
        await speech.stop()


async def speak(text: str, start: int, wish: Wish, language: str | None, rooms: Rooms, out: Out) -> None:
    """Speak *text*, which stands *start* bytes into a stored answer, into *out*."""
    if rooms.engines.tts is None:
        return
    speech = Speech(wish, language or rooms.config.language, rooms, out, start)
    try:
        speech.feed(text)
        await speech.finish()
    finally:
        await speech.stop()


def _gather(parts: list[Piece], waiting: deque[Piece], most_chars: int) -> None:
    """Add as many of *waiting* to *parts* as *most_chars* of them take; they wait no longer."""
    chars = sum(len(part.spoken.text) + 1 for part in parts)
    while waiting and chars + len(waiting[0].spoken.text) <= most_chars:
        chars += len(waiting[0].spoken.text) + 1
        parts.append(waiting.popleft())


def _pause_seconds(number: int, busy: ProviderBusy) -> float:
    """Return how long to wait after try *number*; no two answers that were refused together alike."""
    asked = busy.retry_after_seconds
    seconds = FIRST_PAUSE_SECONDS * 2.0 ** (number - 1) if asked is None else asked
    return seconds + 0.1 * max(seconds, 1.0) * random.random()
