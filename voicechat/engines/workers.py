"""Threads for work that would hold up the event loop: a bounded number, and a bounded wait for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TypeVar

from ..errors import ProviderFailed, ProviderTimeout, Unavailable, VoiceChatError

log = logging.getLogger("voicechat.engines")

T = TypeVar("T")

RETRY_AFTER_SECONDS = 5.0
"""What a visitor is told to wait for a place: some ten questions' work."""


class Workers:
    """
    The threads of one engine, *name* in the log.

    *parallel* jobs run at once and *waiting* more may wait; *timeout_seconds* bounds both together.
    One thread more is for work that is done only where there is no other.
    """

    def __init__(self, name: str, *, parallel: int, waiting: int, timeout_seconds: float) -> None:
        self._name = name
        self._timeout_seconds = timeout_seconds
        self._threads = ThreadPoolExecutor(parallel, thread_name_prefix=f"voicechat-{name}")
        self._places = BoundedSemaphore(parallel + waiting)
        self._jobs = 0
        """Those of `run` that somebody waits for."""
        self._aside = ThreadPoolExecutor(1, thread_name_prefix=f"voicechat-{name}-aside")
        self._aside_place = BoundedSemaphore(1)

    async def run(self, work: Callable[[], T]) -> T:
        """
        Return what *work* returns, which a thread does.

        Cancelling drops work that waits. What runs can't be stopped: it keeps its place until it
        is done, so work that takes long should look out for a sign of the caller's own.

        Raises:
            Unavailable: If too much waits already.
            ProviderTimeout: If it is not done in time.
            ProviderFailed: If it fails as nobody foresaw; the log says how.
            VoiceChatError: What *work* raises of that tree.
        """
        if not self._places.acquire(blocking=False):
            raise Unavailable(
                "Too many others are waiting at the moment. Please try again soon.",
                retry_after_seconds=RETRY_AFTER_SECONDS,
            )
        self._jobs += 1
        try:
            return await self._done(self._threads, self._places, work)
        finally:
            self._jobs -= 1

    async def run_if_idle(self, work: Callable[[], T]) -> T | None:
        """
        As `run`, where there is no other work; None: there is.

        It has a thread of its own, so what comes meanwhile does not wait for it.
        """
        if self._jobs or not self._aside_place.acquire(blocking=False):
            return None
        return await self._done(self._aside, self._aside_place, work)

    async def _done(self, threads: ThreadPoolExecutor, places: BoundedSemaphore, work: Callable[[], T]) -> T:
        job = threads.submit(work)
        job.add_done_callback(lambda _: places.release())
        try:
            async with asyncio.timeout(self._timeout_seconds):
                with _foreseen(self._name):
                    return await asyncio.wrap_future(job)
        except TimeoutError as exc:
            raise ProviderTimeout("This took too long here. Please try again.") from exc

    def close(self) -> None:
        """Drop what waits. What runs comes to its end by itself; there may be no `run` after this."""
        for threads in (self._threads, self._aside):
            threads.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _foreseen(name: str) -> Iterator[None]:
    try:
        yield
    except VoiceChatError:
        raise
    except Exception as exc:
        log.exception("%s failed unexpectedly", name)
        raise ProviderFailed("This part of the assistant failed. Please try again.") from exc
