"""
SIGTERM at random moments, while visitors ask in both modes: each answer comes whole in the end, and once.

What is under way has the drain time to come to its end. What takes longer breaks off, and its visitor
asks for it anew. What is asked from then on over a line that is open waits for the next process.
"""

from __future__ import annotations

import asyncio
import random
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from voicechat.progress import Progress

from .customer import Customer, Loss
from .echo import PACE, echo, echoing, marker
from .poster import Poster
from .proof import Verdict
from .server import Server, running
from .visitor import PATIENCE_SECONDS

OVER_V2 = 50
OVER_V1 = 4
SHORT_MS = (200, 3_000)
LONG_MS = (7_000, 9_000)
"""Longer than the drain time."""
LONG = 0.04
"""Which part of the answers is."""
DRAIN_SECONDS = 6.0
"""The server's default, which it is given all the same."""
CLOSING_SECONDS = 5.0
"""For what follows the drain, at most."""
UPTIME_SECONDS = (1.0, 5.0)
"""From a start to its SIGTERM."""
SLOWNESS_SECONDS = 2.0
"""By which an answer may be late on a machine that does other things too."""
LOOK_SECONDS = 0.05
"""Between two looks at /readyz."""


async def prove_drain(restarts: int, progress: Progress) -> Verdict:
    shifts = Shifts()
    over = asyncio.Event()
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with (
            echoing() as provider,
            ClientSession(connector=TCPConnector(limit=0), timeout=ClientTimeout(PATIENCE_SECONDS)) as http,
        ):
            settings = provider.settings | {"VOICECHAT_LIMITS_DRAIN_SECONDS": str(DRAIN_SECONDS)}
            customers = _customers(shifts)
            url = f"http://127.0.0.1:{port}"
            living = [asyncio.create_task(customer.live(http, url, over)) for customer in customers]
            for done in range(restarts):
                progress.reach(done, restarts)
                shifts.began.append(time.monotonic())
                async with running(Path(folder), settings, port) as server:
                    await asyncio.sleep(random.uniform(*UPTIME_SECONDS))
                    await shifts.end(server, customers)
                    shifts.faults += server.unexpected()
            shifts.began.append(time.monotonic())
            over.set()
            async with running(Path(folder), settings, port) as server:
                await asyncio.gather(*living)
                for customer in customers:
                    shifts.faults += await _misread(customer, http, server.url)
                shifts.faults += server.unexpected()
        shifts.faults += provider.faults
    return _verdict(restarts, shifts, customers)


@dataclass
class Shifts:
    """The processes that served, one after the other."""

    faults: list[str] = field(default_factory=list)
    began: list[float] = field(default_factory=list)
    """When each was started, by the monotonic clock."""
    asked_to_stop: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """From SIGTERM to the exit of each."""
    under_way: list[tuple[str, float]] = field(default_factory=list)
    """Questions that were ACCEPTED over v2 and had no END as SIGTERM came, and since when."""

    async def end(self, server: Server, customers: Sequence[Customer]) -> None:
        opened = [one for customer in customers if (one := customer.open) is not None and one.is_accepted]
        self.under_way += [(one.question, one.since) for one in opened if not one.settled.is_set()]
        at = time.monotonic()
        self.asked_to_stop.append(at)
        server.process.send_signal(signal.SIGTERM)
        looking = asyncio.create_task(_look(server.url))
        try:
            async with asyncio.timeout(DRAIN_SECONDS + CLOSING_SECONDS):
                code = await server.process.wait()
        except TimeoutError:
            self.faults.append(f"It did not exit within {DRAIN_SECONDS + CLOSING_SECONDS:g} s of SIGTERM.")
            await server.kill()
        else:
            if code:
                self.faults.append(f"It ended with exit code {code}.")
        self.seconds.append(time.monotonic() - at)
        seen = await looking
        # The first look may come before the signal, and the last one after the port was closed.
        if sorted(seen) != seen or (seen[-1:] != [503] and self.seconds[-1] > 10 * LOOK_SECONDS):
            self.faults.append(f"/readyz was {seen} while it drained for {self.seconds[-1]:.1f} s.")

    def left_seconds(self, loss: Loss) -> float:
        """Return for how long that answer could go on: less than the drain time if asked after SIGTERM."""
        number = sum(began <= loss.since for began in self.began) - 1
        return self.asked_to_stop[number] + DRAIN_SECONDS - loss.since


async def _look(url: str) -> list[int]:
    """Return each status of /readyz until nobody answers any more."""
    seen: list[int] = []
    # Connections of its own: one that was kept would be closed with the server.
    connector = TCPConnector(force_close=True)
    with suppress(ClientError):
        async with ClientSession(connector=connector, timeout=ClientTimeout(PATIENCE_SECONDS)) as http:
            while True:
                async with http.get(f"{url}/readyz") as response:
                    seen.append(response.status)
                await asyncio.sleep(LOOK_SECONDS)
    return seen


def _customers(shifts: Shifts) -> list[Customer]:
    def customer(number: int) -> Customer:
        numbers = count(1)
        parts = (
            f"visitor {number}",
            lambda: _question(number, next(numbers)),
            lambda: shifts.began[-1],
            shifts.faults.append,
        )
        return Customer(*parts) if number < OVER_V2 else Poster(*parts, streams=number % 2 == 0)

    return [customer(number) for number in range(OVER_V2 + OVER_V1)]


def _question(visitor: int, number: int) -> str:
    ms = random.randint(*(LONG_MS if random.random() < LONG else SHORT_MS))
    return f"{marker(visitor)}question {number} is to be answered within {ms} ms."


def _free_port() -> int:
    """
    Return one below those that connections are given, from 32768 on.

    Who knocks at one of those while nobody listens there may be connected with itself.
    """
    while True:
        port = random.randint(20_000, 30_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


async def _misread(customer: Customer, http: ClientSession, url: str) -> list[str]:
    """Return what is stored otherwise than *customer* was told, or more or less than once."""
    history = await customer.history(http, url)
    told = [
        part for pair in customer.answers.items() for part in zip(("user", "assistant"), pair, strict=True)
    ]
    stored = [(message["role"], message["text"]) for message in history]
    faults = []
    if told != stored:
        faults.append(f"{customer.name}: told otherwise than stored: {set(told) ^ set(stored)}")
    faults += [f"{customer.name}: {m['n']} is {m['status']}" for m in history if m["status"] != "complete"]
    for asked, answer in customer.answers.items():
        if answer != echo(asked):
            faults.append(f"{customer.name}: {asked!r} was answered {answer!r}")
    return faults


def _verdict(restarts: int, shifts: Shifts, customers: Sequence[Customer]) -> Verdict:
    losses = [loss for customer in customers for loss in customer.losses]
    kinds = Counter((loss.is_begun, shifts.left_seconds(loss) >= DRAIN_SECONDS) for loss in losses)
    faults = list(shifts.faults)
    for loss in losses:
        lasts, had = _lasts_seconds(loss.question), shifts.left_seconds(loss)
        # What was not begun may have come after SIGTERM, though it was sent before: ACCEPTED tells.
        is_due = loss.is_begun or (loss.question, loss.since) in shifts.under_way
        if is_due and had > lasts + SLOWNESS_SECONDS:
            faults.append(f"{loss.question!r} had {had:.1f} s and was cut")
        if loss.is_begun and had < DRAIN_SECONDS - SLOWNESS_SECONDS:
            faults.append(f"{loss.question!r} was begun with {had:.1f} s left, and was cut")
    lost = {(loss.question, loss.since) for loss in losses}
    fitted = sum(one not in lost for one in shifts.under_way)
    pauses = [pause for customer in customers for pause in customer.pauses]
    answers = sum(len(customer.answers) for customer in customers)
    if answers < restarts * len(customers) / 2 or len(shifts.under_way) < restarts:
        faults.append(f"{answers} answers, {len(shifts.under_way)} of them under way: there was no load.")
    return Verdict(
        f"{restarts} restarts under {len(customers)} visitors, {answers:,} questions",
        f"{answers:,} answers compared with what is stored; at a SIGTERM "
        f"{len(shifts.under_way):,} were under way, of which {fitted:,} fitted; "
        f"of what was asked before it {kinds[True, True]} broke off and {kinds[False, True]} had not begun, "
        f"of what was asked after it {kinds[True, False]} and {kinds[False, False]}; "
        f"exit after {max(shifts.seconds):.1f} s at most; "
        f"half of {len(pauses):,} pauses took up to {sorted(pauses)[len(pauses) // 2]:.1f} s, "
        f"the longest {max(pauses):.1f} s; "
        f"{sum(customer.refused for customer in customers):,} connections were refused meanwhile",
        tuple(faults),
    )


def _lasts_seconds(question: str) -> float:
    pace = PACE.search(question)
    assert pace is not None
    return int(pace[1]) / 1_000
