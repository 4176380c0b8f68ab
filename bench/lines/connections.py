"""What it costs that somebody is there, and how fast one arrives."""

from __future__ import annotations

import asyncio
import time
from itertools import count

from ..measuring import Size
from ..servers import Server
from ..visitor import Visitor, arrive, depart

_runs = count()


async def connects(server: Server, size: Size) -> list[float]:
    """
    Visitors who connect, set an id, get its OK and stay, fifty at once: how many one core lets in a
    second by the processor time it takes, and how many came, which the load's core may limit.
    """
    number = size(full=2_000, quick=1_000)
    began, used = time.monotonic(), server.cpu_seconds
    visitors = await arrive(server.port, number, f"connect-{next(_runs)}")
    used, seconds = server.cpu_seconds - used, time.monotonic() - began
    await depart(visitors)
    return [number / used, number / seconds]


async def memory(server: Server, size: Size) -> list[float]:
    """By how much the server's memory grows for each visitor who has set an id and says nothing."""
    number = size(full=3_000, quick=1_000)
    await depart(await arrive(server.port, 100, "first"))
    before = server.memory_bytes
    visitors = await arrive(server.port, number, "memory")
    grown = server.memory_bytes - before
    await depart(visitors)
    return [grown / number / 1e3]


async def idle(server: Server, size: Size) -> list[float]:
    """From one heartbeat of 20 seconds to the next, while all visitors answer pings and say nothing."""
    visitors = await arrive(server.port, 5_000, f"idle-{next(_runs)}")
    await _heartbeat(visitors[0])
    began, used = time.monotonic(), server.cpu_seconds
    await _heartbeat(visitors[0])
    share = (server.cpu_seconds - used) / (time.monotonic() - began)
    await depart(visitors)
    return [share * 100]


async def _heartbeat(visitor: Visitor) -> None:
    """Return when a round of pings, and of the answers to them, is over."""
    visitor.pinged.clear()
    await visitor.pinged.wait()
    await asyncio.sleep(2)


async def start(server: Server, size: Size) -> list[float]:
    """From the start of the process to its first answer over HTTP, with its files in the machine's memory."""
    return [server.start_seconds]
