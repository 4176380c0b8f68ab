"""Visitors of mode v2's full profile, who speak and hear."""

from __future__ import annotations

import base64
import json
import os
import struct
import time

from .visitor import Visitor, masked

CHUNK_BYTES = 16_000

HEADER = struct.Struct("!BBHI")
"""Of the frames that have one: type, flags, turn, pos."""

_HELLO, _AUDIO_CHUNK, _AUDIO_END, PLAYED, _CANCEL = 0x10, 0x12, 0x13, 0x14, 0x15
_WELCOME, _TEXT, SOUND, END, _TRANSCRIPT, _FAULT = 0x90, 0x91, 0x92, 0x94, 0x95, 0x96
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
        self.record(recording)
        return await self.sound_seconds()

    def record(self, recording: bytes) -> None:
        """Send all of *recording* but its end."""
        self.begin()
        for pos in range(0, len(recording), CHUNK_BYTES):
            self.add(recording[pos : pos + CHUNK_BYTES])

    def begin(self) -> None:
        """Begin a recording."""
        self._turn += 1
        self._sent_bytes = 0

    def add(self, piece: bytes) -> None:
        self.send(masked(HEADER.pack(_AUDIO_CHUNK, 0, self._turn, self._sent_bytes) + piece))
        self._sent_bytes += len(piece)

    async def transcript_seconds(self) -> float:
        """End the recording; return how long that is past when its final transcript arrives."""
        return await self._seconds_until(_TRANSCRIPT)

    async def first_text_seconds(self) -> float:
        """End the recording; return how long that is past when the first text arrives."""
        return await self._seconds_until(_TEXT)

    async def sound_seconds(self) -> float:
        """End the recording; return how long that is past when the first sound arrives."""
        return await self._seconds_until(SOUND)

    async def end_seconds(self) -> float:
        """End the recording; return how long that is past when the answer is over."""
        return await self._seconds_until(END)

    async def _seconds_until(self, kind: int) -> float:
        began = time.monotonic_ns()
        await self._ask_for(kind, HEADER.pack(_AUDIO_END, 0, self._turn, self._sent_bytes))
        return (self.times_ns[0] - began) / 1e9

    async def stop(self) -> None:
        await self._ask_for(END, HEADER.pack(_CANCEL, _BUTTON, self._turn, 0))

    async def _ask_for(self, kind: int, payload: bytes) -> None:
        self._awaited = kind
        reply = await self.say(payload)
        assert reply[0] == kind, reply
