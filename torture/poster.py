"""A customer of mode v1, with keys: what did not arrive or has to wait is asked again with the same one."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import ClientError, ClientPayloadError, ClientSession

from voicechat.api.visitors import draining

from .customer import LONGEST_WAIT_SECONDS, THINK_SECONDS, Customer, Loss, Open


class Poster(Customer):
    """*streams*: whether it asks for the streamed form. An answer that broke off it has retried over v2."""

    def __init__(
        self,
        name: str,
        question: Callable[[], str],
        process_began: Callable[[], float],
        fault: Callable[[str], None],
        *,
        streams: bool,
    ) -> None:
        super().__init__(name, question, process_began, fault)
        self._streams = streams
        self._told_at: float | None = None
        """When it was first told that its question has to be asked again."""
        self._cut_since: float | None = None
        """Since when it waited for the answer then."""

    async def live(self, http: ClientSession, url: str, is_over: asyncio.Event) -> None:
        at_once = asyncio.Event()
        at_once.set()
        while not (is_over.is_set() and self.open is None):
            try:
                if self.chat is None:
                    self.chat = await _new_chat(http, url)
                if self.open is None:
                    await asyncio.sleep(random.uniform(0, THINK_SECONDS))
                    self.open = Open(self._new_question(), self._next_turn(), time.monotonic())
                if self.open.is_retry:
                    await super().live(http, url, at_once)
                else:
                    await self._post(http, url, self.open)
            except ClientError:
                self.refused += 1
                await asyncio.sleep(random.uniform(0.05, LONGEST_WAIT_SECONDS))

    async def _post(self, http: ClientSession, url: str, one: Open) -> None:
        headers = {"Idempotency-Key": f"{self.tab}:{one.turn}"}
        if self._streams:
            headers["Accept"] = "text/event-stream"
        content = {"id": self.chat, "message": one.question, "speech": False}
        async with http.post(f"{url}/api/message", json=content, headers=headers) as response:
            body = await response.read()
        # The stream's status was sent before it broke off.
        is_stream = response.content_type == "text/event-stream"
        answer, error = _streamed(body) if is_stream else _whole(body)
        if error is None:
            if self._cut_since is not None:
                self._lose(one, self._cut_since, is_begun=False)
            self.answers[one.question] = answer
            self.open = None
        elif error["message"] == str(draining()):
            one.since = time.monotonic()  # it was not let in
        elif error["code"] != "unavailable" or response.status != (200 if is_stream else 503):
            self.fault(f"v1 answered {response.status}: {body[:200]!r}")
            self.open = None
        elif self._told_at is None:
            self._cut_since, self._told_at = one.since, time.monotonic()
        elif self._told_at < self._process_began():
            # The next process has it as stored: it had begun, and stays as it is until it is asked anew.
            self._lose(one, self._cut_since or one.since, is_begun=True)
            self.open = Open(one.question, self._next_turn(), time.monotonic(), is_retry=True)
        await asyncio.sleep(random.uniform(0.05, LONGEST_WAIT_SECONDS) if error else 0)

    def _lose(self, one: Open, since: float, *, is_begun: bool) -> None:
        self.losses.append(Loss(one.question, since, is_begun))
        self._cut_since = self._told_at = None


async def _new_chat(http: ClientSession, url: str) -> str:
    async with http.post(f"{url}/api/chats") as response:
        response.raise_for_status()
        return str((await response.json())["chat"])


def _whole(body: bytes) -> tuple[str, Any]:
    """Return the answer and the error, None if there is none."""
    content = orjson.loads(body)
    return content.get("answer", ""), content.get("error")


def _streamed(body: bytes) -> tuple[str, Any]:
    """
    Return as `_whole` does.

    Raises:
        ClientPayloadError: If the last event is missing.
    """
    events = [event.split(b"\n") for event in body.split(b"\n\n") if event]
    read = [(name, orjson.loads(data.removeprefix(b"data: "))) for name, data in events]
    text = "".join(content["text"] for name, content in read if name == b"event: text")
    if not read or read[-1][0] not in (b"event: end", b"event: error"):
        raise ClientPayloadError
    return text, read[-1][1].get("error")
