"""The sound of one piece after the other, put out with the marks that say what it is about."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from ..audio import SPEECH_BYTES_PER_MS, mp3
from ..dialogue import Phase
from ..errors import TakenOver
from ..sentences import Piece
from .chunks import Chunk, taking, whole_ms
from .marking import Marker
from .out import Out, SoundFormat
from .waiting import Silence


class Sounding:
    """Puts sound of *format* into *out*, and tells *silence* of it."""

    def __init__(self, format: SoundFormat, out: Out, silence: Silence) -> None:
        self._format = format
        self._out = out
        self._silence = silence

    async def put_out(
        self, piece: Piece, chunks: AsyncGenerator[Chunk, None], started: float, likely_ms: int
    ) -> None:
        """
        Put out *chunks*, which say *piece* and will take *likely_ms*; they were asked for at *started*.

        Raises:
            VoiceChatError: As *chunks*; of PCM what came before is put out.
        """
        if self._format == "mp3":
            await self._put_out_mp3(piece, chunks, started)
        else:
            await self._put_out_pcm(piece, whole_ms(chunks), started, likely_ms)

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
        Put out the sound as it comes.

        The mark stands before its sound: it tells the length where the first chunk is all there is, and
        else, as where that is not known at once, estimates it. Somebody waits for the first chunk.
        """
        async with aclosing(chunks):
            first = await anext(chunks, None)
            if first is None:
                return
            self._begin(started)
            async with taking(chunks) as second:
                if second.done() and isinstance(second.exception(), TakenOver):
                    await second  # it is all said again: what is not put out is not heard twice
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
