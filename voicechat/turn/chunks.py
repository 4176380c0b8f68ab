"""What a voice says of one text, as it comes: sound, and the words that begin in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from ..audio import SPEECH_BYTES_PER_MS
from ..engines import Manner, TextToSpeech, TimedWord
from .waiting import Silence

PASSES = 2
"""Of the event loop, some microseconds each."""


@dataclass(frozen=True, slots=True)
class Chunk:
    pcm: bytes
    words: tuple[TimedWord, ...]
    """Those that begin in it, where the engine knows."""

    @property
    def ms(self) -> int:
        return len(self.pcm) // SPEECH_BYTES_PER_MS


async def chunks_of(
    voice: TextToSpeech, text: str, manner: Manner, silence: Silence
) -> AsyncGenerator[Chunk, None]:
    """Yield *text* as *voice* speaks it; waiting for it has its end in *silence*."""
    words: tuple[TimedWord, ...] = ()
    async with aclosing(voice.speak(text, manner)) as speech:
        while (part := await silence.of(anext(speech, None))) is not None:
            if isinstance(part, bytes):
                yield Chunk(part, words)
                words = ()
            else:
                words += part


async def whole_ms(chunks: AsyncIterator[Chunk]) -> AsyncGenerator[Chunk, None]:
    """Yield PCM in pieces of whole milliseconds, filled up with silence at the end."""
    rest = b""
    words: tuple[TimedWord, ...] = ()
    async for chunk in chunks:
        pcm = rest + chunk.pcm
        words += chunk.words
        whole = len(pcm) // SPEECH_BYTES_PER_MS * SPEECH_BYTES_PER_MS
        rest = pcm[whole:]
        if whole:
            yield Chunk(pcm[:whole], words)
            words = ()
    if rest:
        yield Chunk(rest.ljust(SPEECH_BYTES_PER_MS, b"\0"), words)


@asynccontextmanager
async def taking(chunks: AsyncIterator[Chunk]) -> AsyncIterator[asyncio.Future[Chunk | None]]:
    """
    Take the next of *chunks* beside the body of the `with`; None: there is none.

    Where that is known without waiting for anything, it is done when the body begins.
    """
    upcoming = asyncio.ensure_future(anext(chunks, None))
    try:
        # It begins with the first, and a voice that has said all knows it then.
        for _ in range(PASSES):
            await asyncio.sleep(0)
        yield upcoming
    finally:
        # The chunks can't be closed while one of them is being taken.
        upcoming.cancel()
        await asyncio.gather(upcoming, return_exceptions=True)
