"""Ctrl-C: the first one stops what is being answered, the next one ends the work."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

Stop = Callable[[], Coroutine[Any, Any, None]]


class Interrupts:
    def __init__(self) -> None:
        self._work: asyncio.Task[int] | None = None
        self._stop: Stop | None = None
        self._stopping: asyncio.Task[None] | None = None

    async def run(self, work: Coroutine[Any, Any, int], interrupted: int) -> int:
        """Return what *work* returns; *interrupted* where Ctrl-C ended it."""
        self._work = asyncio.create_task(work)
        with self._heeded():
            await asyncio.wait([self._work])
        return interrupted if self._work.cancelled() else self._work.result()

    @contextlib.asynccontextmanager
    async def stoppable(self, stop: Stop) -> AsyncIterator[None]:
        """Let the next Ctrl-C call *stop*, and only one after it end the work."""
        self._stop = stop
        try:
            yield
        finally:
            self._stop = None
            if self._stopping is not None:
                await asyncio.wait([self._stopping])
                self._stopping = None

    @contextlib.contextmanager
    def _heeded(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        try:
            loop.add_signal_handler(signal.SIGINT, self._interrupt)
        except NotImplementedError:  # on Windows Python itself ends the program
            yield
            return
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    def _interrupt(self) -> None:
        stop, self._stop = self._stop, None
        if stop is not None:
            self._stopping = asyncio.create_task(stop())
            return
        if self._stopping is not None:
            self._stopping.cancel()
        if self._work is not None:
            self._work.cancel()
