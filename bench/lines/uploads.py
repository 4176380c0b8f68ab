"""Bytes on their way up: in chunks over the WebSocket, and as base64 in one request."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import time
from functools import cache
from itertools import count
from statistics import median

from voicechat.audio import wav

from ..measuring import Size
from ..servers import Server
from ..visitor import ERROR, arrive, depart, masked

CHUNK_BYTES = 4_096
UPLOADERS = 20
WAV_SECONDS = 60
WAV_RATE = 16_000

_UNKNOWN = b"\x7f"
"""A frame that gets an error, which says that all before it was taken in."""

_runs = count()


async def chunks(server: Server, size: Size) -> list[float]:
    """Processor time of the server per megabyte of recordings; twenty visitors send a frame each in turn."""
    megabytes = size(full=10, quick=2)
    visitors = await arrive(server.port, UPLOADERS, f"upload-{next(_runs)}")
    frame = masked(b"\x03" + bytes(range(256)) * (CHUNK_BYTES // 256))
    began = server.cpu_seconds
    for _ in range(megabytes * 1_000_000 // CHUNK_BYTES):
        for visitor in visitors:
            visitor.send(frame)
        await asyncio.sleep(0)
    replies = await asyncio.gather(*(visitor.say(_UNKNOWN) for visitor in visitors))
    used = server.cpu_seconds - began
    assert all(reply[0] == ERROR for reply in replies), replies
    await depart(visitors)
    return [used * 1e3 / (megabytes * UPLOADERS)]


async def base64_wav(server: Server, size: Size) -> list[float]:
    """From the first byte of a request with 16 kHz WAV to the whole answer, over one kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    waits = []
    for _ in range(size(full=30, quick=10)):
        began = time.monotonic()
        connection.request("POST", "/api/message", _body(f"v1-{next(_runs)}"))
        answer = json.load(connection.getresponse())
        waits.append((time.monotonic() - began) * 1e3)
        assert answer["answer"] and answer["transcript"], answer
    connection.close()
    return [median(waits)]


@cache
def _audio() -> str:
    return base64.b64encode(wav(bytes(range(256)) * (WAV_SECONDS * WAV_RATE * 2 // 256), WAV_RATE)).decode()


def _body(id_: str) -> bytes:
    return json.dumps({"id": id_, "audio": _audio(), "speech": False}).encode()
