"""A TCP proxy that does what networks do: it cuts, stalls, slows down, and goes deaf one way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

PIECE_BYTES = 65_536


class FaultProxy:
    """Passes on what comes, until it is told otherwise; *host* and *port* are the server's."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._streams: set[asyncio.StreamWriter] = set()
        self._passes_up = asyncio.Event()
        self._passes_down = asyncio.Event()
        self.bytes_per_second: float | None = None
        """None: as fast as it goes."""
        self.heal()

    def heal(self) -> None:
        """Pass everything on again, what was held back first."""
        self._passes_up.set()
        self._passes_down.set()
        self.bytes_per_second = None

    def stall(self) -> None:
        """Hold back all that comes, and close nothing: as a network that is gone."""
        self._passes_up.clear()
        self._passes_down.clear()

    def deafen(self) -> None:
        """Hold back what the server sends; what is sent to it still arrives."""
        self._passes_down.clear()

    def cut(self) -> None:
        """Reset every connection at once; what was under way is lost."""
        for writer in self._streams:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection(*self._address)
        except OSError:
            writer.transport.abort()
            return
        self._streams |= {writer, up_writer}
        await asyncio.gather(
            self._pass(reader, up_writer, self._passes_up), self._pass(up_reader, writer, self._passes_down)
        )
        self._streams -= {writer, up_writer}

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passes: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(PIECE_BYTES):
                await passes.wait()
                if self.bytes_per_second is not None:
                    await asyncio.sleep(len(data) / self.bytes_per_second)
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def fault_proxy(url: str) -> AsyncIterator[tuple[FaultProxy, str]]:
    """Stand before the server at *url*; yield the proxy and its own address."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    proxy = FaultProxy(parts.hostname, parts.port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    try:
        yield proxy, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        proxy.heal()
        proxy.cut()
        server.close()
