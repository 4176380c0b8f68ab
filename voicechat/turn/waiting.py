"""How long the voice may keep who listens waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from ..errors import ProviderTimeout

T = TypeVar("T")


class Silence:
    """
    The silence that waiting for the voice may cost one answer, in all.

    Waiting while earlier sound plays costs nobody anything. Who listens is taken to play what it gets
    at once and without a pause: where a page does otherwise, that is its own time.
    """

    def __init__(self, seconds: float) -> None:
        self._left_seconds = seconds
        self._plays_until = 0.0
        self._loop = asyncio.get_running_loop()

    def broken(self, ms: int) -> None:
        """*ms* of sound more can be played."""
        self._plays_until = max(self._loop.time(), self._plays_until) + ms / 1000

    def taken_back(self, ms: int) -> None:
        """Of that, *ms* can't be played after all."""
        self._plays_until -= ms / 1000

    def holds(self, seconds: float) -> bool:
        """Tell whether a wait of *seconds* from now on is within what is left."""
        return self._loop.time() + seconds < self._until()

    async def of(self, work: Awaitable[T]) -> T:
        """
        Return what *work* returns.

        Raises:
            ProviderTimeout: If that took all the silence that was left.
        """
        silent_from = max(self._loop.time(), self._plays_until)
        try:
            async with asyncio.timeout_at(self._until()):
                return await work
        except TimeoutError as exc:
            raise ProviderTimeout("The answer could not be spoken in time.") from exc
        finally:
            self._left_seconds -= max(0.0, self._loop.time() - silent_from)

    def _until(self) -> float:
        return max(self._loop.time(), self._plays_until) + self._left_seconds
