"""Frames on their way to one client: what is ready together leaves in one write."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Iterable

_MEDIUM = struct.Struct("!BBH")
_LARGE = struct.Struct("!BBQ")

PING = b"\x89\x00"


def pack(payload: bytes, opcode: int = 2) -> bytes:
    """Return *payload* as one unmasked WebSocket message, as a server sends it (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65_536:
        return _MEDIUM.pack(0x80 | opcode, 126, size) + payload
    return _LARGE.pack(0x80 | opcode, 127, size) + payload


class Outbox:
    """
    Writes past aiohttp's own sender, which makes one system call a message and has to be awaited.

    So nobody who speaks to many ever waits for one reader. Compression must be off. When there is
    more to say while over *max_bytes* still wait for the reader, it is too slow: *overflowed* is
    called, once, and all that comes after is dropped.
    """

    def __init__(self, transport: asyncio.Transport, max_bytes: int, overflowed: Callable[[], None]) -> None:
        self._transport = transport
        self._max_bytes = max_bytes
        self._overflowed = overflowed
        # Kept: to ask for it is a system call in Python 3.11, and there is one for every token.
        self._loop = asyncio.get_running_loop()
        self._messages: list[bytes] = []
        self._is_scheduled = False
        self._is_closed = False

    def put(self, frames: Iterable[bytes]) -> None:
        """Send *frames* before the event loop turns to anything else."""
        self._messages.extend(map(pack, frames))
        if not self._is_scheduled:
            self._is_scheduled = True
            self._loop.call_soon(self.flush)

    def ping(self) -> None:
        self._write(PING)

    def pong(self, payload: bytes) -> None:
        self._write(pack(payload, opcode=10))

    def flush(self) -> None:
        """Write what waits now: call it before the connection is closed by other means."""
        self._is_scheduled = False
        messages, self._messages = self._messages, []
        if messages:
            self._write(b"".join(messages))

    def close(self) -> None:
        """Drop all that comes from now on, and hold nobody any more."""
        self._is_closed = True
        self._overflowed = _nothing

    def _write(self, data: bytes) -> None:
        if self._is_closed or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > self._max_bytes:
            self._is_closed = True
            self._overflowed()
            return
        self._transport.write(data)


def _nothing() -> None:
    pass
