"""The process's one client session."""

from __future__ import annotations

import asyncio
import logging
import time
from io import BytesIO

import aiohttp

from ... import __version__
from .body import read
from .form import Form
from .provider import Provider
from .refusals import Refusal, Unusable

log = logging.getLogger("voicechat.engines.openai")

KEEPALIVE_SECONDS = 60
"""A fresh TCP and TLS connection is the largest single cost of a turn, and people pause between turns."""

_WARM_SECONDS = 10
_REST_SECONDS = 2
_REST_BYTES = 65_536
_REFUSAL_BYTES = 65_536
_SIMPLE_BODY_BYTES = 1 << 20
"""aiohttp warns of larger bodies given as bytes: it would write them in one go."""


class Http:
    """
    The client session, opened at the first request.

    Every engine joins when it is built and leaves when it is closed; the last one out closes.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._members = 0
        self._warmed: set[Provider] = set()
        self._resting: set[asyncio.Task[None]] = set()

    def join(self) -> None:
        self._members += 1

    async def leave(self) -> None:
        self._members -= 1
        if self._members == 0 and self._session is not None:
            for task in self._resting:
                task.cancel()
            await asyncio.gather(*self._resting, return_exceptions=True)
            await self._session.close()
            self._session = None

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # No limit here: who may come in is limited at the doors, and a request that waits
                # for a connection would be a queue that nobody sees.
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                # A compressed stream is held back until a block is full.
                headers={"User-Agent": f"voicechat/{__version__}", "Accept-Encoding": "identity"},
            )
        return self._session

    async def post(
        self,
        provider: Provider,
        path: str,
        body: bytes | Form,
        *,
        connect_seconds: float,
        answer_seconds: float,
    ) -> aiohttp.ClientResponse:
        """
        Return the response when its head is there; the caller closes or recycles it.

        *body* as bytes is JSON.

        Raises:
            Refusal: If the status is not one of success.
            TimeoutError, aiohttp.ClientError: If it does not come that far.
        """
        headers = dict(provider.headers)
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
        async with asyncio.timeout(answer_seconds):
            response = await self.session.post(
                provider.url(path),
                data=BytesIO(body) if isinstance(body, bytes) and len(body) > _SIMPLE_BODY_BYTES else body,
                headers=headers,
                proxy=provider.proxy,
                timeout=aiohttp.ClientTimeout(total=None, connect=connect_seconds),
                allow_redirects=False,  # a POST that is redirected would arrive as a GET, or elsewhere
            )
            if 200 <= response.status < 300:
                return response
            raise await _refusal(response)

    def recycle(self, response: aiohttp.ClientResponse) -> None:
        """
        Keep the connection of an answer that is complete.

        The end of the body follows the last event by a packet: whoever closes before it came pays for
        a new connection in the next turn, and nobody should wait for it.
        """
        if not response.content.at_eof():
            task = asyncio.create_task(_read_rest(response), name="rest of an answer")
            self._resting.add(task)
            task.add_done_callback(self._resting.discard)

    async def warm(self, provider: Provider) -> None:
        """Open a connection to *provider*, once, and tell the log what would fail in the first turn."""
        if provider in self._warmed:
            return
        self._warmed.add(provider)
        try:
            async with (
                asyncio.timeout(_WARM_SECONDS),
                self.session.get(
                    provider.url("models"),
                    headers=provider.headers,
                    proxy=provider.proxy,
                    allow_redirects=False,
                ) as response,
            ):
                if response.status in (401, 403):
                    log.warning(
                        "%s refuses the key (status %d): set OPENAI_API_KEY, or the key of that engine",
                        provider.place,
                        response.status,
                    )
                elif response.status >= 400:
                    log.info("%s lists no models (status %d)", provider.place, response.status)
                else:
                    await read(response)
        except (aiohttp.ClientError, OSError, TimeoutError, Unusable) as exc:
            log.warning("%s cannot be reached yet: %s", provider.place, exc or "no answer in time")


async def _refusal(response: aiohttp.ClientResponse) -> Refusal:
    try:
        content = await response.content.read(_REFUSAL_BYTES)
        while len(content) < _REFUSAL_BYTES and not response.content.at_eof():
            content += await response.content.read(_REFUSAL_BYTES - len(content))
    except aiohttp.ClientPayloadError:
        content = b""  # the status says enough
    finally:
        response.release()  # keeps the connection where the body is complete
    return Refusal(response.status, content, response.headers, now_seconds=time.time())


async def _read_rest(response: aiohttp.ClientResponse) -> None:
    try:
        async with asyncio.timeout(_REST_SECONDS):
            left = _REST_BYTES
            while left > 0 and not response.content.at_eof():
                left -= len(await response.content.readany())
    except (aiohttp.ClientError, OSError, TimeoutError):
        pass  # then there is no connection to keep
    finally:
        response.close()  # does nothing to a connection that went back at the end of the body
