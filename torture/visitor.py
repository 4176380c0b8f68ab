"""A visitor of mode v2, and what it was told is kept."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType

from voicechat.dialogue import Accepted, AskAudio, AskAudioEnd, AskText, End, Fault, Hello, Welcome
from voicechat.engines.scripted import HEARD
from voicechat.wire import decode, encode

PATIENCE_SECONDS = 30.0
"""For anything that a visitor waits for; on a machine that does other things too."""

RECORDING = bytes(16_000)
"""Half a second of silence, in which the scripted engine hears `HEARD`."""


class Line:
    """One socket of the full profile."""

    def __init__(self, websocket: ClientWebSocketResponse) -> None:
        self.socket = websocket

    async def say(self, message: object, turn: int = 0) -> None:
        await self.socket.send_bytes(encode(message, turn))

    async def frame(self) -> bytes:
        """
        Return the next frame, whatever it says.

        Raises:
            ConnectionError: If the socket closes first.
        """
        message = await self.socket.receive()
        if message.type is not WSMsgType.BINARY:
            raise ConnectionError
        data: bytes = message.data
        return data

    async def hear(self) -> tuple[Any, int]:
        """
        Return the next message and its turn.

        Raises:
            ConnectionError: If the socket closes first.
        """
        return decode(await self.frame())

    def cut(self) -> None:
        """Break the connection off, without a word of WebSocket's."""
        shared = self.socket.get_extra_info("socket")
        if shared is not None and shared.fileno() >= 0:
            with socket.socket(fileno=os.dup(shared.fileno())) as ours, suppress(OSError):
                ours.shutdown(socket.SHUT_RDWR)

    async def introduce(self, tab: str, chat: str | None, **more: object) -> Welcome:
        hello = {"v": 1, "tab": tab, "audio_in": ["pcm16/16000"], "audio_out": [], **more}
        await self.say(Hello(hello | ({"chat": chat} if chat else {})))
        while True:
            message, _ = await self.hear()
            if isinstance(message, Welcome):
                return message


@dataclass
class Visitor:
    """One chat and its tab."""

    name: str
    chat: str | None = None
    turn: int = 1
    accepted: dict[int, str] = field(default_factory=dict)
    """n of the question -> its text."""
    running: list[int] = field(default_factory=list)
    """Turns that the last WELCOME said still run."""

    @asynccontextmanager
    async def connected(self, http: ClientSession, url: str) -> AsyncIterator[Line]:
        """
        Be there, in the chat of the time before.

        Raises:
            ConnectionError, ClientError: If the server goes away.
        """
        async with http.ws_connect(url + "/ws", max_msg_size=0) as websocket:
            line = Line(websocket)
            welcome = (await line.introduce(f"tab-{self.name}", self.chat)).content
            self.chat, self.turn = welcome["chat"], welcome["next_turn"]
            self.running = [turn["turn"] for turn in welcome["running"]]
            yield line

    async def ask(self, line: Line, text: str | None) -> Fault | None:
        """Ask, None: by speaking; wait for the END, and return what went wrong."""
        turn, self.turn = self.turn, self.turn + 1
        if text is None:
            text = HEARD
            await line.say(AskAudio(0, 0, RECORDING), turn)
            await line.say(AskAudioEnd(len(RECORDING)), turn)
        else:
            await line.say(AskText(text), turn)
        fault: Fault | None = None
        while True:
            message, of = await line.hear()
            if of == turn:
                match message:
                    case Accepted(n):
                        self.accepted[n] = text
                    case Fault():
                        fault = message
                    case End():
                        return fault

    async def ask_on(self, http: ClientSession, url: str) -> None:
        """Ask one question after another, each fifth by speaking, until the server is gone."""
        with suppress(ClientError, ConnectionError):
            async with self.connected(http, url) as line:
                while True:
                    is_spoken = random.random() < 0.2
                    await self.ask(line, None if is_spoken else f"{self.name} asks for number {self.turn}.")

    async def hear_out(self, http: ClientSession, url: str) -> None:
        """
        Come back, and wait for the END of all that still runs.

        Raises:
            TimeoutError: If one does not come.
        """
        async with asyncio.timeout(PATIENCE_SECONDS), self.connected(http, url) as line:
            left = set(self.running)
            while left:
                message, turn = await line.hear()
                if isinstance(message, End):
                    left.discard(turn)

    async def history(self, http: ClientSession, url: str) -> list[dict[str, Any]]:
        """Return all that the server kept of the chat, oldest first."""
        found: list[dict[str, Any]] = []
        before = ""
        while self.chat is not None:
            headers = {"Authorization": f"Bearer {self.chat}"}
            async with http.get(f"{url}/api/messages{before}", headers=headers) as response:
                response.raise_for_status()
                page = await response.json()
            found = page["messages"] + found
            if not page["more"]:
                break
            before = f"?before={page['messages'][0]['n']}"
        return found

    def lost(self, history: list[dict[str, Any]]) -> list[str]:
        """Return what was accepted and does not stand in *history*."""
        there = {one["n"]: one["text"] for one in history if one["role"] == "user"}
        return [f"lost: {n}, {text[:80]}" for n, text in self.accepted.items() if there.get(n) != text]


def unfinished(name: str, history: list[dict[str, Any]], *statuses: str) -> list[str]:
    """Return the messages that have one of *statuses*, and nobody is about."""
    return [f"{name}: message {m['n']} stays {m['status']}" for m in history if m["status"] in statuses]
