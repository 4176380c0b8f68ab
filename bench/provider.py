"""
A scripted provider: it speaks OpenAI's language, does nothing else, and is the limit as seldom as can be.

What it says is written in the question, or for a recording in its transcript: `script(8, 50)` asks
for 8 tokens, 50 a second; 0 a second: as fast as they go out. Each token is an event of its own in
a packet of its own, and says when it was written, so that whoever reads it knows how long it was on
its way. The tests' scripted server, whose events these are, can do more: errors, gates, speech.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.scripted_openai import DONE, FINISH, chunk, event

STAMP = re.compile(rb"(\d{13})")
"""Microseconds of the monotonic clock, which all processes of a machine share."""

_SCRIPT = re.compile(r"(\d+) tokens, (\d+) a second")

SPOKEN_TOKENS = 8
"""In the answer to what every recording says."""

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n%b\r\n"


def script(tokens: int, per_second: int = 0) -> str:
    return f"{tokens} tokens, {per_second} a second"


def _packet(data: bytes) -> bytes:
    """One chunk of a body whose length nobody knows yet."""
    return b"%x\r\n%b\r\n" % (len(data), data)


_BEGIN = _HEAD % (b"text/event-stream", b"Transfer-Encoding: chunked\r\n") + _packet(
    event(chunk({"role": "assistant", "content": ""}))
)
_BEFORE, _AFTER = _packet(event(chunk({"content": " 0000000000000"}))).split(b"0000000000000")
_END = _packet(FINISH) + _packet(DONE) + b"0\r\n\r\n"


class Answer:
    """One streamed answer; `step` writes its next token."""

    def __init__(self, transport: asyncio.Transport, tokens: int) -> None:
        self._transport = transport
        self._left = tokens
        transport.write(_BEGIN)

    def step(self) -> bool:
        """Return whether more is to come."""
        if self._transport.is_closing():
            return False
        if self._left == 0:
            self._transport.write(_END)
            return False
        self._left -= 1
        self._transport.write(b"%b%013d%b" % (_BEFORE, time.monotonic_ns() // 1000, _AFTER))
        return True


class Pace:
    """Lets answers speak: each at its own pace, or all in turn as fast as they can."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._fast: list[Answer] = []

    def begin(self, answer: Answer, per_second: int) -> None:
        if per_second:
            self._tick(answer, 1 / per_second, self._loop.time())
            return
        self._fast.append(answer)
        if len(self._fast) == 1:
            self._round()

    def _round(self) -> None:
        self._fast = [answer for answer in self._fast if answer.step()]
        if self._fast:
            self._loop.call_soon(self._round)

    def _tick(self, answer: Answer, seconds: float, now: float) -> None:
        if answer.step():
            self._loop.call_at(now + seconds, self._tick, answer, seconds, now + seconds)


class Provider(asyncio.Protocol):
    """One connection; requests come one after the other."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._data = bytearray()
        self._wanted = 0
        """Bytes of the request that is arriving; 0: its head is not complete."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while self._is_complete():
            request, self._data = bytes(self._data[: self._wanted]), self._data[self._wanted :]
            self._wanted = 0
            self._answer(*request.split(b"\r\n\r\n", 1))

    def _is_complete(self) -> bool:
        if self._wanted == 0:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return False
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", self._data[:end])
            if length is None and b"chunked" in self._data[:end].lower():
                raise ValueError("A body of unknown length is not expected from either server.")
            self._wanted = end + 4 + (int(length[1]) if length else 0)
        return len(self._data) >= self._wanted

    def _answer(self, head: bytes, body: bytes) -> None:
        path = head.split(b" ", 2)[1]
        if path.endswith(b"/transcriptions"):
            self._reply({"text": script(SPOKEN_TOKENS)})
        elif path.endswith(b"/completions"):
            self._complete(json.loads(body))
        else:
            self._reply({"object": "list", "data": []})

    def _complete(self, asked: dict[str, Any]) -> None:
        found = _SCRIPT.fullmatch(asked["messages"][-1]["content"])
        assert found is not None, asked
        tokens, per_second = map(int, found.groups())
        if asked.get("stream"):
            self._pace.begin(Answer(self._transport, tokens), per_second)
        else:
            message = {"role": "assistant", "content": " 0000000000000" * tokens}
            self._reply({"object": "chat.completion", "choices": [{"index": 0, "message": message}]})

    def _reply(self, content: object) -> None:
        data = json.dumps(content).encode()
        length = b"Content-Length: %d\r\n" % len(data)
        self._transport.write(_HEAD % (b"application/json", length) + data)


async def serve(port: int) -> None:
    make: Callable[[], Provider] = partial(Provider, Pace())
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
