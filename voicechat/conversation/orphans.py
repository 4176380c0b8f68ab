"""Turns that nobody follows any more: they go on for a while, for who asked may come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ..dialogue import Key
from .live_turn import LiveTurn

Abandon = Callable[[LiveTurn], Coroutine[Any, Any, None]]


class Orphans:
    """Gives each turn a time of its own, then has it stopped, unless somebody follows it again."""

    def __init__(self) -> None:
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._stopping: set[asyncio.Task[None]] = set()

    def add(self, turn: LiveTurn, seconds: float, abandon: Abandon) -> None:
        """Begin the time of *turn*, of which the last follower has just left; *abandon* stops it then."""
        if (earlier := self._timers.get(turn.key)) is not None:
            earlier.cancel()
        self._timers[turn.key] = asyncio.get_running_loop().call_later(seconds, self._give_up, turn, abandon)

    def clear(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _give_up(self, turn: LiveTurn, abandon: Abandon) -> None:
        del self._timers[turn.key]
        if turn.audience.is_empty:
            stopping = asyncio.create_task(abandon(turn))
            self._stopping.add(stopping)
            stopping.add_done_callback(self._stopping.discard)
