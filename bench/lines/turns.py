"""One spoken turn: from the recording's end marker to the first text of the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from itertools import chain, count
from random import Random
from statistics import median

from tests.speech import RATE, pcm
from tests.speech.encoding import recorded_by_chromium

from ..measuring import Size
from ..provider import SPOKEN_TOKENS, script
from ..servers import Server
from ..visitor import Visitor, arrive, depart, masked

CHUNK_BYTES = 4_000
END_MARKER = b"\x04"

_runs = count()


async def one(server: Server, size: Size) -> list[float]:
    """
    A spoken question of two seconds in WebM, sent before: from its end marker over hearing and
    thinking to the answer's first text. The engines answer at once, so all of it is the server's.
    """
    return await _p50(server, visitors=1, rounds=size(full=100, quick=30), turn=_spoken_ms)


async def hundred(server: Server, size: Size) -> list[float]:
    """The same for a hundred visitors who end their recordings in the same moment."""
    return await _p50(server, visitors=100, rounds=size(full=10, quick=3), turn=_spoken_ms)


async def one_typed(server: Server, size: Size) -> list[float]:
    """From a typed question to the answer's first text."""
    return await _p50(server, visitors=1, rounds=size(full=200, quick=50), turn=_typed_ms)


async def hundred_typed(server: Server, size: Size) -> list[float]:
    """The same for a hundred visitors who ask in the same moment."""
    return await _p50(server, visitors=100, rounds=size(full=10, quick=3), turn=_typed_ms)


async def stored(server: Server, size: Size) -> list[float]:
    """
    A typed question and its whole answer, in a hundred chats of which each asks every two seconds or so.
    """
    rng = Random(1)
    present = await arrive(server.port, 100, f"turn-{next(_runs)}")
    pauses = [[rng.uniform(0, 4) for _ in range(size(full=5, quick=2))] for _ in present]
    waits = await asyncio.gather(*map(_asking_now_and_then, present, pauses))
    await depart(present)
    return [median(chain.from_iterable(waits))]


async def _asking_now_and_then(visitor: Visitor, pauses: Sequence[float]) -> list[float]:
    waits = []
    for pause in pauses:
        await asyncio.sleep(pause)
        began = time.monotonic_ns()
        await visitor.ask(script(SPOKEN_TOKENS), SPOKEN_TOKENS)
        waits.append((time.monotonic_ns() - began) / 1e6)
    return waits


async def _p50(
    server: Server, *, visitors: int, rounds: int, turn: Callable[[Visitor], Awaitable[float]]
) -> list[float]:
    present = await arrive(server.port, visitors, f"turn-{next(_runs)}")
    waits: list[float] = []
    for _ in range(rounds):
        waits += await asyncio.gather(*map(turn, present))
    await depart(present)
    return [median(waits)]


async def _typed_ms(visitor: Visitor) -> float:
    began = time.monotonic_ns()
    await visitor.ask(script(SPOKEN_TOKENS), SPOKEN_TOKENS)
    return (visitor.times_ns[0] - began) / 1e6


async def _spoken_ms(visitor: Visitor) -> float:
    for chunk in _chunks():
        visitor.send(chunk)
    # The recording has long arrived when its end is said: it is sent while it is spoken.
    await asyncio.sleep(0.02)
    began = time.monotonic_ns()
    await visitor.ask_masked(masked(END_MARKER), SPOKEN_TOKENS)
    return (visitor.times_ns[0] - began) / 1e6


@cache
def _chunks() -> tuple[bytes, ...]:
    """A question of two seconds as a browser's recorder writes it, in masked frames."""
    recording = recorded_by_chromium(pcm("saturday.flac"), RATE).data
    starts = range(0, len(recording), CHUNK_BYTES)
    return tuple(masked(b"\x03" + recording[start : start + CHUNK_BYTES]) for start in starts)
