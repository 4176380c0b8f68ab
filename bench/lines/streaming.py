"""What a streamed token costs, and how long the server holds it."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from itertools import count

from ..measuring import Size, percentile
from ..provider import STAMP, script
from ..servers import Server
from ..visitor import Visitor, arrive, depart

_runs = count()


async def full_speed(server: Server, size: Size) -> list[float]:
    """
    Processor time of the server per token, while the provider writes as fast as it can; how much of
    its core it was busy, and how many tokens reached the visitors a second.
    """
    chats, tokens = 200, size(full=500, quick=200)
    run = await _stream(server, chats, tokens, per_second=0)
    return [run.cpu_us, run.cpu_us / run.wall_us * 100, 1e6 / run.wall_us]


async def provider_alone(server: Server, size: Size) -> list[float]:
    """Tokens that the scripted provider writes a second, for the same chats and with nobody in between."""
    chats, tokens = 200, size(full=500, quick=200)
    began = time.monotonic()
    await asyncio.gather(*(_drain(server.port, script(tokens)) for _ in range(chats)))
    return [chats * tokens / (time.monotonic() - began)]


async def _drain(port: int, question: str) -> None:
    """Ask the provider itself, and read over its answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps({"stream": True, "messages": [{"role": "user", "content": question}]}).encode()
    head = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body)
    writer.write(head + body)
    last = b""
    while not last.endswith(b"\r\n0\r\n\r\n"):
        last = last[-7:] + await reader.read(1 << 20)
    writer.close()


async def paced(server: Server, size: Size) -> list[float]:
    """
    The same at 50 tokens a second in each chat, and how long after the provider wrote a token it
    reached the visitor.
    """
    run = await _stream(server, chats=100, tokens=size(full=500, quick=150), per_second=50)
    return [run.cpu_us, percentile(99, [late for visitor in run.visitors for late in _latencies_ms(visitor)])]


@dataclass(frozen=True)
class Run:
    cpu_us: float
    """Of the server, per token."""
    wall_us: float
    """Per token of all chats."""
    visitors: list[Visitor]
    """With what they received."""


async def _stream(server: Server, chats: int, tokens: int, per_second: int) -> Run:
    visitors = await arrive(server.port, chats, f"stream-{next(_runs)}")
    began, used = time.monotonic(), server.cpu_seconds
    await asyncio.gather(*(_ask(i, one, tokens, per_second) for i, one in enumerate(visitors)))
    used, seconds = server.cpu_seconds - used, time.monotonic() - began
    await depart(visitors)
    return Run(used * 1e6 / (chats * tokens), seconds * 1e6 / (chats * tokens), visitors)


async def _ask(number: int, visitor: Visitor, tokens: int, per_second: int) -> None:
    if per_second:
        # Not all in the same moment: tokens of many chats come whenever they come.
        await asyncio.sleep(number % 100 / 100 / per_second)
    await visitor.ask(script(tokens, per_second), tokens)


def _latencies_ms(visitor: Visitor) -> list[float]:
    stamps = (int(STAMP.search(token)[1]) for token in visitor.tokens)  # type: ignore[index]
    return [ns / 1e6 - us / 1e3 for ns, us in zip(visitor.times_ns, stamps, strict=True)]
