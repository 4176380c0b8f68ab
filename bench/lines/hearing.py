"""Spoken at the pace of speech: how long after its end the transcript is there."""

from __future__ import annotations

import asyncio
import time
from random import Random
from statistics import median

from tests.speech import RATE, SENTENCES, pcm

from ..listener import Listener
from ..measuring import Size
from ..servers import Server
from ..visitor import depart
from .embedded import models_loaded

PIECE_SECONDS = 0.1
PIECE_BYTES = round(PIECE_SECONDS * RATE) * 2
"""As the widget's microphone gives it."""

LEAST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 0.3, 0.5
"""Between the last word and the press on the button."""


async def residual(server: Server, size: Size) -> list[float]:
    """
    From the end marker of a spoken question to its final transcript: it is sent while it is spoken, and
    ended 300 to 500 ms after the last word. The other side is the same server, which transcribes at the end.
    """
    await models_loaded(server)
    rng = Random(1)
    visitor = await Listener.connect(server.port)
    await visitor.say_hello(captions=True)
    waits = []
    for file in list(SENTENCES)[: size(full=10, quick=4)]:
        pause = rng.uniform(LEAST_PAUSE_SECONDS, MOST_PAUSE_SECONDS)
        await say(visitor, pcm(file) + bytes(2 * round(pause * RATE)))
        waits.append(await visitor.transcript_seconds())
        await visitor.stop()
    await depart([visitor])
    return [median(waits), max(waits)]


async def answered(server: Server, size: Size) -> list[float]:
    """
    From the end marker to the first text, where hearing takes 100 ms and the first token 400, and the
    recording is ended 600 to 800 ms after the last word. The other side does not begin answers early.
    """
    rng = Random(1)
    visitor = await Listener.connect(server.port)
    await visitor.say_hello(captions=True)
    waits = []
    for file in list(SENTENCES)[: size(full=10, quick=4)]:
        await say(visitor, pcm(file) + bytes(2 * round(rng.uniform(0.6, 0.8) * RATE)))
        waits.append(await visitor.first_text_seconds())
        await visitor.stop()
    await depart([visitor])
    return [median(waits)]


async def say(visitor: Listener, recording: bytes) -> None:
    """Send *recording* at the pace at which it is spoken."""
    began = time.monotonic()
    visitor.begin()
    for number, start in enumerate(range(0, len(recording), PIECE_BYTES), 1):
        await asyncio.sleep(began + number * PIECE_SECONDS - time.monotonic())
        visitor.add(recording[start : start + PIECE_BYTES])
