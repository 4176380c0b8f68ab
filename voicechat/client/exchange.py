"""One question on its way, and what comes of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

from .. import dialogue as d
from .errors import Failed, TimedOut
from .moments import Event, Moment

PATIENCE_SECONDS = 120.0
"""How long nothing at all may come: as long as a server takes at most for one answer, by default."""

MOST_WAITING = 1024
"""Moments that are not taken yet; past it nothing more is read, and the server waits too."""


class Exchange:
    """
    Stamps what happens as it happens, so that whoever takes it late still learns the time.

    *turn* is its number in v2.
    """

    def __init__(self, turn: int, patience_seconds: float) -> None:
        self.turn = turn
        self.bytes_up = 0
        self.bytes_down = 0
        self.is_over = False
        """Whether END was there, or nothing can come any more."""
        self._patience_seconds = patience_seconds
        self._alive_at = time.monotonic()
        self._waiting: asyncio.Queue[Moment | None] = asyncio.Queue(MOST_WAITING)
        self._fault: d.Fault | None = None
        self._error: BaseException | None = None
        """What `moments` ends with once all that waits was taken."""

    def went_up(self, size: int) -> None:
        """Count *size* bytes as sent; a question that is still leaving is no silence."""
        self.bytes_up += size
        self._alive_at = time.monotonic()

    def came_down(self, size: int) -> None:
        self.bytes_down += size
        self._alive_at = time.monotonic()

    async def note(self, event: Event) -> None:
        """Keep *event* with its time; after END nothing is kept."""
        if self.is_over:
            return
        moment = Moment(time.monotonic(), event, self.bytes_up, self.bytes_down)
        match event:
            case d.Fault():
                self._fault = event
            case d.End(_, _, flags):
                self.is_over = True
                if flags & d.EndFlag.FAILED:
                    fault = self._fault or d.Fault("internal", "The answer failed.")
                    self._error = Failed(fault.message, fault.code, fault.retry_after_seconds)
        await self._waiting.put(moment)

    def fail(self, error: BaseException) -> None:
        """Let `moments` end with *error*, unless END was there."""
        if not self.is_over:
            self.is_over = True
            self._error = error
            with contextlib.suppress(asyncio.QueueFull):  # then nobody waits who had to be woken
                self._waiting.put_nowait(None)

    @contextlib.asynccontextmanager
    async def doing(self, work: Coroutine[Any, Any, None]) -> AsyncGenerator[asyncio.Task[None], None]:
        """Do *work* beside the body of the `with`, which stops it; where it fails, so does the exchange."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._done)
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])

    def _done(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error)

    async def moments(self) -> AsyncGenerator[Moment, None]:
        """
        Yield what happens up to END.

        Raises:
            Failed: After the END of an answer that failed.
            TimedOut: If nothing comes for too long.
            ClientError: What `fail` was given.
        """
        while True:
            if self._error is not None and self._waiting.empty():
                raise self._error
            moment = await self._next()
            if moment is not None:
                yield moment
                if isinstance(moment.event, d.End) and self._error is None:
                    return

    async def _next(self) -> Moment | None:
        while True:
            try:
                async with asyncio.timeout(self._seconds_left()):
                    return await self._waiting.get()
            except TimeoutError:
                if self._seconds_left() <= 0:  # else bytes came that were no whole event yet
                    raise TimedOut(
                        f"Nothing came from the server for {self._patience_seconds:g} seconds."
                    ) from None

    def _seconds_left(self) -> float:
        return self._alive_at + self._patience_seconds - time.monotonic()
