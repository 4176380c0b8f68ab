"""The chat model behind an OpenAI-compatible API: streamed chat completion."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator
from functools import partial
from typing import TYPE_CHECKING, Literal

import aiohttp
import orjson

from ...config import Chat
from ...dialogue import Prompt
from .answer import Answer
from .client import Client, OpenAiEngine, Pauses
from .http import Http
from .prompt import messages
from .refusals import Refusal

if TYPE_CHECKING:
    from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming

log = logging.getLogger("voicechat.engines.openai")

TokenLimit = Literal["max_tokens", "max_completion_tokens"]

_OTHER_NAME: dict[TokenLimit, TokenLimit] = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}

_NEWER_NAME = re.compile(r"(?:.*/)?(?:o\d|gpt-[5-9])")
"""Models that refuse `max_tokens`; older servers know nothing else."""


class OpenAiChat(OpenAiEngine):
    """Who thinks."""

    def __init__(self, settings: Chat, http: Http, pauses: Pauses | None = None) -> None:
        model = settings.model or "gpt-4o-mini"
        super().__init__(
            Client(
                "chat",
                http,
                model=model,
                base_url=settings.base_url,
                key=settings.key,
                retries=settings.retries,
                connect_seconds=settings.connect_seconds,
                pauses=pauses,
            )
        )
        self._settings = settings
        self._limit: TokenLimit = "max_completion_tokens" if _NEWER_NAME.match(model) else "max_tokens"
        self._limit_is_learnt = False

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        with self._client.translated():
            answer = await self._client.tries(partial(self._begin, prompt), self._settings.total_seconds)
            try:
                pieces = answer.first
                while pieces:
                    for piece in pieces:
                        yield piece
                    pieces = await answer.more()
            except BaseException:
                answer.close()
                raise
            self._client.recycle(answer.complete())

    async def _begin(self, prompt: Prompt, left_seconds: float) -> Answer:
        """Return an answer whose first pieces are there: until then a further try is possible."""
        settings = self._settings
        now = asyncio.get_running_loop().time()
        first_until = now + min(left_seconds, settings.first_token_seconds)
        response = await self._ask(prompt, first_until)
        answer = Answer(response, now + left_seconds, settings.between_tokens_seconds)
        try:
            await answer.begin(first_until)
        except BaseException:
            answer.close()
            raise
        return answer

    async def _ask(self, prompt: Prompt, until: float) -> aiohttp.ClientResponse:
        """Post the question; once in an engine's life, learn that the server wants the limit's other name."""
        name = self._limit
        try:
            return await self._post(prompt, until)
        except Refusal as exc:
            if not (exc.status in (400, 422) and any(limit in exc.body for limit in _OTHER_NAME)):
                raise
            if self._limit == name:
                if self._limit_is_learnt:
                    raise
                self._limit, self._limit_is_learnt = _OTHER_NAME[name], True
                log.info("%s refused %s: it gets %s from now on", self.info.place, name, self._limit)
        return await self._post(prompt, until)

    async def _post(self, prompt: Prompt, until: float) -> aiohttp.ClientResponse:
        settings = self._settings
        request: CompletionCreateParamsStreaming = {
            "model": self.info.model,
            "messages": messages(prompt),
            "stream": True,
        }
        if settings.temperature is not None:
            request["temperature"] = settings.temperature
        if settings.max_tokens is not None:
            request[self._limit] = settings.max_tokens
        seconds = until - asyncio.get_running_loop().time()
        return await self._client.post("chat/completions", orjson.dumps(request), seconds)
