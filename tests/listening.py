"""How the tests' own servers begin and end to listen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def listening(runner: web.AppRunner) -> AsyncIterator[str]:
    """
    Serve the application of *runner*, which is set up, at a free port; yield its address, and clean up.

    asyncio loses a connection that it has accepted when its server closes in the same moment, and warns
    of that (https://github.com/python/cpython/issues/109564); browsers open some that nobody asked for.
    So it stops to accept a little before.
    """
    loop = asyncio.get_running_loop()
    assert runner.server is not None
    server = await loop.create_server(runner.server, "127.0.0.1", 0)
    [socket] = server.sockets
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        loop.remove_reader(socket.fileno())
        for _ in range(2):  # what was accepted by now becomes a connection
            await asyncio.sleep(0)
        server.close()
        await runner.cleanup()
