"""What a voice says of one text, as it comes: sound, and the words that begin in it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from ..audio import SPEECH_BYTES_PER_MS
from ..engines import Manner, TextToSpeech, TimedWord
from .waiting import Silence


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


async def after(first: Chunk, others: AsyncIterator[Chunk]) -> AsyncIterator[Chunk]:
    yield first
    async for chunk in others:
        yield chunk
