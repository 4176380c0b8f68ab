"""A WebSocket of mode v2: messages of `dialogue` in both directions."""

from __future__ import annotations

from typing import Any

import aiohttp

from ..errors import Malformed, UnknownType
from ..wire import decode, encode
from .errors import Failed, Gone, NotThere
from .server import reaching

HEARTBEAT_SECONDS = 20.0
"""Between two pings: a network that vanished tells nobody."""

CLOSE_SECONDS = 2.0
"""How long the server may take to answer our close."""

CLOSED: dict[int, str] = {
    1001: "the server goes away",
    1009: "a message was too big for the server",
    1011: "something went wrong in the server",
    1012: "the server restarts",
    1013: "its messages were not taken fast enough",
    4401: "the chat's id is not the right one",
    4408: "nothing was said for too long",
    4409: "this client has connected anew",
    4429: "too much was asked at once",
    4503: "the server is full",
}
"""Why a server closes a connection, as PROTOCOL.md has it."""


class FrameSocket:
    """Made by `open_socket`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, url: str) -> None:
        self._socket = socket
        self._url = url

    async def send(self, message: Any, turn: int = 0) -> int:
        """
        Send *message*; return the bytes of its frame.

        Raises:
            Gone: If there is no connection any more.
        """
        frame = encode(message, turn)
        with reaching(self._url):
            await self._socket.send_bytes(frame)
        return len(frame)

    async def receive(self) -> tuple[Any, int, int]:
        """
        Return the next message, its turn, and the bytes of its frame. Kinds unknown here are skipped.

        Raises:
            Gone: If the connection ends; the text says why.
        """
        while True:
            with reaching(self._url):
                received = await self._socket.receive()
            if received.type is not aiohttp.WSMsgType.BINARY:
                raise Gone(self._why(received))
            try:
                return (*decode(received.data), len(received.data))
            except UnknownType:
                continue
            except Malformed as exc:
                raise Gone(f"The server at {self._url} sends what is not in the protocol: {exc}") from exc

    def _why(self, received: aiohttp.WSMessage) -> str:
        if received.type is not aiohttp.WSMsgType.CLOSE:
            return f"The connection to {self._url} was lost."
        why = CLOSED.get(received.data) or received.extra or "it did not say why"
        return f"The server closed the connection: {why} ({received.data})."

    async def close(self) -> None:
        await self._socket.close()


async def open_socket(http: aiohttp.ClientSession, url: str) -> FrameSocket:
    """
    Connect to the server at *url*.

    Raises:
        NotThere, Gone: If there is no way to it.
        Failed: If it is full.
    """
    address = "ws" + url.removeprefix("http") + "/ws"
    timeout = aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS)
    with reaching(url):
        try:
            socket = await http.ws_connect(address, heartbeat=HEARTBEAT_SECONDS, timeout=timeout)
        except aiohttp.WSServerHandshakeError as exc:
            if exc.status == 503:
                raise Failed("The server is full. Please try again later.", "unavailable") from exc
            raise NotThere(
                f"{url} takes no WebSocket (HTTP {exc.status}), perhaps for a proxy on the way; "
                "--mode v1 needs none."
            ) from exc
    return FrameSocket(socket, url)
