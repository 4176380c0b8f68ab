"""Spoken answers with scripted engines of fixed delays: what the server adds, and how many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import chain
from random import Random
from statistics import median
from typing import TypeVar

from tests.speech import pcm
from voicechat.engines.scripted import ANSWER
from voicechat.sentences import Sentences

from ..listener import Listener
from ..measuring import Size, percentile
from ..player import Player
from ..servers import GAP_MS, HEARING_MS, SPEAKING_MS, THINKING_MS, Server
from ..visitor import depart

Kind = TypeVar("Kind", bound=Listener)

QUESTION = "switzerland.flac"

CHATS = 100
AT_ONCE = 200

ASKING_SECONDS = 10.0
"""In which those who hear at once have begun: then all of them hear for a while."""

ARRIVED_SECONDS = 0.02
"""The recording has long arrived when its end is said: it is sent while it is spoken."""

MOST_PAUSE_SECONDS = 4.0
"""Between an answer and the next question of a chat; half of it on average."""


def _clause_token() -> int:
    """Return which token, counted from 0, shows that the first clause is over: one more than it has."""
    sentences = Sentences()
    return next(i for i, word in enumerate(ANSWER.split()) if sentences.feed(f"{word} "))


ENGINES_MS = HEARING_MS + THINKING_MS + _clause_token() * GAP_MS + SPEAKING_MS
"""What the engines take by themselves until the first clause's first sound."""


async def one(server: Server, size: Size) -> list[float]:
    """
    From the end marker of a spoken question, sent before, to the first sound of its answer, less what
    the engines take by themselves: hearing, the tokens of the first clause and one more, which shows that
    it is over, and its first sound. The engines are the scripted ones, with fixed delays.
    """
    return await _beyond(server, chats=1, rounds=size(full=100, quick=25), most_pause_seconds=0)


async def hundred(server: Server, size: Size) -> list[float]:
    """The same for a hundred chats in one process, of which each asks every two or three seconds."""
    return await _beyond(server, CHATS, size(full=8, quick=3), MOST_PAUSE_SECONDS)


async def together(server: Server, size: Size) -> list[float]:
    """The same for a hundred chats that end their recordings in the same moment."""
    return await _beyond(server, CHATS, size(full=5, quick=2), 0, is_together=True)


async def whole(server: Server, size: Size) -> list[float]:
    """
    The wait itself, from the end marker to the first sound, for a visitor who is alone. The other side is
    the same engines in a plain pipeline (`bench/plain.py`), which hears all of the question, then writes
    all of the answer, then speaks all of it.
    """
    return [median(await _waits_ms(server, 1, size(full=15, quick=5), 0))]


async def at_once(server: Server, size: Size) -> list[float]:
    """
    Two hundred visitors ask within ten seconds, and hear their answers of half a minute at once in real
    time: each plays from the first sound on, without a head start, and says every 250 ms how far it is.
    How often sound came too late, how much of it was there in the worst moment, and how busy the server
    was.
    """
    rng = Random(1)
    present = await _arrive(server, AT_ONCE, Player)
    began, used = asyncio.get_running_loop().time(), server.cpu_seconds
    await asyncio.gather(*(_hear_all(one, rng.uniform(0, ASKING_SECONDS)) for one in present))
    busy = (server.cpu_seconds - used) / (asyncio.get_running_loop().time() - began)
    await depart(present)
    least = min(one.least_ahead_ms for one in present)
    return [sum(one.underruns for one in present), least, busy * 100]


async def _hear_all(visitor: Player, pause: float) -> None:
    await asyncio.sleep(pause)
    visitor.record(pcm(QUESTION))
    await visitor.end_seconds()


async def _beyond(
    server: Server, chats: int, rounds: int, most_pause_seconds: float, *, is_together: bool = False
) -> list[float]:
    waits = await _waits_ms(server, chats, rounds, most_pause_seconds, is_together=is_together)
    beyond = [ms - ENGINES_MS for ms in waits]
    return [median(beyond), percentile(99, beyond)]


async def _waits_ms(
    server: Server, chats: int, rounds: int, most_pause_seconds: float, *, is_together: bool = False
) -> list[float]:
    rng = Random(1)
    present = await _arrive(server, chats, Listener)
    if is_together:
        waits = [await asyncio.gather(*(_asking(one, [0]) for one in present)) for _ in range(rounds)]
        found = list(chain.from_iterable(chain.from_iterable(waits)))
    else:
        pauses = [[rng.uniform(0, most_pause_seconds) for _ in range(rounds)] for _ in present]
        found = list(chain.from_iterable(await asyncio.gather(*map(_asking, present, pauses))))
    await depart(present)
    return found


async def _asking(visitor: Listener, pauses: Sequence[float]) -> list[float]:
    waits = []
    for pause in pauses:
        await asyncio.sleep(pause)
        visitor.record(pcm(QUESTION))
        await asyncio.sleep(ARRIVED_SECONDS)
        waits.append(await visitor.sound_seconds() * 1000)
        await visitor.stop()
    return waits


async def _arrive(server: Server, number: int, kind: type[Kind]) -> list[Kind]:
    present = []
    for _ in range(number):
        visitor = await kind.connect(server.port)
        await visitor.say_hello()
        present.append(visitor)
    return present
