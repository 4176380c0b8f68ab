"""Voice to voice with the embedded engines: from the last spoken sample to the first audible one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import cycle, islice
from statistics import median

from tests.speech import RATE, SENTENCES, pcm
from voicechat.audio import SPEECH_RATE
from voicechat.client import Moment
from voicechat.compare.audible import heard_at_seconds, quiet_seconds
from voicechat.dialogue import AnswerAudio

from ..listener import END, HEADER, SOUND, Listener
from ..measuring import Size, percentile
from ..servers import Server
from ..visitor import depart
from .embedded import models_loaded
from .hearing import say

ENOUGH_BYTES = SPEECH_RATE * 2
"""Of an answer: a second, in which something is to be heard."""


class Hearer(Listener):
    """Keeps the beginning of an answer's sound, with when it came."""

    def __init__(self) -> None:
        super().__init__()
        self._came: list[Moment] = []
        self._bytes = 0
        self._has_enough = asyncio.Event()

    def hear(self, payload: bytes, now_ns: int) -> None:
        if payload[0] == SOUND:
            data = bytes(payload[HEADER.size :])
            self._came.append(Moment(now_ns / 1e9, AnswerAudio(0, data), 0, 0))
            self._bytes += len(data)
            if self._bytes >= ENOUGH_BYTES:
                self._has_enough.set()
        elif payload[0] == END:
            self._has_enough.set()
        super().hear(payload, now_ns)

    async def voice_to_voice_seconds(self, recording: bytes) -> float:
        """Say *recording* at the pace of speech; return how long it is over when the answer is heard."""
        self._came.clear()
        self._bytes = 0
        self._has_enough.clear()
        await say(self, recording)
        ended = time.monotonic()
        await self.sound_seconds()
        await self._has_enough.wait()
        heard = await asyncio.to_thread(heard_at_seconds, self._came, "pcm16/24000")
        assert heard is not None, "An answer was silent."
        return heard - ended + quiet_seconds(recording, RATE)


async def one(server: Server, size: Size) -> list[float]:
    """
    Ten questions, spoken at the pace of speech: from the last sample of each that is audible to the first
    one of its answer, where each piece is played as soon as it is there.
    """
    return await _voice_to_voice(server, visitors=1, rounds=size(full=len(SENTENCES), quick=4))


async def four(server: Server, size: Size) -> list[float]:
    """The same for four visitors who begin to speak in the same moment."""
    return await _voice_to_voice(server, visitors=4, rounds=size(full=3, quick=1))


async def eight(server: Server, size: Size) -> list[float]:
    """The same for eight."""
    return await _voice_to_voice(server, visitors=8, rounds=size(full=2, quick=1))


async def _voice_to_voice(server: Server, visitors: int, rounds: int) -> list[float]:
    await models_loaded(server)
    present = [await Hearer.connect(server.port) for _ in range(visitors)]
    for visitor in present:
        await visitor.say_hello()
    recordings = cycle([pcm(file) for file in SENTENCES])
    waits: list[float] = []
    for _ in range(rounds):
        asked: Sequence[bytes] = list(islice(recordings, visitors))
        asking = (one.voice_to_voice_seconds(said) for one, said in zip(present, asked, strict=True))
        waits += await asyncio.gather(*asking)
        await asyncio.gather(*(one.stop() for one in present))
    await depart(present)
    return [median(waits), percentile(90, waits)]
