"""Who is in a chat just now."""

from __future__ import annotations

import time

from .audience import Listener


class Presence:
    """*is_shared*: all who are here may see each other's turns, else each tab its own."""

    def __init__(self, *, is_shared: bool) -> None:
        self.is_shared = is_shared
        self._here: dict[Listener, bool] = {}
        """Each, in the order in which they came, and whether it is told of what others ask."""
        self.left_at = time.monotonic()
        """When somebody last left, by the monotonic clock."""

    def __contains__(self, listener: Listener) -> bool:
        return listener in self._here

    @property
    def is_empty(self) -> bool:
        return not self._here

    def enter(self, listener: Listener) -> None:
        self._here[listener] = False

    def join(self, listener: Listener) -> None:
        """From now on *listener* is told of what others ask."""
        self._here[listener] = True

    def leave(self, listener: Listener) -> None:
        self._here.pop(listener, None)
        self.left_at = time.monotonic()

    def joined(self) -> list[Listener]:
        return [listener for listener, has_joined in self._here.items() if has_joined]

    def followers(self, asker: Listener) -> list[Listener]:
        """Return who of those that are here follows what *asker* asks."""
        present = dict.fromkeys([asker, *self.joined()])
        return [one for one in present if one in self and (self.is_shared or one.tab == asker.tab)]
