"""Who follows a turn: the asking tab, and the others that show the same chat."""

from __future__ import annotations

from typing import Protocol

from ..dialogue import Key, TurnMessage
from ..turn import SoundFormat


class Listener(Protocol):
    """One connection that follows a chat."""

    @property
    def tab(self) -> str: ...

    def takes(self, format: SoundFormat) -> bool:
        """Whether sound in *format* is any use to it."""

    def hear(self, key: Key, message: TurnMessage) -> None:
        """Take a message of the turn of *key*; must not raise, wait, or make anybody come or go."""


class Audience:
    """The listeners of the turn of *key*, each told everything in the same order."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._listeners: list[Listener] = []

    def add(self, listener: Listener) -> None:
        if listener not in self._listeners:
            self._listeners.append(listener)

    def remove(self, listener: Listener) -> bool:
        """Return whether it was there."""
        was_there = listener in self._listeners
        if was_there:
            self._listeners.remove(listener)
        return was_there

    @property
    def is_empty(self) -> bool:
        """Whether nobody follows: none of the asking tab, and in a shared chat none of any."""
        return not self._listeners

    @property
    def has_askers(self) -> bool:
        return any(map(self.asks, self._listeners))

    def asks(self, listener: Listener) -> bool:
        """Whether it is of the tab that asked: that one alone gets the sound."""
        return listener.tab == self._key.tab

    def hearers(self, format: SoundFormat) -> list[Listener]:
        """Return who of the asking tab takes sound in *format*."""
        return [listener for listener in self._listeners if self.asks(listener) and listener.takes(format)]

    def tell(self, message: TurnMessage) -> None:
        for listener in self._listeners:
            listener.hear(self._key, message)

    def tell_asker(self, message: TurnMessage) -> None:
        for listener in filter(self.asks, self._listeners):
            listener.hear(self._key, message)

    def tell_others(self, message: TurnMessage) -> None:
        for listener in self._listeners:
            if not self.asks(listener):
                listener.hear(self._key, message)
