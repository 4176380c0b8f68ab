"""A response's bytes, with a bound on their number and on every wait."""

from __future__ import annotations

import asyncio

import aiohttp

from .refusals import Unusable


async def read(response: aiohttp.ClientResponse, max_bytes: int = 1 << 20) -> bytes:
    """
    Return the whole body.

    Raises:
        Unusable: If it is larger than *max_bytes*.
    """
    pieces: list[bytes] = []
    left = max_bytes
    while piece := await response.content.readany():
        pieces.append(piece)
        left -= len(piece)
        if left < 0:
            raise Unusable(f"a body of more than {max_bytes} bytes")
    return b"".join(pieces)


class Body:
    """
    A response's bytes as they arrive; every wait has its end.

    One timer serves all waits: it is looked at when it fires, not set anew with every token, which
    is what makes a time limit between tokens cheap.
    """

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._content = response.content
        self._loop = asyncio.get_running_loop()
        self._until = float("inf")
        self._timer: asyncio.TimerHandle | None = None

    async def more(self, until: float) -> bytes:
        """
        Return what has arrived, at least one byte; nothing: the body is complete.

        Raises:
            TimeoutError: If nothing came until *until*, a time of the event loop.
            aiohttp.ClientError: If the connection broke.
        """
        self._until = until
        if self._timer is None or self._timer.when() > until:
            self._set_timer()
        try:
            return await self._content.readany()
        finally:
            self._until = float("inf")

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        self.close()
        self._timer = self._loop.call_at(self._until, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._loop.time() >= self._until:
            self._content.set_exception(TimeoutError("no further bytes in time"))
        elif self._until < float("inf"):
            self._set_timer()
