"""How many bytes all visitors together may make the server hold."""

from __future__ import annotations

from ..errors import Unavailable

RETRY_SECONDS = 5.0
"""When to try again: a body is read, and a recording heard, in some seconds."""


class Budget:
    """At most *most_bytes* at once, of which each holder takes a `Share`."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self.held_bytes = 0

    def share(self) -> Share:
        """Return a new share, of nothing yet."""
        return Share(self)

    def take(self, size: int) -> None:
        """
        Raises:
            Unavailable: If *size* bytes more would be too many; then nothing is taken.
        """
        if self.held_bytes + size > self._most_bytes:
            raise Unavailable(
                "This server holds as much sound as it can. Please try again in a moment.",
                retry_after_seconds=RETRY_SECONDS,
            )
        self.held_bytes += size

    def give_back(self, size: int) -> None:
        self.held_bytes -= size


class Share:
    """What one holder has taken. As a context it gives back, at the end, what it has left by then."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.size = 0
        """In bytes."""

    def __enter__(self) -> Share:
        return self

    def __exit__(self, *_: object) -> None:
        self.give_back()

    def grow(self, size: int) -> None:
        """
        Take *size* bytes more.

        Raises:
            Unavailable: If there are no more; what was taken before stays.
        """
        self._budget.take(size)
        self.size += size

    def shrink_to(self, size: int) -> None:
        """Give back all but *size* bytes; nothing happens where it has no more."""
        spare = max(self.size - size, 0)
        self.size -= spare
        self._budget.give_back(spare)

    def give_back(self) -> None:
        self.shrink_to(0)

    def hand_over(self) -> Share:
        """Return all that it has as a share of its own, which somebody else gives back."""
        other = Share(self._budget)
        other.size, self.size = self.size, 0
        return other
