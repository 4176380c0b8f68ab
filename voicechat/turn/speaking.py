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
from ..dialogue import Mark, Phase, Span
from ..engines import Engines
from ..errors import ProviderBusy, VoiceChatError
from ..sentences import Piece, Sentences, Whole
from .out import Out, SoundFormat, Wish
from .waiting import Silence

log = logging.getLogger("voicechat.turn")

GUESSED_MS_PER_BYTE = 60
"""How long a byte of text sounds, for marks sent before their sound is complete: some 15 letters a second."""

TRIES = 3
"""Of one call to a voice that takes no more just now; in each, all goes along that waits by then."""

FIRST_PAUSE_SECONDS = 1.0
"""Before the second try, where the provider names no time; it doubles."""

MOST_CHARS = 4000
"""Of several sentences in one call: what OpenAI's takes (4096), and some room."""


class Speech:
    """The spoken side of one answer. Feed it the text as it comes, then `finish`."""

    def __init__(self, wish: Wish, language: str | None, engines: Engines, out: Out, start: int = 0) -> None:
        self._format: SoundFormat = wish.format
        self._splitter = Whole(start) if wish.whole else Sentences(start)
        self._language = language
        self._engines = engines
        self._out = out
        self._pieces: deque[Piece] = deque()
        self._more = asyncio.Event()
        self._is_complete = False
        self._tts_seconds = 0.0
        self._silence = Silence(engines.silence_seconds)
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
        self._pieces.extend(pieces)
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
            if self._is_limited:
                piece = _joined(piece, self._pieces)
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

    async def _chunks(self, text: str) -> AsyncGenerator[bytes, None]:
        """Yield *text* as PCM; waiting for it has its end."""
        assert self._engines.tts is not None
        async with aclosing(self._engines.tts.speak(text, self._language)) as chunks:
            while (chunk := await self._silence.of(anext(chunks, None))) is not None:
                yield chunk

    async def _say(self, piece: Piece) -> None:
        started = time.monotonic()
        async with aclosing(self._chunks(piece.text)) as chunks:
            if self._format == "mp3":
                pcm = b"".join([chunk async for chunk in chunks])
                self._time_first_sound(started)
                await self._put_out_mp3(piece, pcm)
            else:
                await self._put_out_pcm(piece, _whole_ms(chunks), started)
        self._tts_seconds += time.monotonic() - started
        self._out.timed("tts", self._tts_seconds * 1000)

    async def _put_out_mp3(self, piece: Piece, pcm: bytes) -> None:
        if pcm:
            encoded = await asyncio.to_thread(mp3, pcm)
            ms = len(pcm) // SPEECH_BYTES_PER_MS
            self._mark(piece, ms, estimated=False)
            self._put_out(encoded, ms)
            self._out.span_spoken()

    async def _put_out_pcm(self, piece: Piece, chunks: AsyncGenerator[bytes, None], started: float) -> None:
        """
        Put out the sound as it comes.

        The first chunk waits for the second one or the end: then it is known whether the mark,
        which must stand before its sound, can tell the length or has to estimate it.
        """
        async with aclosing(chunks):
            first = await anext(chunks, b"")
            if not first:
                return
            self._time_first_sound(started)
            failure: VoiceChatError | None = None
            try:
                second = await anext(chunks, b"")
            except VoiceChatError as exc:  # what is there can be heard all the same
                second, failure = b"", exc
            is_guessed = bool(second or failure)
            ms = len(first) // SPEECH_BYTES_PER_MS
            guessed_ms = max(ms, (piece.end - piece.start) * GUESSED_MS_PER_BYTE)
            self._mark(piece, guessed_ms if is_guessed else ms, estimated=is_guessed)
            for chunk in filter(None, (first, second)):
                self._put_out(chunk, len(chunk) // SPEECH_BYTES_PER_MS)
            if failure is not None:
                raise failure
            async for chunk in chunks:
                self._put_out(chunk, len(chunk) // SPEECH_BYTES_PER_MS)
            self._out.span_spoken()

    def _put_out(self, data: bytes, ms: int) -> None:
        self._out.audio(data, ms)
        self._silence.broken(ms)

    def _time_first_sound(self, started: float) -> None:
        if self._out.made_ms == 0:
            self._out.timed("first_sound", (time.monotonic() - started) * 1000)

    def _mark(self, piece: Piece, ms: int, *, estimated: bool) -> None:
        start = self._out.made_ms
        if start == 0:
            self._out.phase(Phase.SPEAKING)
        self._out.mark(Mark((Span(piece.start, piece.end, start, start + ms),), estimated=estimated))


class Unspoken:
    """The spoken side of an answer that is not spoken."""

    def feed(self, text: str) -> None:
        pass

    async def finish(self) -> None:
        pass


@asynccontextmanager
async def speaking(
    wish: Wish | None, language: str | None, engines: Engines, out: Out
) -> AsyncIterator[Speech | Unspoken]:
    """Speak beside the body of the `with`; leaving it early stops the voice."""
    if wish is None or engines.tts is None:
        yield Unspoken()
        return
    speech = Speech(wish, language, engines, out)
    try:
        yield speech
    finally:
        await speech.stop()


async def speak(text: str, start: int, wish: Wish, language: str | None, engines: Engines, out: Out) -> None:
    """Speak *text*, which stands *start* bytes into a stored answer, into *out*."""
    if engines.tts is None:
        return
    speech = Speech(wish, language, engines, out, start)
    try:
        speech.feed(text)
        await speech.finish()
    finally:
        await speech.stop()


async def _whole_ms(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Yield PCM in pieces of whole milliseconds, filled up with silence at the end."""
    rest = b""
    async for chunk in chunks:
        pcm = rest + chunk
        whole = len(pcm) // SPEECH_BYTES_PER_MS * SPEECH_BYTES_PER_MS
        rest = pcm[whole:]
        if whole:
            yield pcm[:whole]
    if rest:
        yield rest.ljust(SPEECH_BYTES_PER_MS, b"\0")


def _joined(piece: Piece, waiting: deque[Piece]) -> Piece:
    """Return *piece* with as many of *waiting* behind it as one call takes; they wait no longer."""
    while waiting and len(piece.text) + 1 + len(waiting[0].text) <= MOST_CHARS:
        following = waiting.popleft()
        piece = Piece(f"{piece.text} {following.text}", piece.start, following.end)
    return piece


def _pause_seconds(number: int, busy: ProviderBusy) -> float:
    """Return how long to wait after try *number*; no two answers that were refused together alike."""
    asked = busy.retry_after_seconds
    seconds = FIRST_PAUSE_SECONDS * 2.0 ** (number - 1) if asked is None else asked
    return seconds + 0.1 * max(seconds, 1.0) * random.random()
