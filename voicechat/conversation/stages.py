"""When one turn came to each of its stages, and how long the engines took."""

from __future__ import annotations

import time

from ..dialogue import Timing


class Stages:
    """
    The stages of the turn of a question that was whole here at *asked_at*, by the monotonic clock.

    *upload_seconds*: how long a recording arrived before that.
    """

    def __init__(self, asked_at: float, upload_seconds: float = 0.0) -> None:
        self.took: dict[str, int] = {}
        """Milliseconds that each engine took, and the whole turn."""
        self.counts: dict[str, int] = {}
        """How often something was done."""
        self._asked_at = asked_at
        self._at: dict[str, int] = {}
        if upload_seconds:
            self._at["upload"] = -round(upload_seconds * 1000)

    def reached(self, stage: str, *, ms_ago: int = 0, after: str = "accepted") -> None:
        """
        Note when it first came to *stage*: now, or *ms_ago*.

        Not before it came to *after*: what a page says of its own clock may be wrong.
        """
        if stage not in self._at:
            ms = round((time.monotonic() - self._asked_at) * 1000) - ms_ago
            self._at[stage] = max(ms, self._at.get(after, 0))

    def end(self) -> None:
        self.reached("end")
        self.took["total"] = self._at["end"]

    def told(self) -> Timing:
        return Timing({**self.took, **self.counts, "at": dict(self._at)})
