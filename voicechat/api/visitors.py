"""Who is here: all v2 connections, the one timer that looks after them, and how many ask over v1."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from aiohttp import web

from ..config import Limits
from ..errors import Unavailable

log = logging.getLogger("voicechat.v2")


def draining() -> Unavailable:
    """Return what is told to whoever asks for something while the server stops: the next one has it."""
    return Unavailable("This server is about to start again. Please try again.", retry_after_seconds=2)


class Visitor(Protocol):
    connected_at: float
    heard_at: float
    """When anything came from the client, pongs included."""
    spoke_at: float
    """When a message came from the client, or its turn last ended."""

    @property
    def is_introduced(self) -> bool: ...

    @property
    def place(self) -> tuple[str, str] | None:
        """Chat and tab; None before HELLO, and for basic clients, of which each is alone."""

    def ping(self) -> None: ...

    def go_away(self, seconds: float) -> None:
        """
        Ask it, once, to go and come back within *seconds*, where no answer of its chat runs.

        It is called again and again, with the seconds that are left.
        """

    def part(self, code: int, reason: str) -> asyncio.Task[object]:
        """Close in the background, with what waits sent before; the task ends when it is done."""


class Visitors:
    """One walk over all sockets a heartbeat costs next to nothing; a timer for each costs a core."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self.clock = clock
        self._visitors: set[Visitor] = set()
        self._places: dict[tuple[str, str], Visitor] = {}
        self.requests = 0
        """Those of mode v1 that are being answered, each until all of its answer was taken."""
        self.is_draining = False
        """Whether the server is about to stop: nobody else is let in."""

    def enter(self, visitor: Visitor) -> None:
        self._visitors.add(visitor)

    def leave(self, visitor: Visitor) -> None:
        self._visitors.discard(visitor)
        place = visitor.place
        if place is not None and self._places.get(place) is visitor:
            del self._places[place]

    def check_room(self) -> None:
        """
        Raises:
            Unavailable: If there are as many connections as are allowed, or the server is about to stop.
        """
        self.check_not_draining()
        if len(self._visitors) >= self._limits.connections:
            raise Unavailable("This server is full. Please try again later.", retry_after_seconds=10)

    def check_not_draining(self) -> None:
        """
        Raises:
            Unavailable: If the server is about to stop.
        """
        if self.is_draining:
            raise draining()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count one request of mode v1 as long as the body of the `with` runs."""
        self.requests += 1
        try:
            yield
        finally:
            self.requests -= 1

    def take_place(self, visitor: Visitor) -> None:
        """Let *visitor* be the one connection of its tab; an older one is replaced at once."""
        if visitor.place is None:
            return
        older = self._places.get(visitor.place)
        self._places[visitor.place] = visitor
        if older is not None:
            older.part(4409, "replaced by a newer connection")

    async def look_after(self) -> None:
        """Ping everyone, and part with who is silent, until cancelled."""
        pause = min(self._limits.heartbeat_seconds, self._limits.hello_seconds, self._limits.idle_seconds / 2)
        pinged_at = self.clock()
        while True:
            await asyncio.sleep(pause)
            now = self.clock()
            is_time_to_ping = now - pinged_at >= self._limits.heartbeat_seconds * 0.9
            if is_time_to_ping:
                pinged_at = now
            for visitor in list(self._visitors):
                try:
                    self._look_after_one(visitor, now, is_time_to_ping)
                except Exception:
                    # One socket's trouble must not leave all others without a heartbeat.
                    log.exception("A connection could not be looked after")

    def _look_after_one(self, visitor: Visitor, now: float, is_time_to_ping: bool) -> None:
        if not visitor.is_introduced and now - visitor.connected_at > self._limits.hello_seconds:
            visitor.part(4408, "no HELLO")
        elif now - visitor.heard_at > 2.5 * self._limits.heartbeat_seconds:
            visitor.part(4408, "no answer to pings")
        elif now - visitor.spoke_at > self._limits.idle_seconds:
            visitor.part(4408, "idle")
        elif is_time_to_ping:
            visitor.ping()

    def drain(self, seconds: float) -> None:
        """Let nobody in any more, and ask who waits for no answer to go, spread over *seconds*."""
        self.is_draining = True
        for visitor in list(self._visitors):
            visitor.go_away(seconds)

    async def part_all(self, code: int, reason: str, seconds: float) -> None:
        """Part with everyone at once, and wait until it is done, for *seconds* at most."""
        if parting := [visitor.part(code, reason) for visitor in list(self._visitors)]:
            await asyncio.wait(parting, timeout=seconds)


VISITORS = web.AppKey("visitors", Visitors)
