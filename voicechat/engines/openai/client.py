"""One job's way to its provider: what the three engines share."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from pydantic import SecretStr

from ...config import OPENAI_URL
from ...errors import ConfigError
from ..interface import EngineInfo, Job
from .form import Form
from .http import Http
from .provider import Provider
from .refusals import Refusal, translated

log = logging.getLogger("voicechat.engines.openai")

T = TypeVar("T")

RETRIES = 2
CONNECT_SECONDS = 5
"""Both as the chat model has them by default; for hearing and speaking nobody has wanted to set them yet."""

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 8.0
"""Both, and the doubling between them, as in the openai package."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """How a further try is waited for; tests bring a sleep that does not."""

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random
    """From 0 to 1: chats that were refused together should not come back together."""

    def before_try(self, number: int, error: Exception) -> float:
        """Return the seconds to wait before try *number*, which is 1 for the first repetition."""
        if number == 1 and _broke_off(error):
            return 0.0  # most likely a kept connection that the server had closed: a new one will do
        asked = error.retry_after_seconds if isinstance(error, Refusal) else None
        if asked is not None:
            return asked + 0.1 * max(asked, 1.0) * self.random()
        pause = min(_FIRST_PAUSE_SECONDS * 2.0 ** (number - 1), _LONGEST_PAUSE_SECONDS)
        return pause * (1 - 0.25 * self.random())


def _broke_off(error: Exception) -> bool:
    """Tell a connection that broke from one that never came to be."""
    return isinstance(error, aiohttp.ClientConnectionError) and not isinstance(
        error, aiohttp.ClientConnectorError
    )


class Client:
    """The provider of one job, under that job's settings: the engine's model, connections and tries."""

    def __init__(
        self,
        job: Job,
        http: Http,
        *,
        model: str,
        base_url: str | None,
        key: SecretStr | None,
        retries: int = RETRIES,
        connect_seconds: float = CONNECT_SECONDS,
        pauses: Pauses | None = None,
    ) -> None:
        try:
            self._provider = Provider(base_url or OPENAI_URL, key.get_secret_value() if key else None)
        except ConfigError as exc:
            raise ConfigError(f"{job}.{exc}") from exc
        self._http = http
        self._retries = retries
        self._connect_seconds = connect_seconds
        self._pauses = pauses or Pauses()
        self._open = True
        self.info = EngineInfo(
            job=job,
            name="openai",
            model=model,
            paid=self._provider.is_paid,
            place=self._provider.place,
        )
        http.join()

    async def load(self) -> None:
        await self._http.warm(self._provider)

    async def close(self) -> None:
        if self._open:
            self._open = False
            await self._http.leave()

    def translated(self) -> AbstractContextManager[None]:
        return translated(self.info.job, self._provider.key)

    async def post(self, path: str, body: bytes | Form, answer_seconds: float) -> aiohttp.ClientResponse:
        return await self._http.post(
            self._provider,
            path,
            body,
            connect_seconds=self._connect_seconds,
            answer_seconds=answer_seconds,
        )

    def recycle(self, response: aiohttp.ClientResponse) -> None:
        self._http.recycle(response)

    async def tries(
        self, attempt: Callable[[float], Awaitable[T]], total_seconds: float, *, busy_too: bool = True
    ) -> T:
        """
        Return what *attempt* returns, called with the seconds that are left; try again where that helps.

        Only for what has not reached the visitor. What was too slow once is not tried again: the
        visitor has waited long enough. *busy_too* False: to a provider that takes no more just now
        the caller comes again, with another request.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + total_seconds
        for number in range(1, self._retries + 2):
            try:
                return await attempt(until - loop.time())
            except TimeoutError:
                raise
            except (Refusal, aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as exc:
                pause = self._pauses.before_try(number, exc)
                hopeless = isinstance(exc, Refusal) and (not exc.retryable or (exc.busy and not busy_too))
                if hopeless or number > self._retries or loop.time() + pause >= until:
                    raise
                log.info("%s: try %d failed (%s), the next in %.1f s", self.info.job, number, exc, pause)
            await self._pauses.sleep(pause)
        raise AssertionError("the last try returns or raises")


class OpenAiEngine:
    """An engine that is as ready, and as open, as its client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def info(self) -> EngineInfo:
        return self._client.info

    async def load(self) -> None:
        await self._client.load()

    async def close(self) -> None:
        await self._client.close()
