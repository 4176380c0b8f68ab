"""The tests' own servers end without losing a connection."""

from __future__ import annotations

import asyncio
import gc
import socket

import pytest
from aiohttp import web

from .listening import listening


@pytest.mark.parametrize("rounds", range(4))
async def test_a_connection_that_comes_as_a_server_ends_is_no_warning(rounds: int) -> None:
    # With a plain `TCPSite` it is one after two rounds of the loop.
    runner = web.AppRunner(web.Application(), shutdown_timeout=0.01)
    await runner.setup()
    async with listening(runner) as url:
        # At once: what is awaited would take rounds of its own.
        client = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))
        for _ in range(rounds):
            await asyncio.sleep(0)
    client.close()
    gc.collect()
