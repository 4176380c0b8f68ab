"""
Visitors who come and go for minutes: once they have left, the server takes what it took before.

A server as a process is looked at from outside. Tasks can't be seen there, so a last part runs the
application in this process.
"""

from __future__ import annotations

import asyncio
import gc
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import ClientError, ClientSession, web

from voicechat.app import build
from voicechat.config import load
from voicechat.dialogue import AskText
from voicechat.progress import Progress

from .process import Level, level, slope
from .proof import Verdict
from .server import SETTINGS, running
from .visitor import PATIENCE_SECONDS, Visitor

VISITORS = 30
"""At any time."""
THINK_SECONDS = 0.3
"""Between two things that one does, at most."""
WARM_UP = 0.3
"""Of the time: what is made once and kept is made by then."""
IN_PROCESS = 0.1
"""Of the time."""
SAMPLE_SECONDS = 2.0

FORGETFUL = {"VOICECHAT_IDLE_MINUTES": "0.2", "VOICECHAT_LIMITS_ORPHAN_SECONDS": "2"}
"""Chats are forgotten while it runs."""
REST_SECONDS = 20.0
"""Until the last chats are forgotten: their time, and the tenth of it in which they are looked for."""

MOST_GROWTH = 0.05
"""Of the memory between two times of rest: the allocator does not hand every page back."""
LIVING = {"Conversation", "Guest", "LiveTurn"}
MOST_LEFT = 10
"""
Of each, of thousands that there were.

The loops that look after visitors and chats still hold the one that they saw last, with its last turns.
"""


async def prove_soak(minutes: int, progress: Progress) -> Verdict:
    seconds = minutes * 60
    began = time.monotonic()
    visits = Counter[str]()
    points: list[tuple[float, float]] = []

    def reached() -> float:
        done = time.monotonic() - began
        progress.reach(min(round(done), seconds), seconds)
        return done

    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder), FORGETFUL) as server:
            pid = server.process.pid
            async with _churn(server.url, visits):
                await _wait(seconds * WARM_UP - reached(), reached)
            warm = await _at_rest(pid, reached)
            async with _churn(server.url, visits):
                while (at := reached()) < seconds * (1 - IN_PROCESS) - REST_SECONDS:
                    points.append((at / 3600, level(pid).rss_mb))
                    await asyncio.sleep(SAMPLE_SECONDS)
            cool = await _at_rest(pid, reached)
            faults = _growth(warm, cool) + server.unexpected()
    left = await _left_behind(seconds * IN_PROCESS, visits, reached)
    faults += [f"{n} {what} more are left than before." for what, n in left.items() if n > MOST_LEFT]
    faults += [f"{n} visits failed: {what}" for what, n in visits.items() if what.startswith("!")]
    if not points:
        faults.append("There was no load to be measured: give it more minutes.")
    return Verdict(
        f"{minutes} minutes, " + ", ".join(f"{n:,} {what}" for what, n in visits.most_common()),
        f"at rest after the warm-up {warm}; at the end {cool}; RSS under load rose by "
        f"{slope(points) if points else 0:.1f} MB an hour; "
        f"in process {', '.join(f'{n:+} {what}' for what, n in left.items())}",
        tuple(faults),
    )


def _growth(warm: Level, cool: Level) -> list[str]:
    faults = []
    if cool.rss_mb > warm.rss_mb * (1 + MOST_GROWTH):
        faults.append(f"The memory grew from {warm.rss_mb:.1f} to {cool.rss_mb:.1f} MB.")
    for what in ("threads", "files", "sockets"):
        before, after = getattr(warm, what), getattr(cool, what)
        if after > before:
            faults.append(f"There were {before} {what}, and then {after}.")
    return faults


async def _at_rest(pid: int, reached: Callable[[], float]) -> Level:
    await _wait(REST_SECONDS, reached)
    return level(pid)


async def _wait(seconds: float, reached: Callable[[], float]) -> None:
    for _ in range(round(seconds / SAMPLE_SECONDS)):
        await asyncio.sleep(SAMPLE_SECONDS)
        reached()


async def _left_behind(seconds: float, visits: Counter[str], reached: Callable[[], float]) -> dict[str, int]:
    """Return how many more there are of what, after visitors of an application in this process have left."""
    settings = SETTINGS | {"VOICECHAT_STORE": "memory", "VOICECHAT_IDLE_MINUTES": "0.05"}
    runner = web.AppRunner(
        build(load(environment=settings | {"VOICECHAT_LIMITS_ORPHAN_SECONDS": "1"})),
        handler_cancellation=True,
        access_log=None,
        auto_decompress=False,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        before = _living()
        async with _churn(f"http://127.0.0.1:{runner.addresses[0][1]}", visits):
            await _wait(seconds, reached)
        await _wait(REST_SECONDS, reached)
        now = _living()
        return {what: now[what] - before[what] for what in ("tasks", *sorted(LIVING))}
    finally:
        await runner.cleanup()


def _living() -> Counter[str]:
    gc.collect()
    names = (type(one).__name__ for one in gc.get_objects())
    return Counter(name for name in names if name in LIVING) + Counter(tasks=len(asyncio.all_tasks()))


# ── Visitors ──────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def _churn(url: str, visits: Counter[str]) -> AsyncIterator[None]:
    """Have `VISITORS` there all the time, each followed by another; at the end all of them leave."""
    is_over = asyncio.Event()

    async def come_and_go(number: int) -> None:
        async with ClientSession(url) as http:
            while not is_over.is_set():
                try:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await _visit(Visitor(f"{number}-{random.getrandbits(64):x}"), http)
                    visits["visits"] += 1
                except (TimeoutError, ConnectionError, ClientError) as exc:
                    visits[f"!{type(exc).__name__} {exc}"] += 1

    async def _visit(visitor: Visitor, http: ClientSession) -> None:
        for _ in range(random.randint(1, 4)):
            how = random.choice((_ask, _ask, _reload, _ask_and_leave, _post, _post_and_leave))
            visits[how.__name__.lstrip("_")] += 1
            await how(visitor, http)
            await asyncio.sleep(random.uniform(0, THINK_SECONDS))

    visitors = [asyncio.create_task(come_and_go(number)) for number in range(VISITORS)]
    try:
        yield
    finally:
        is_over.set()
        await asyncio.gather(*visitors)


async def _ask(visitor: Visitor, http: ClientSession) -> None:
    async with visitor.connected(http, "") as line:
        await visitor.ask(line, f"{visitor.name} asks {visitor.turn}.")


async def _reload(visitor: Visitor, http: ClientSession) -> None:
    """Ask, and come back before the answer is there."""
    async with visitor.connected(http, "") as line:
        await line.say(AskText("Will I be there for the answer?"), visitor.turn)
        line.cut()
    await visitor.hear_out(http, "")


async def _ask_and_leave(visitor: Visitor, http: ClientSession) -> None:
    async with visitor.connected(http, "") as line:
        await line.say(AskText("Who waits for the answer?"), visitor.turn)


async def _post(visitor: Visitor, http: ClientSession) -> None:
    headers = {"Accept": "text/event-stream"} if random.random() < 0.5 else {}
    question = {"id": visitor.chat or visitor.name, "message": "When are you open?", "speech": False}
    async with http.post("/api/message", json=question, headers=headers) as response:
        await response.read()


async def _post_and_leave(visitor: Visitor, http: ClientSession) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(random.uniform(0.001, 0.05)):
            await _post(visitor, http)
