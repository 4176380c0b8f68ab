"""A spoken question: sound in pieces, from a file or from a microphone, for either mode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

from ..audio import HEARING_RATE, Container, Recording, decode, identify, wav
from .errors import Failed

PCM = "pcm16/16000"
"""How microphones and WAV files go up in v2: 16 bit little-endian mono samples, `HEARING_RATE` a second."""

FORMATS: dict[Container, str] = {
    "webm": "webm/opus",
    "ogg": "ogg/opus",
    "mp4": "mp4/aac",
    "mp3": "mp3",
    "flac": "flac",
}
"""What v2 calls the containers; of the last two the server knows no name, and looks at the bytes."""

CHUNK_BYTES = 4096
"""Of a file in one message."""

PIECE_MS = 100
"""Of live sound in one message."""

LONGEST_SECONDS = 3600.0
"""Of a file that is decoded here; how long a question may be is the server's to say."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Sound on its way: it can be taken once."""

    format: str
    """`PCM`, or one of `FORMATS`."""
    chunks: AsyncIterable[bytes]
    is_live: bool
    """Whether it comes about while it is taken, so that who asks waits only from its end on."""

    async def whole(self) -> bytes:
        """
        Return all of it as one file, as v1 takes it.

        Raises:
            Failed: If it is empty.
        """
        data = b"".join([chunk async for chunk in self.chunks])
        if not data:
            raise empty()
        return wav(data, HEARING_RATE) if self.format == PCM else data


def empty() -> Failed:
    return Failed("The recording is empty.", "bad_request")


def recorded(data: bytes) -> Spoken:
    """
    Return the recording in the file *data*, as it is; of a WAV its sound. Blocks while that is decoded.

    Raises:
        UnknownFormat, BadAudio, TooLong: If it is no recording.
    """
    recording = Recording(data, identify(data))
    if recording.container != "wav":
        return Spoken(FORMATS[recording.container], _in_chunks(data), is_live=False)
    return Spoken(PCM, _in_chunks(_pcm(recording)), is_live=False)


def as_if_spoken(data: bytes) -> Spoken:
    """
    Return the sound of the file *data* at the pace at which it was spoken. Blocks while it is decoded.

    Raises:
        UnknownFormat, BadAudio, TooLong: If it is no recording.
    """
    return Spoken(PCM, _paced(_pcm(Recording(data, identify(data)))), is_live=True)


def _pcm(recording: Recording) -> bytes:
    return decode(recording, rate=HEARING_RATE, max_seconds=LONGEST_SECONDS)


async def _in_chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), CHUNK_BYTES):
        yield data[start : start + CHUNK_BYTES]


async def _paced(pcm: bytes) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    started = clock()
    step = HEARING_RATE * 2 * PIECE_MS // 1000
    for number, start in enumerate(range(0, len(pcm), step), 1):
        await asyncio.sleep(started + number * PIECE_MS / 1000 - clock())
        yield pcm[start : start + step]
