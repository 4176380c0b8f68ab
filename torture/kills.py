"""
kill -9 at random moments, while many visitors type and speak: whatever was ACCEPTED is there afterwards.

The page cache outlives a killed process: that ACCEPTED waits for the disk is `disk`'s matter.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from pathlib import Path

from aiohttp import ClientSession

from voicechat.engines.scripted import HEARD
from voicechat.progress import Progress

from .proof import Verdict
from .server import Server, running
from .visitor import PATIENCE_SECONDS, Visitor, unfinished

VISITORS = 20
LONGEST_SECONDS = 1.5
"""From the start of a round to its kill, at most."""


async def prove_kills(kills: int, progress: Progress) -> Verdict:
    visitors = [Visitor(f"visitor-{number}") for number in range(VISITORS)]
    starts: list[float] = []
    exits: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for done in range(kills):
            progress.reach(done, kills)
            async with running(Path(folder)) as server:
                starts.append(server.start_seconds)
                exits.append(await _round(server, visitors))
        async with running(Path(folder)) as server:
            starts.append(server.start_seconds)
            faults = await _look(server, visitors) + server.unexpected()
    accepted = sum(len(visitor.accepted) for visitor in visitors)
    spoken = sum(text == HEARD for visitor in visitors for text in visitor.accepted.values())
    if accepted <= kills:
        faults.append("Fewer questions were accepted than there were kills: there was no load.")
    if not spoken:
        faults.append("No spoken question was accepted.")
    lost = sum(fault.startswith("lost") for fault in faults)
    return Verdict(
        f"{kills} kills, {accepted:,} questions accepted, {spoken:,} of them spoken",
        f"{lost} of them lost; half of the starts took up to {sorted(starts)[len(starts) // 2]:.2f} s, "
        f"the slowest, number {starts.index(max(starts)) + 1}, {max(starts):.2f} s; "
        f"from a kill until all had noticed {max(exits):.2f} s at most",
        tuple(faults),
    )


async def _round(server: Server, visitors: list[Visitor]) -> float:
    """Return the seconds from the kill until the process and every visitor were done."""
    async with ClientSession() as http:
        asking = [asyncio.create_task(visitor.ask_on(http, server.url)) for visitor in visitors]
        await asyncio.sleep(random.uniform(0.05, LONGEST_SECONDS))
        killed_at = time.monotonic()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await server.kill()
            await asyncio.gather(*asking)
        return time.monotonic() - killed_at


async def _look(server: Server, visitors: list[Visitor]) -> list[str]:
    """Return what was accepted and is not there, and what never ends."""
    faults: list[str] = []
    async with ClientSession() as http:
        for visitor in visitors:
            history = await visitor.history(http, server.url)
            # Nobody has come back yet, so nothing can be under way.
            faults += unfinished(visitor.name, history, "running")
        for visitor in visitors:
            try:
                await visitor.hear_out(http, server.url)
            except TimeoutError:
                faults.append(f"{visitor.name}: what was asked before the crash got no END")
            history = await visitor.history(http, server.url)
            faults += visitor.lost(history) + unfinished(visitor.name, history, "running", "queued")
    return faults
