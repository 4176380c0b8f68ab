"""Which turns of a client something holds for."""

from __future__ import annotations


class TurnSet:
    """A set that takes 4 kB for all numbers there are, so that nobody can make it take megabytes."""

    def __init__(self) -> None:
        self._bits = 0

    def __contains__(self, turn: int) -> bool:
        return bool(self._bits >> turn & 1)

    def add(self, turn: int) -> None:
        self._bits |= 1 << turn

    def remove(self, turn: int) -> None:
        self._bits &= ~(1 << turn)
