"""The embedded engines: how long a visitor waits for the voice, and how many may ask at once."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Sequence
from itertools import cycle, islice
from statistics import median

from tests.speech import SENTENCES, pcm

from ..listener import Listener
from ..measuring import Size
from ..servers import Server
from ..visitor import depart

MOST_VISITORS = 16


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
