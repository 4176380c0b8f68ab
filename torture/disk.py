"""
ACCEPTED leaves when the question is on the disk, not before: the server's own calls to the kernel show it.

For each question: the page of the log that holds its text was written, then `fdatasync` of the log
returned, and only then was ACCEPTED written to the visitor's socket.
"""

from __future__ import annotations

import asyncio
import struct
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from aiohttp import ClientSession

from voicechat.dialogue import Accepted, AskText
from voicechat.errors import RequestError
from voicechat.progress import Progress
from voicechat.wire import decode

from .proof import Verdict
from .server import DATABASE, running
from .strace import Call, parse, traced
from .visitor import Visitor

T = TypeVar("T")

LOG = f"/{DATABASE}-wal"
SENDING = {"write", "writev", "sendto", "sendmsg"}
RECEIVING = {"read", "recvfrom", "recvmsg"}


async def prove_disk(questions: int, progress: Progress) -> Verdict:
    visitor = Visitor("visitor")
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, "trace")
        async with (
            running(Path(folder)) as server,
            traced(server.process.pid, trace),
            ClientSession() as http,
            visitor.connected(http, server.url) as line,
        ):
            for done in range(questions):
                progress.reach(done, questions)
                await visitor.ask(line, f"Is question number {done} on the disk?")
        calls = await asyncio.to_thread(lambda: parse(trace.read_text("ascii")))
    faults = judge(calls, questions)
    # The judge is judged too: what never came to the disk must not pass.
    unsynced = [replace(call, name="nothing") if call.name == "fdatasync" else call for call in calls]
    if len(judge(unsynced, questions)) < questions:
        faults.append("This proof can't fail: it found nothing wrong with a trace without fdatasync.")
    return Verdict(
        f"{questions} questions, {len(calls):,} calls to the kernel",
        f"{questions - min(len(faults), questions)} were on the disk before ACCEPTED left",
        tuple(faults),
    )


def judge(calls: Sequence[Call], questions: int) -> list[str]:
    """Return for which turns it can't be seen that they were on the disk before ACCEPTED was sent."""
    asked = {turn: (call, message) for call, message, turn in _said(calls, RECEIVING, AskText)}
    accepted = {turn: call for call, _, turn in _said(calls, SENDING, Accepted)}
    faults = [f"turn {turn}: {why}" for turn in asked if (why := _why_unsafe(calls, asked, accepted, turn))]
    if len(asked) != questions:
        faults.append(f"The trace shows {len(asked)} questions of {questions}.")
    return faults


def _why_unsafe(
    calls: Sequence[Call], asked: dict[int, tuple[Call, AskText]], accepted: dict[int, Call], turn: int
) -> str | None:
    arrival, question = asked[turn]
    if turn not in accepted:
        return "The trace shows no ACCEPTED."
    between = [c for c in calls if c.began > arrival.began and c.ended < accepted[turn].began]
    log = [call for call in between if call.target.endswith(LOG) and call.result >= 0]
    text = question.text.encode()
    written = [call.ended for call in log if call.name == "pwrite64" and text in call.data]
    if not written:
        return "ACCEPTED left before its text was written."
    if not any(call.name == "fdatasync" and call.began > written[0] for call in log):
        return "ACCEPTED left before the log was on the disk."
    return None


def _said(calls: Sequence[Call], names: set[str], kind: type[T]) -> Iterator[tuple[Call, T, int]]:
    """Yield each message of *kind* that a socket received or sent, the call that did, and its turn."""
    for call in calls:
        if call.name in names and call.target.startswith("TCP"):
            for payload in _payloads(call.data):
                try:
                    message, turn = decode(payload)
                except RequestError:
                    continue  # a close, a ping
                if isinstance(message, kind):
                    yield call, message, turn


def _payloads(data: bytes) -> Iterator[bytes]:
    """Yield the binary WebSocket messages in *data* (RFC 6455, section 5.2), each whole within one call."""
    while len(data) > 2 and data[0] == 0x82:
        size, start = data[1] & 0x7F, 2
        if size == 126:
            size, start = struct.unpack_from("!H", data, 2)[0], 4
        mask = b"\0\0\0\0"
        if data[1] & 0x80:
            mask, start = data[start : start + 4], start + 4
        yield bytes(byte ^ mask[i % 4] for i, byte in enumerate(data[start : start + size]))
        data = data[start + size :]
