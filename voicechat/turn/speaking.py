"""Speech beside the text: sentences become sound while the text goes on."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager

from ..audio import SPEECH_BYTES_PER_MS, mp3
from ..dialogue import Phase
from ..engines import Manner
from ..errors import ProviderBusy, VoiceChatError
from ..sentences import Piece, Sentences, Whole
from .chunks import Chunk, chunks_of, taking, whole_ms
from .marking import Marker
from .out import Out, SoundFormat, Wish
from .rooms import Rooms
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
        self._format: SoundFormat = wish.format
        self._splitter = Whole(start) if wish.whole else Sentences(start)
        self._language = language
        self._engines = rooms.engines
        self._paces = rooms.paces
        self._out = out
        self._pieces: deque[Piece] = deque()
        self._more = asyncio.Event()
        self._is_begun = False
        self._is_complete = False
        self._tts_seconds = 0.0
        self._silence = Silence(rooms.engines.silence_seconds)
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
        for number in range(1, TRIES + 1):
            if not await self._out.room_for_sound():
                # Only this piece: a page that is muted may want to hear the next one.
                self._out.speech_left_unsaid()
                return
            piece = _joined(piece, self._pieces, self._most_chars)
            made_ms = self._out.made_ms
            try:
                await self._say(piece)
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

    async def _say(self, piece: Piece) -> None:
        started = time.monotonic()
        made_ms = self._out.made_ms
        voice, text = self._engines.tts, piece.spoken.text
        assert voice is not None
        manner = Manner(self._language, self._out.speed)
        pace = self._paces.of(voice.info, manner.language)
        async with aclosing(chunks_of(voice, text, manner, self._silence)) as chunks:
            if self._format == "mp3":
                await self._put_out_mp3(piece, chunks, started)
            else:
                await self._put_out_pcm(piece, whole_ms(chunks), started, pace.ms_of(text, manner.speed))
        pace.learn(text, (self._out.made_ms - made_ms) * manner.speed)
        self._tts_seconds += time.monotonic() - started
        self._out.timed("tts", self._tts_seconds * 1000)

    async def _put_out_mp3(self, piece: Piece, chunks: AsyncIterator[Chunk], started: float) -> None:
        parts = [chunk async for chunk in chunks]
        pcm = b"".join(chunk.pcm for chunk in parts)
        if pcm:
            encoded = await asyncio.to_thread(mp3, pcm)
            ms = len(pcm) // SPEECH_BYTES_PER_MS
            words = [word for chunk in parts for word in chunk.words]
            self._begin(started)
            Marker(piece, self._out).begin(ms, words, estimated=False)
            self._put_out(encoded, ms)
            self._out.span_spoken()

    async def _put_out_pcm(
        self, piece: Piece, chunks: AsyncGenerator[Chunk, None], started: float, likely_ms: int
    ) -> None:
        """
        Put out the sound as it comes, which will take *likely_ms*.

        The mark stands before its sound: it tells the length where the first chunk is all there is, and
        else, as where that is not known at once, estimates it. Somebody waits for the first chunk.
        """
        async with aclosing(chunks):
            first = await anext(chunks, None)
            if first is None:
                return
            self._begin(started)
            async with taking(chunks) as second:
                is_all = second.done() and not second.exception() and second.result() is None
                ms = first.ms if is_all else max(first.ms, likely_ms)
                marker = Marker(piece, self._out)
                marker.begin(ms, first.words, estimated=not is_all)
                self._put_out(first.pcm, first.ms)
                chunk = await second
            while chunk is not None:
                if chunk.words:
                    marker.words(chunk.words)
                self._put_out(chunk.pcm, chunk.ms)
                chunk = await anext(chunks, None)
            self._out.span_spoken()

    def _put_out(self, data: bytes, ms: int) -> None:
        self._out.audio(data, ms)
        self._silence.broken(ms)

    def _begin(self, started: float) -> None:
        """The first sound of a piece is there, which was begun at *started*."""
        if self._out.made_ms == 0:
            self._out.timed("first_sound", (time.monotonic() - started) * 1000)
            self._out.phase(Phase.SPEAKING)


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


def _joined(piece: Piece, waiting: deque[Piece], most_chars: int) -> Piece:
    """Return *piece* with as many of *waiting* behind it as *most_chars* take; they wait no longer."""
    while waiting and len(piece.spoken.text) + 1 + len(waiting[0].spoken.text) <= most_chars:
        piece = piece.joined(waiting.popleft())
    return piece


def _pause_seconds(number: int, busy: ProviderBusy) -> float:
    """Return how long to wait after try *number*; no two answers that were refused together alike."""
    asked = busy.retry_after_seconds
    seconds = FIRST_PAUSE_SECONDS * 2.0 ** (number - 1) if asked is None else asked
    return seconds + 0.1 * max(seconds, 1.0) * random.random()
