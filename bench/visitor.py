"""Visitors of mode v2: a WebSocket client that takes far less of its core than any server of its own."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Sequence
from typing import Self

OK, ERROR, TEXT_CHUNK, TEXT_END = 0x81, 0x82, 0x83, 0x84

_KEY = bytes.fromhex("1d2e3f40")
"""A client's frames are masked; for a benchmark one key does as well as another."""

_HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_SWITCHED = b"HTTP/1.1 101"
_LENGTH_BYTES = {126: 2, 127: 8}
_CLOSE, _PING, _PONG = 8, 9, 10
_ANSWERED = bytes((0x82, 1, TEXT_END))
_REFUSED = bytes((ERROR,))
"""How the data ends, or begins behind its frame's head, with which an answer is over."""
_PINGED = bytes((0x80 | _PING, 0))


def masked(payload: bytes, opcode: int = 2) -> bytes:
    """Return *payload* as one message of a client (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    else:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    key = _KEY * (size // 4 + 1)
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(key[:size], "big")
    return head + _KEY + mixed.to_bytes(size, "big")


class Visitor(asyncio.Protocol):
    """One connection; `connect` and `introduce` first."""

    def __init__(self) -> None:
        self.tokens: list[bytes] = []
        """Of the answer that is arriving, or arrived last."""
        self.times_ns: list[int] = []
        """When each came, on the monotonic clock."""
        self.pinged = asyncio.Event()
        self.closed = asyncio.Event()
        self._rest = b""
        self._answer: list[tuple[bytes, int]] | None = None
        """What came of a running answer, and when; None: none runs."""
        self._is_open = False
        self._loop = asyncio.get_running_loop()
        self._reply: asyncio.Future[bytes] = self._loop.create_future()

    @classmethod
    async def connect(cls, port: int) -> Self:
        """Return a visitor whose connection is a WebSocket."""
        loop = asyncio.get_running_loop()
        _, visitor = await loop.create_connection(cls, "127.0.0.1", port)
        visitor._transport.write(_HANDSHAKE % port)
        await visitor._reply
        return visitor

    async def introduce(self, id_: str) -> None:
        """Set the client's id."""
        reply = await self.say(b"\x01" + id_.encode())
        assert reply[0] == OK, reply

    def send(self, frames: bytes) -> None:
        """Write masked frames that get no reply."""
        self._transport.write(frames)

    def say(self, payload: bytes) -> asyncio.Future[bytes]:
        """Send one message; return the first message after it that is no piece of text."""
        return self.say_masked(masked(payload))

    def say_masked(self, frame: bytes) -> asyncio.Future[bytes]:
        self.tokens, self.times_ns = [], []
        self._reply = self._loop.create_future()
        self._transport.write(frame)
        return self._reply

    async def ask(self, text: str, tokens: int) -> None:
        """
        Ask, and wait for the whole answer.

        Raises:
            AssertionError: If it has not so many *tokens*: then a figure would mean nothing.
        """
        await self.ask_masked(masked(b"\x02" + text.encode()), tokens)

    async def ask_masked(self, frame: bytes, tokens: int) -> None:
        self._answer = []
        reply = await self.say_masked(frame)
        assert reply[0] == TEXT_END, reply
        assert len(self.tokens) == tokens, f"{len(self.tokens)} tokens in place of {tokens}"

    def leave(self) -> None:
        self._transport.write(masked(b"\x03\xe8", _CLOSE))

    # ── From the server ───────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()
        if not self._reply.done():
            self._reply.set_exception(exc or ConnectionError("The server closed the connection."))

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        if self._answer is None:
            self._read(data, now)
            return
        # An answer is taken apart when it is complete: meanwhile the provider needs this core.
        self._answer.append((data, now))
        is_over = data.endswith(_ANSWERED) or data[2:3] == _REFUSED
        if is_over or _PINGED in data:
            answer, self._answer = self._answer, None if is_over else []
            for piece, came in answer:
                self._read(piece, came)

    def _read(self, data: bytes, now: int) -> None:
        if self._rest:
            data = self._rest + data
        if not self._is_open:
            data = self._switch(data)
        position, size = 0, len(data)
        while self._is_open and size - position >= 2:
            start, length = position + 2, data[position + 1]
            if length >= 126:
                start += _LENGTH_BYTES[length]
                if start > size:
                    break
                length = int.from_bytes(data[position + 2 : start], "big")
            if start + length > size:
                break
            self._take(data[position] & 15, data[start : start + length], now)
            position = start + length
        self._rest = data[position:]

    def _switch(self, data: bytes) -> bytes:
        """Return what came behind the head of the response to the upgrade; as long as there is none, all."""
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            return data
        assert head.startswith(_SWITCHED), head
        self._is_open = True
        self._reply.set_result(head)
        return rest

    def _take(self, opcode: int, payload: bytes, now: int) -> None:
        if opcode == 2:
            self.hear(payload, now)
        elif opcode == _PING:
            self._transport.write(masked(payload, _PONG))
            self.pinged.set()
        elif opcode == _CLOSE:
            self._transport.close()

    def hear(self, payload: bytes, now_ns: int) -> None:
        """Take one message of the server's."""
        if payload[0] == TEXT_CHUNK:
            self.tokens.append(payload)
            self.times_ns.append(now_ns)
        elif not self._reply.done():
            self._reply.set_result(payload)


async def arrive(port: int, number: int, prefix: str, at_once: int = 50) -> list[Visitor]:
    """Return *number* introduced visitors, of which *at_once* connect at the same time."""
    visitors: list[Visitor] = []
    ids = iter(range(number))

    async def connect() -> None:
        for i in ids:
            visitor = await Visitor.connect(port)
            visitors.append(visitor)
            await visitor.introduce(f"{prefix}-{i}")

    await asyncio.gather(*(connect() for _ in range(at_once)))
    return visitors


async def depart(visitors: Sequence[Visitor]) -> None:
    """Let all of them leave, and wait until the servers have closed."""
    for visitor in visitors:
        visitor.leave()
    for visitor in visitors:
        await visitor.closed.wait()
