"""
A proxy between browser and server that treats WebSockets as some networks do. A program of its own:

    python tests/browser/proxy.py --to 8080 --port 8090 --upgrades 502

It imports nothing of voicechat. In a test:

    async with proxied(server.url, upgrades="hang") as proxy:
        …                                  # a page at proxy.url
        proxy.upgrades = "pass"
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Literal, get_args
from urllib.parse import urlsplit

Upgrades = Literal["pass", "400", "403", "426", "502", "hang", "cut"]
"""
What becomes of a WebSocket: let through, refused with a status, never answered, or let through and cut.
"""

HEAD_BYTES = 65_536


class Proxy:
    def __init__(self, host: str, port: int, upgrades: Upgrades = "pass") -> None:
        """Pass on to *host* and *port*."""
        self._upstream = host, port
        self.upgrades = upgrades
        self.live_seconds = 0.5
        """How long a socket lives that is going to be cut."""
        self.buffers = False
        """Whether a response is passed on only when all of it is here."""
        self.url = ""
        self.tried = 0
        """How many WebSockets were asked for."""
        self._sockets: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def open_sockets(self) -> int:
        """How many WebSockets are let through just now."""
        return len(self._sockets)

    def cut(self) -> None:
        """Break off every WebSocket, without a word."""
        for writer in self._sockets:
            writer.transport.abort()

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        # A task of our own: asyncio's would call its cancellation an error.
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Look at the head of the first request, and do with the connection as the settings say."""
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                # A browser opens a connection of its own for each WebSocket.
                if b"\r\nupgrade: websocket" in head.lower():
                    await self._upgrade(head, reader, writer)
                else:
                    await self._pass_on(head, reader, writer)
        finally:
            writer.close()

    async def close(self) -> None:
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _upgrade(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tried += 1
        upgrades = self.upgrades
        if upgrades == "hang":
            await reader.read()  # until the browser gives up
        elif upgrades in ("pass", "cut"):
            self._sockets.add(writer)
            if upgrades == "cut":
                asyncio.get_running_loop().call_later(self.live_seconds, writer.transport.abort)
            try:
                await self._pass_on(head, reader, writer)
            finally:
                self._sockets.discard(writer)
        else:
            body = b"<h1>No way through</h1>"
            writer.write(b"HTTP/1.1 %b No\r\nContent-Type: text/html\r\n" % upgrades.encode())
            writer.write(b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body))
            await writer.drain()

    async def _pass_on(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(*self._upstream)
        try:
            if self.buffers:
                # The end of a response is then the end of its connection.
                head = head.replace(b"\r\nConnection: keep-alive", b"\r\nConnection: close")
            to_server.write(head)
            up = asyncio.create_task(_pump(reader, to_server))
            down = asyncio.create_task((_whole if self.buffers else _pump)(from_server, writer))
            try:
                await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
            finally:
                up.cancel()
                down.cancel()
                await asyncio.gather(up, down, return_exceptions=True)
        finally:
            to_server.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(HEAD_BYTES):
        writer.write(data)
        await writer.drain()


async def _whole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.read())
    await writer.drain()


@contextlib.asynccontextmanager
async def proxied(url: str, port: int = 0, upgrades: Upgrades = "pass") -> AsyncIterator[Proxy]:
    """Run a proxy in front of the server at *url*."""
    address = urlsplit(url)
    assert address.hostname is not None and address.port is not None
    proxy = Proxy(address.hostname, address.port, upgrades)
    server = await asyncio.start_server(proxy.take, "127.0.0.1", port, limit=HEAD_BYTES)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description="A proxy that lets WebSockets through, or does not.")
    parser.add_argument("--to", type=int, default=8080, help="port of the server")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--upgrades", choices=get_args(Upgrades), default="502")
    options = parser.parse_args()
    async with proxied(f"http://127.0.0.1:{options.to}", options.port, options.upgrades) as proxy:
        print(proxy.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
