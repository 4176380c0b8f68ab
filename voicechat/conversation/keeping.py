"""What is stored of an answer while it is written: its sentences, a tenth of a second after they came."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ..errors import VoiceChatError

_END = re.compile(r"[.!?…。！？\n]")


def ends_sentence(piece: str) -> bool:
    """Tell whether a sentence seems to end within *piece*."""
    return _END.search(piece) is not None


PAUSE_SECONDS = 0.1
"""Until a sentence is stored: a fast answer is complete by then, and stored once."""


Keep = Callable[[], Awaitable[None]]


class Keeping:
    """
    Stores a text that grows, beside it and never in its way.

    One storing is under way at a time, so a slow disk makes fewer.
    """

    def __init__(self, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._pause_seconds = pause_seconds
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_behind = False

    def grew(self, keep: Keep) -> None:
        """There is a sentence more; *keep* stores all there is."""
        self._is_behind = True
        if self._task is None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause_seconds, self._begin, keep)

    def _begin(self, keep: Keep) -> None:
        self._timer = None
        self._task = asyncio.create_task(self._work(keep))

    async def finish(self) -> None:
        """Store nothing more by itself: what is stored next stays."""
        self._is_behind = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _work(self, keep: Keep) -> None:
        # Where the store fails, so does the end of the answer, which is told.
        with suppress(VoiceChatError):
            while self._is_behind:
                self._is_behind = False
                await keep()
        self._task = None
