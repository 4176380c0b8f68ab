"""One spoken text while it arrives, in whatever format the server thinks it was asked for."""

from __future__ import annotations

import asyncio
from typing import Literal

import aiohttp
import orjson

from ...audio import SPEECH_RATE, Container, Recording, decode, identify
from ...errors import RequestError, UnknownFormat
from .body import Body, read
from .refusals import Refusal, Unusable

Format = Literal["pcm", "wav", "mp3"]

MAX_SECONDS = 1_200
"""Sound of one request: 4,096 characters, at a quarter of the pace, take about as long."""

_MAX_PCM_BYTES = MAX_SECONDS * SPEECH_RATE * 2
_MAX_FILE_BYTES = 32 << 20
_HEAD_BYTES = 12
"""What `identify` looks at."""


class Sound:
    """The caller closes it; after `begin` the first PCM is there."""

    def __init__(self, response: aiohttp.ClientResponse, asked: Format, left_seconds: float) -> None:
        """*left_seconds* bounds the waiting for the server, not the time in which nobody asks for more."""
        self.first = b""
        self._response = response
        self._asked = asked
        self._body = Body(response)
        self._left_seconds = left_seconds
        self._loop = asyncio.get_running_loop()
        self._odd = b""
        """Half a sample that the network cut off."""
        self._bytes = 0
        self._is_decoded = False

    async def begin(self) -> None:
        """
        Wait for the first PCM.

        Raises:
            Refusal, Unusable, TimeoutError, aiohttp.ClientError: There is no sound.
        """
        kind = self._response.content_type
        if kind == "application/json" or kind.startswith("text/"):
            async with asyncio.timeout(self._left_seconds):
                raise _no_sound(await read(self._response))
        head = b""
        while len(head) < _HEAD_BYTES and (data := await self._receive()):
            head += data
        if container := _container(head, kind, self._asked):
            self.first = await self._decoded(container, head)
        elif self._asked == "pcm":
            self.first = self._whole_samples(head)
        if not self.first:
            raise Unusable(f"no {self._asked}: {kind}, beginning with {head[:16]!r}")

    async def more(self) -> bytes:
        """
        Return the next PCM, whole samples; nothing: that was all.

        Raises:
            Unusable, TimeoutError, aiohttp.ClientError: What was given out so far is good.
        """
        if self._is_decoded:
            return b""
        pcm = b""
        while not pcm and (data := await self._receive()):
            pcm = self._whole_samples(data)
        return pcm

    def _whole_samples(self, data: bytes) -> bytes:
        data = self._odd + data
        whole = len(data) & ~1
        self._odd = data[whole:]
        self._bytes += whole
        if self._bytes > _MAX_PCM_BYTES:
            raise Unusable(f"more than {MAX_SECONDS} seconds of sound")
        return data[:whole]

    def close(self) -> None:
        """End the work upstream; a connection whose answer was read to its end is kept."""
        self._body.close()
        self._response.close()

    async def _receive(self) -> bytes:
        started = self._loop.time()
        data = await self._body.more(started + self._left_seconds)
        self._left_seconds -= self._loop.time() - started
        return data

    async def _decoded(self, container: Container, head: bytes) -> bytes:
        """Return all of a file as PCM: its decoder can't begin before the end is there."""
        pieces = [head]
        size = len(head)
        while data := await self._receive():
            pieces.append(data)
            size += len(data)
            if size > _MAX_FILE_BYTES:
                raise Unusable(f"a sound file of more than {_MAX_FILE_BYTES} bytes")
        self._is_decoded = True
        recording = Recording(b"".join(pieces), container)
        try:
            return await asyncio.to_thread(_pcm, recording)
        except RequestError as exc:  # the visitor has no part in it
            raise Unusable(f"a broken {container} file: {exc}") from exc


def _pcm(recording: Recording) -> bytes:
    return decode(recording, rate=SPEECH_RATE, max_seconds=MAX_SECONDS)


def _container(head: bytes, kind: str, asked: Format) -> Container | None:
    """Tell a sound file by its first bytes; None: raw PCM, or nothing known."""
    try:
        container = identify(head)
    except UnknownFormat:
        return None
    # An MP3 without a tag begins with a frame, whose first bits a quiet piece of PCM may have too.
    is_frame_alone = container == "mp3" and not head.startswith(b"ID3")
    if is_frame_alone and asked == "pcm" and kind not in ("audio/mpeg", "audio/mp3"):
        return None
    return container


def _no_sound(body: bytes) -> Refusal | Unusable:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = None
    if isinstance(content, dict) and (error := content.get("error")):
        return Refusal.in_stream(error)
    return Unusable(f"no sound: {body[:200]!r}")
