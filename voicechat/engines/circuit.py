"""When an engine that fails is left alone for a while. Pure but for the clock, which is handed in."""

from __future__ import annotations

import time
from collections.abc import Callable

OPENS_AFTER = 3
"""Failures in a row. Each is a whole question with tries of its own: one may be chance, three are not."""

OPEN_SECONDS = 30.0
"""Until one question tries the engine again. Providers' short troubles are over by then, and in long ones it
is one question in half a minute that waits in vain."""


class Circuit:
    """
    Whether one engine is asked.

                 OPENS_AFTER failures in a row              OPEN_SECONDS
        closed ──────────────────────────────────> open ────────────────────> half open: one may try
           ^                                         ^                             │
           │                                         └───── it fails ──────────────┤
           └───────────────────────────────────────────── it succeeds ─────────────┘

    Who gets True of `enter` asks the engine, and says once how that went: `succeeded`, `failed`, or
    `left` where it tells nothing of the engine.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.failures = 0
        """In a row."""
        self._opened_at: float | None = None
        self._is_tried = False
        """Whether one is trying it, half open."""

    @property
    def is_open(self) -> bool:
        """Whether it has failed too often, and has not succeeded since."""
        return self._opened_at is not None

    def enter(self) -> bool:
        """Return whether the engine may be asked now."""
        if self._opened_at is None:
            return True
        if self._is_tried or self._clock() < self._opened_at + OPEN_SECONDS:
            return False
        self._is_tried = True
        return True

    def succeeded(self) -> bool:
        """Return whether this closed it."""
        was_open = self.is_open
        self._opened_at, self._is_tried, self.failures = None, False, 0
        return was_open

    def failed(self) -> bool:
        """Return whether this opened it; a failure of one who tried it half open opens it no second time."""
        was_open = self.is_open
        self.failures += 1
        if self._is_tried or (not was_open and self.failures >= OPENS_AFTER):
            self._opened_at = self._clock()
        self._is_tried = False
        return self.is_open and not was_open

    def left(self) -> None:
        """It was stopped, or what it was asked was no fault of its own: another one may try."""
        self._is_tried = False
