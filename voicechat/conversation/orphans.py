"""Turns that nobody follows any more: they go on for a while, for who asked may come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ..dialogue import Key
from .live_turn import LiveTurn


class Orphans:
    """Gives each turn a time of its own, then has *abandon* stop it, unless somebody follows it again."""

    def __init__(self, abandon: Callable[[LiveTurn], Coroutine[Any, Any, None]]) -> None:
        self._abandon = abandon
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._stopping: set[asyncio.Task[None]] = set()

    def add(self, turn: LiveTurn, seconds: float) -> None:
        """Begin the time of *turn*, of which the last follower has just left."""
        if (earlier := self._timers.get(turn.key)) is not None:
            earlier.cancel()
        self._timers[turn.key] = asyncio.get_running_loop().call_later(seconds, self._give_up, turn)

    def clear(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _give_up(self, turn: LiveTurn) -> None:
        del self._timers[turn.key]
        if turn.audience.is_empty:
            stopping = asyncio.create_task(self._abandon(turn))
            self._stopping.add(stopping)
            stopping.add_done_callback(self._stopping.discard)
