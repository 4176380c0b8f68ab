"""The server under test: the real application on a free port."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

from voicechat.api import HOUSE, House
from voicechat.app import build
from voicechat.config import load
from voicechat.dialogue import Hello, SetClientId, Welcome
from voicechat.engines import Engines
from voicechat.wire import decode, encode

from . import doubles
from .listening import listening

pytest_plugins = ["tests.cache", "tests.figures", "tests.noskip"]

HELLO = {"v": 1, "tab": "tab-1", "audio_in": ["pcm16/16000", "webm/opus"], "audio_out": ["pcm16/24000"]}


class Client:
    """A v2 client: it sends messages and receives them decoded."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, message: Any, turn: int = 0) -> None:
        await self.socket.send_bytes(encode(message, turn))

    async def receive(self) -> tuple[Any, int]:
        """Return the next message and its turn."""
        message = await self.socket.receive(timeout=10)
        assert message.type is WSMsgType.BINARY, message
        return decode(message.data)

    async def until(self, *kinds: type, count: int = 1) -> list[Any]:
        """Return the messages up to and with the *count*-th one of *kinds*."""
        messages: list[Any] = []
        while count:
            messages.append((await self.receive())[0])
            count -= isinstance(messages[-1], kinds)
        return messages

    async def hello(self, **changes: Any) -> dict[str, Any]:
        """Introduce a full client; return what WELCOME says."""
        await self.send(Hello({**HELLO, **changes}))
        welcome, _ = await self.receive()
        assert isinstance(welcome, Welcome), welcome
        return dict(welcome.content)

    async def close_code(self) -> int | None:
        """Wait until the server closes, and return why; None: the connection was cut."""
        while (message := await self.socket.receive(timeout=10)).type is WSMsgType.BINARY:
            pass
        return message.data if message.type is WSMsgType.CLOSE else None


@dataclass
class Server:
    """A running server."""

    app: web.Application
    url: str
    http: ClientSession

    @property
    def house(self) -> House:
        return self.app[HOUSE]

    async def post(self, path: str, headers: dict[str, str] | None = None, **content: Any) -> tuple[int, Any]:
        """POST *content* as JSON; return the status and what was answered."""
        # As a file, for aiohttp warns of large bodies that are not.
        body = io.BytesIO(json.dumps(content).encode())
        async with self.http.post(self.url + path, data=body, headers=headers) as response:
            return response.status, await response.json()

    async def message(self, headers: dict[str, str] | None = None, **content: Any) -> tuple[int, Any]:
        return await self.post("/api/message", headers, **{"id": "me", **content})

    @contextlib.asynccontextmanager
    async def client(self, **headers: str) -> AsyncIterator[Client]:
        """Connect to v2."""
        async with self.http.ws_connect(self.url + "/ws", headers=headers, max_msg_size=0) as socket:
            yield Client(socket)

    @contextlib.asynccontextmanager
    async def basic(self, id_: str = "me") -> AsyncIterator[Client]:
        """Connect to v2 in the basic profile."""
        async with self.client() as client:
            await client.send(SetClientId(id_))
            assert await client.socket.receive_bytes() == b"\x81"
            yield client


Serve = Callable[..., contextlib.AbstractAsyncContextManager[Server]]


@contextlib.asynccontextmanager
async def serving(
    engines: Engines | None = None,
    pages: doubles.Pages | None = None,
    *,
    as_configured: bool = False,
    **settings: str,
) -> AsyncIterator[Server]:
    """
    Run the application with *engines*, *pages*, and *settings* by their names without prefix.

    *engines* None: doubles; or, *as_configured*, those that the settings name.

    The site's pages are left out unless `knowledge_on` says otherwise: they load a second. Chats are
    kept in memory unless `store` says otherwise.
    """
    environment = {"VOICECHAT_KNOWLEDGE_ON": "false", "VOICECHAT_STORE": "memory"}
    environment |= {f"VOICECHAT_{name.upper()}": value for name, value in settings.items()}
    if engines is None and not as_configured:
        engines = doubles.engines()
    app = build(load(environment=environment), engines, pages)
    runner = web.AppRunner(app, handler_cancellation=True, auto_decompress=False, shutdown_timeout=1)
    await runner.setup()
    async with listening(runner) as url, ClientSession() as http:
        yield Server(app, url, http)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server whose engines are doubles with nothing special about them."""
    async with serving() as running:
        yield running
