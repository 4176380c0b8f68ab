"""One answer while it arrives: the text's pieces, and when to wait no longer."""

from __future__ import annotations

import asyncio

import aiohttp

from .body import Body, read
from .completion import Completion, plain_text
from .refusals import Unusable

_AFTER_FINISH_SECONDS = 2
"""For the end mark, once the model has said that it stops; the text is complete without it."""


class Answer:
    """The caller closes it; after `begin` its first pieces are there."""

    def __init__(self, response: aiohttp.ClientResponse, until: float, between_seconds: float) -> None:
        """*until* is a time of the event loop: the end of all patience."""
        self.first: list[str] = []
        self.response = response
        self._body = Body(response)
        self._completion = Completion()
        self._until = until
        self._between_seconds = between_seconds
        self._loop = asyncio.get_running_loop()

    async def begin(self, until: float) -> None:
        """
        Wait for the first pieces, at most until *until*, a time of the event loop.

        Raises:
            Refusal, Unusable, TimeoutError, aiohttp.ClientError: Nothing has been given out then.
        """
        kind = self.response.content_type
        if kind == "text/html":
            raise Unusable("a web page where an answer should be")
        if kind == "application/json":  # a server that does not stream, or an error with status 200
            async with asyncio.timeout_at(until):
                text = plain_text(await read(self.response))
            self._completion.done = True
            self.first = [text] if text else []
        else:
            self.first = await self._pieces(until)
        if not self.first:
            raise Unusable("an empty answer")

    async def more(self) -> list[str]:
        """
        Return the next pieces, at least one; none: the answer is complete.

        Raises:
            Refusal, Unusable, TimeoutError, aiohttp.ClientError: What was given out so far is good.
        """
        return await self._pieces(min(self._until, self._loop.time() + self._between_seconds))

    def complete(self) -> aiohttp.ClientResponse:
        """Return the response of an answer that needs nothing more: its connection can be kept."""
        self._body.close()
        return self.response

    def close(self) -> None:
        """End the work upstream, unless the body was read to its end."""
        self._body.close()
        self.response.close()

    async def _pieces(self, until: float) -> list[str]:
        completion = self._completion
        while not completion.done:
            if completion.failure:
                raise completion.failure
            if completion.finished:
                until = min(until, self._loop.time() + _AFTER_FINISH_SECONDS)
            try:
                data = await self._body.more(until)
            except (TimeoutError, aiohttp.ClientPayloadError):
                if completion.finished:
                    return []
                raise
            if not data:
                break
            if pieces := completion.feed(data):
                return pieces
        if not (completion.done or completion.finished):
            raise Unusable("the stream ended in the middle of the answer")
        return []
