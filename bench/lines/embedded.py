"""The embedded engines: how long a visitor waits for the voice, and how many may ask at once."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import os
import struct
import time
from collections.abc import Sequence
from itertools import cycle, islice
from statistics import median

from tests.speech import SENTENCES, pcm

from ..measuring import Size
from ..servers import Server
from ..visitor import Visitor, depart, masked

CHUNK_BYTES = 16_000
MOST_VISITORS = 16

_HEADER = struct.Struct("!BBHI")
_HELLO, _AUDIO_CHUNK, _AUDIO_END, _CANCEL = 0x10, 0x12, 0x13, 0x15
_WELCOME, _SOUND, _END, _TRANSCRIPT, _FAULT = 0x90, 0x92, 0x94, 0x95, 0x96
_FINAL = 1
_BUTTON = 2


class Listener(Visitor):
    """A visitor of the full profile, who speaks and hears."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = 0
        self._sent_bytes = 0
        self._awaited = _WELCOME

    def hear(self, payload: bytes, now_ns: int) -> None:
        is_partial = payload[0] == _TRANSCRIPT and not payload[1] & _FINAL
        if payload[0] in (self._awaited, _FAULT) and not is_partial and not self._reply.done():
            self.times_ns.append(now_ns)
            self._reply.set_result(payload)

    async def say_hello(self, *, captions: bool = False) -> None:
        tab = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
        formats = {"audio_in": ["pcm16/16000"], "audio_out": ["pcm16/24000"]}
        hello = {"v": 1, "tab": tab, "captions": captions, **formats}
        await self._ask_for(_WELCOME, bytes((_HELLO,)) + json.dumps(hello).encode())

    async def first_sound_seconds(self, recording: bytes) -> float:
        """Ask with *recording*; return how long its end is past when the first sound arrives."""
        self.begin()
        for pos in range(0, len(recording), CHUNK_BYTES):
            self.add(recording[pos : pos + CHUNK_BYTES])
        return await self._seconds_until(_SOUND)

    def begin(self) -> None:
        """Begin a recording."""
        self._turn += 1
        self._sent_bytes = 0

    def add(self, piece: bytes) -> None:
        self.send(masked(_HEADER.pack(_AUDIO_CHUNK, 0, self._turn, self._sent_bytes) + piece))
        self._sent_bytes += len(piece)

    async def transcript_seconds(self) -> float:
        """End the recording; return how long that is past when its final transcript arrives."""
        return await self._seconds_until(_TRANSCRIPT)

    async def _seconds_until(self, kind: int) -> float:
        began = time.monotonic_ns()
        await self._ask_for(kind, _HEADER.pack(_AUDIO_END, 0, self._turn, self._sent_bytes))
        return (self.times_ns[0] - began) / 1e9

    async def stop(self) -> None:
        await self._ask_for(_END, _HEADER.pack(_CANCEL, _BUTTON, self._turn, 0))

    async def _ask_for(self, kind: int, payload: bytes) -> None:
        self._awaited = kind
        reply = await self.say(payload)
        assert reply[0] == kind, reply


async def alone(server: Server, size: Size) -> list[float]:
    """From the end of a spoken question to the first sound of its answer, for a visitor who is alone."""
    await models_loaded(server)
    return [await _wait(server, visitors=1, rounds=size(full=10, quick=4))]


async def crowd(server: Server, size: Size) -> list[float]:
    """
    How many visitors may end a spoken question in the same moment, with both cores for the server,
    until half of them wait more than twice as long as one alone.
    """
    await models_loaded(server)
    twice = 2 * await _wait(server, visitors=1, rounds=len(SENTENCES))
    for visitors in range(2, MOST_VISITORS):
        if await _wait(server, visitors, rounds=3) > twice:
            return [visitors - 1]
    return [MOST_VISITORS]


async def models_loaded(server: Server) -> None:
    """Return when the server's engines are ready."""
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", "/api/config")
        if not json.load(connection.getresponse())["warming"]:
            return
        connection.close()
        await asyncio.sleep(0.1)


async def _wait(server: Server, visitors: int, rounds: int) -> float:
    """Return the median of how long *visitors* wait who ask at once, each round with other questions."""
    present = [await Listener.connect(server.port) for _ in range(visitors)]
    await asyncio.gather(*(one.say_hello() for one in present))
    recordings = cycle([pcm(file) for file in SENTENCES])
    waits: list[float] = []
    for _ in range(rounds):
        asked: Sequence[bytes] = list(islice(recordings, visitors))
        waits += await asyncio.gather(
            *(one.first_sound_seconds(said) for one, said in zip(present, asked, strict=True))
        )
        await asyncio.gather(*(one.stop() for one in present))
    await depart(present)
    return median(waits)
