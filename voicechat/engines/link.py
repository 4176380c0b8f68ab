"""One engine of a list: whether it is asked, how long it is waited for, and how often it failed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from ..errors import ProviderError, ProviderTimeout, QuestionRefused, Unavailable
from .circuit import OPEN_SECONDS, Circuit
from .interface import Engine, EngineInfo
from .loading import NOT_WORKING, load_logged, loaded_in_time

log = logging.getLogger("voicechat.engines")

E = TypeVar("E", bound=Engine)
T = TypeVar("T")

FAILURES = (ProviderError, Unavailable)
"""What the next engine may do better. A `RequestError` is the visitor's: nobody reads a broken recording."""


class Link(Generic[E]):
    """
    *engine*, behind which *successor* stands; None: nobody.

    *handover_seconds*: how long it may stay silent. The last one has all the time that it takes itself.
    """

    def __init__(
        self,
        engine: E,
        successor: EngineInfo | None,
        handover_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engine = engine
        self.calls = self.failures = self.handed_on = 0
        """How often it was asked, failed, and the next one was asked in its place."""
        self._successor = successor
        self._handover_seconds = None if successor is None else handover_seconds
        self._circuit = Circuit(clock)
        self._loading: asyncio.Task[None] | None = None

    @property
    def is_last(self) -> bool:
        return self._successor is None

    @property
    def rests(self) -> bool:
        """Whether it has failed too often and not worked since, or is not loaded."""
        return self._circuit.is_open or not self._is_usable

    def begin_loading(self) -> None:
        """Load the engine beside what goes on; the log is told where that fails."""
        if self._loading is None:
            self._loading = asyncio.create_task(load_logged(self.name, self.engine.load))
            # Told by then; whether somebody waits for it or not.
            self._loading.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def loaded(self) -> BaseException | None:
        """Return once the engine is loaded, or what kept it from that; it loads on where nobody waits."""
        self.begin_loading()
        assert self._loading is not None
        await asyncio.wait([self._loading])
        return self._loading.exception()

    async def close(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait([self._loading])
        await self.engine.close()
        if self.handed_on:
            log.info("%s. %s", self.name, self.tally)

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[None]:
        """
        Count what the engine is asked inside, and how that ends.

        Raises:
            Unavailable: If it is not to be asked: it rests, or is not loaded. The last one never rests,
                and is waited for: nobody else is there.
        """
        if self.is_last:
            if self._loading is not None:
                await loaded_in_time(self._loading)
        elif not (self._is_usable and self._circuit.enter()):
            raise Unavailable(NOT_WORKING)
        self.calls += 1
        try:
            yield
        except FAILURES as exc:
            if isinstance(exc, QuestionRefused):
                self._circuit.left()  # else one visitor could take the engine from all others
            else:
                self._fail()
            raise
        except BaseException:
            # The visitor's own error, or nobody wants it any more: that tells nothing of the engine.
            self._circuit.left()
            raise
        if self._circuit.succeeded():
            log.warning("%s works again. %s", self.name, self.tally)

    async def in_time(self, work: Awaitable[T]) -> T:
        """
        Return what *work* returns.

        Raises:
            ProviderTimeout: If it is silent for longer than the next engine waits.
        """
        try:
            async with asyncio.timeout(self._handover_seconds):
                return await work
        except TimeoutError as exc:
            raise ProviderTimeout("This took too long. Please try again.") from exc

    @property
    def name(self) -> str:
        return f"{self.engine.info.job}: {self.engine.info}"

    @property
    def tally(self) -> str:
        """So far, for the operator."""
        return f"Of {self.calls} calls {self.failures} failed; the next one was asked {self.handed_on} times."

    @property
    def _is_usable(self) -> bool:
        """Whether it is loaded; one that nobody loads is asked as it is."""
        task = self._loading
        return task is None or (task.done() and not task.cancelled() and task.exception() is None)

    def _fail(self) -> None:
        self.failures += 1
        if self._circuit.failed():
            after = f"; it is tried again every {OPEN_SECONDS:.0f} s"
            if self._successor is None:
                instead = "Nobody stands behind it"
            else:
                instead = f"In its place works {self._successor.name} ({self._successor.model}){after}"
            log.warning(
                "%s failed %d times in a row. %s. Of %d calls %d failed.",
                *(self.name, self._circuit.failures, instead, self.calls, self.failures),
            )
