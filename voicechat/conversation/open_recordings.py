"""What tabs were recording when their connections were lost: it waits for them to come back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ..errors import Unavailable
from ..wire import OpenRecording

KEPT_BYTES = 4_096
"""
What a kept recording counts as beside its bytes: in a chat of its own it takes 3.6 kB.

Else recordings of a byte each, of which a client could leave any number behind, would be as good as free.
"""


@dataclass(frozen=True, slots=True)
class _Kept:
    recording: OpenRecording
    since: float
    """By the clock of the event loop."""
    timer: asyncio.TimerHandle


class OpenRecordings:
    """
    Those of one chat, at most one a tab. Each waits *seconds* at most, all its waits together.

    Together, so that nobody makes the server hold one for ever by looking in from time to time.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: dict[str, _Kept] = {}

    @property
    def is_empty(self) -> bool:
        return not self._kept

    def keep(self, tab: str, recording: OpenRecording) -> None:
        """Keep *recording* until *tab* takes it; it is dropped when its time is over, or nothing has room."""
        self.drop(tab)
        seconds = self._seconds - recording.away_seconds
        if seconds <= 0 or not _has_room(recording):
            recording.drop()
            return
        loop = asyncio.get_running_loop()
        self._kept[tab] = _Kept(recording, loop.time(), loop.call_later(seconds, self.drop, tab))

    def take(self, tab: str) -> OpenRecording | None:
        """Return what is kept for *tab*, which looks after it from now on; None: there is nothing."""
        kept = self._kept.pop(tab, None)
        if kept is None:
            return None
        kept.timer.cancel()
        kept.recording.away_seconds += asyncio.get_running_loop().time() - kept.since
        return kept.recording

    def drop(self, tab: str, up_to: int | None = None) -> None:
        """Let go of what is kept for *tab*: of a turn *up_to* that number; None: whichever."""
        if tab in self._kept and (up_to is None or self._kept[tab].recording.turn <= up_to):
            kept = self._kept.pop(tab)
            kept.timer.cancel()
            kept.recording.drop()

    def clear(self) -> None:
        for tab in list(self._kept):
            self.drop(tab)

    def close(self) -> None:
        """Let go of all, and keep no more."""
        self._seconds = 0
        self.clear()


def _has_room(recording: OpenRecording) -> bool:
    """Count what keeping *recording* takes, the first time; return whether there is room for it."""
    try:
        if recording.room is not None and not recording.away_seconds:
            recording.room.grow(KEPT_BYTES)
    except Unavailable:
        return False
    return True
