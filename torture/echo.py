"""An OpenAI-compatible chat provider that answers with the question, and knows whose words it may be told."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import orjson
from aiohttp import web

MARKER = re.compile(rb"canary-(\d+)-")
"""Stands in all that is asked in a chat, with the chat's own number."""

SLOW = 0.5
"""Which part of the answers comes in pieces, with pauses, so that there is time to stop them."""
LONGEST_PAUSE_SECONDS = 0.03

PACE = re.compile(r"\bwithin (\d+) ms\b")
"""Stands in a question whose answer is to last so long; the others last as long as chance has it."""


def marker(chat: int) -> str:
    return f"canary-{chat}-"


def echo(question: str) -> str:
    """Return the answer to *question*."""
    return f"{question} That is what was asked. It was not much. Ask again."


def strangers(data: bytes, chat: int) -> set[int]:
    """Return whose markers stand in *data*, beside those of *chat*."""
    return {int(number) for number in MARKER.findall(data)} - {chat}


class Echo:
    """`faults`: prompts that held words of two chats."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = 0
        self.faults: list[str] = []

    @property
    def settings(self) -> dict[str, str]:
        """What a server is given that asks it."""
        return {
            "VOICECHAT_CHAT_ENGINE": "openai",
            "VOICECHAT_CHAT_MODEL": "echo",
            "VOICECHAT_CHAT_BASE_URL": self.url,
            "VOICECHAT_CHAT_KEY": "none",
        }

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked += 1
        chats = {int(number) for number in MARKER.findall(body)}
        if len(chats) != 1:
            self.faults.append(f"a prompt held words of chats {sorted(chats)}")
        # Questions without an answer between them reach the provider as one message.
        question = orjson.loads(body)["messages"][-1]["content"].rpartition("\n\n")[2]
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        with suppress(ConnectionError):  # the answer was stopped
            await response.prepare(request)
            events = [_event({"content": piece}, None) for piece in _pieces(echo(question))]
            await _write(response, events, _pauses(question, len(events)))
        return response


def _pauses(question: str, pieces: int) -> list[float]:
    """Return for how many seconds to wait before each piece; none: all of them leave at once."""
    if pace := PACE.search(question):
        return [int(pace[1]) / 1000 / pieces] * pieces
    if random.random() < SLOW:
        return [random.uniform(0, LONGEST_PAUSE_SECONDS) for _ in range(pieces)]
    return []


async def _write(response: web.StreamResponse, events: list[bytes], pauses: list[float]) -> None:
    for pause, event in zip(pauses, events, strict=False):
        await asyncio.sleep(pause)
        await response.write(event)
    unsent = events[len(pauses) :]
    await response.write(b"".join([*unsent, _event({}, "stop"), b"data: [DONE]\n\n"]))
    await response.write_eof()


def _pieces(text: str) -> list[str]:
    return re.findall(r"(?:\S+\s*){1,4}", text)


def _event(delta: dict[str, str], finish_reason: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "echo", "choices": [choice]}
    return b"data: %b\n\n" % orjson.dumps(chunk)


@asynccontextmanager
async def echoing() -> AsyncIterator[Echo]:
    """Serve on loopback; `url` is what the engine is given."""
    provider = Echo()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", provider.answer)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield provider
    finally:
        await runner.cleanup()
