"""
kill -9 at random moments, while many visitors ask: whatever was ACCEPTED is there afterwards.

The page cache outlives a killed process: that ACCEPTED waits for the disk is another proof's matter.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType

from voicechat.dialogue import Accepted, AskText, End, Hello, Welcome
from voicechat.wire import decode, encode

from .server import Server, running

VISITORS = 20
LONGEST_SECONDS = 1.5
"""From the start of a round to its kill, at most."""


@dataclass
class Visitor:
    """One chat, its tab, and what it was told is kept."""

    name: str
    chat: str | None = None
    turn: int = 0
    accepted: dict[int, str] = field(default_factory=dict)
    """n of the question -> its text."""

    async def ask_on(self, http: ClientSession, url: str) -> None:
        """Ask one question after another, until the server is gone."""
        with suppress(ClientError, ConnectionError):
            async with http.ws_connect(url + "/ws") as socket:
                await self._introduce(socket)
                while True:
                    await self._ask(socket)

    async def _introduce(self, socket: ClientWebSocketResponse) -> None:
        hello = {"v": 1, "tab": f"tab-{self.name}", "audio_in": [], "audio_out": []}
        await socket.send_bytes(encode(Hello(hello | ({"chat": self.chat} if self.chat else {})), 0))
        welcome = await _until(socket, Welcome)
        self.chat, self.turn = welcome.content["chat"], welcome.content["next_turn"]

    async def _ask(self, socket: ClientWebSocketResponse) -> None:
        text = f"{self.name} asks for number {self.turn}."
        await socket.send_bytes(encode(AskText(text), self.turn))
        accepted = await _until(socket, Accepted, self.turn)
        self.accepted[accepted.n] = text
        await _until(socket, End, self.turn)
        self.turn += 1


async def _until(socket: ClientWebSocketResponse, kind: type, turn: int = 0) -> Any:
    """
    Return the next message of *kind* and *turn*: a question from before the crash is answered meanwhile.

    Raises:
        ConnectionError: If the socket closes before it comes.
    """
    while True:
        message = await socket.receive()
        if message.type is not WSMsgType.BINARY:
            raise ConnectionError
        found, of = decode(message.data)
        if isinstance(found, kind) and of == turn:
            return found


@dataclass
class Found:
    """What came of it."""

    rounds: int
    accepted: int
    lost: list[str]
    slowest_start_seconds: float

    @property
    def is_sound(self) -> bool:
        return not self.lost and self.accepted > self.rounds

    def __str__(self) -> str:
        return (
            f"{self.rounds} kills, {self.accepted:,} questions accepted, {len(self.lost)} of them lost; "
            f"slowest start afterwards {self.slowest_start_seconds:.2f} s"
        )


async def kill_often(rounds: int, told: Callable[[int], None]) -> Found:
    """Kill a server *rounds* times; *told*: rounds done."""
    visitors = [Visitor(f"visitor-{number}") for number in range(VISITORS)]
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for done in range(rounds):
            async with running(Path(folder)) as server:
                slowest = max(slowest, server.start_seconds)
                await _round(server, visitors)
            told(done + 1)
        async with running(Path(folder)) as server:
            lost = await _lost(server, visitors)
    return Found(rounds, sum(len(visitor.accepted) for visitor in visitors), lost, slowest)


async def _round(server: Server, visitors: list[Visitor]) -> None:
    async with ClientSession() as http:
        asking = [asyncio.create_task(visitor.ask_on(http, server.url)) for visitor in visitors]
        await asyncio.sleep(random.uniform(0.05, LONGEST_SECONDS))
        await server.kill()
        await asyncio.gather(*asking)


async def _lost(server: Server, visitors: list[Visitor]) -> list[str]:
    """Return what was accepted and is not there."""
    lost: list[str] = []
    async with ClientSession() as http:
        for visitor in visitors:
            there = await _questions(http, server.url, visitor.chat) if visitor.chat else {}
            lost += [text for n, text in visitor.accepted.items() if there.get(n) != text]
    return lost


async def _questions(http: ClientSession, url: str, chat: str) -> dict[int, str]:
    found: dict[int, str] = {}
    before = ""
    while True:
        headers = {"Authorization": f"Bearer {chat}"}
        async with http.get(f"{url}/api/messages{before}", headers=headers) as response:
            response.raise_for_status()
            page = await response.json()
        found |= {one["n"]: one["text"] for one in page["messages"] if one["role"] == "user"}
        if not page["more"]:
            return found
        before = f"?before={page['messages'][0]['n']}"
