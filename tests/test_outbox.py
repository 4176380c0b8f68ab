"""Frames on their way out: one write for what is ready together, and an end for a reader too slow."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from voicechat.api.outbox import Outbox, pack


class Transport(asyncio.Transport):
    """Keeps what is written, as if the reader had taken all but *waiting* bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.waiting = 0

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return False


async def test_what_is_ready_together_leaves_in_one_write() -> None:
    transport = Transport()
    outbox = Outbox(transport, 1000, lambda: None)
    outbox.put([b"one"])
    outbox.put([b"two", b"three"])
    assert transport.writes == []
    await asyncio.sleep(0)
    assert transport.writes == [b"\x82\x03one\x82\x03two\x82\x05three"]


async def test_nothing_waits_for_what_is_not_ready() -> None:
    transport = Transport()
    outbox = Outbox(transport, 1000, lambda: None)
    for text in (b"one", b"two"):
        outbox.put([text])
        await asyncio.sleep(0)
    assert transport.writes == [b"\x82\x03one", b"\x82\x03two"]


async def test_a_reader_that_is_too_slow_is_told_of_once_and_sent_nothing_more() -> None:
    transport = Transport()
    told: list[str] = []
    outbox = Outbox(transport, 1000, lambda: told.append("slow"))
    outbox.put([b"first"])
    outbox.flush()
    transport.waiting = 1001
    for _ in range(3):
        outbox.put([b"more"])
        outbox.flush()
    assert (told, len(transport.writes)) == (["slow"], 1)


@given(st.integers(0, 70_000))
def test_the_length_of_a_message_is_told_in_as_many_bytes_as_it_takes(size: int) -> None:
    frame = pack(bytes(size))
    if size < 126:
        assert frame[:2] == bytes((0x82, size)) and len(frame) == 2 + size
    elif size < 65_536:
        assert frame[:4] == b"\x82\x7e" + size.to_bytes(2, "big") and len(frame) == 4 + size
    else:
        assert frame[:10] == b"\x82\x7f" + size.to_bytes(8, "big") and len(frame) == 10 + size
