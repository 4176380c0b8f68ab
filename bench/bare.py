"""A WebSocket server of aiohttp and nothing else: what a connection costs before anybody does anything."""

from __future__ import annotations

import sys

from aiohttp import web


async def get_ws(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    async for _ in socket:
        await socket.send_bytes(b"\x81")
    return socket


async def get_health(request: web.Request) -> web.Response:
    return web.Response()


if __name__ == "__main__":
    app = web.Application()
    app.add_routes([web.get("/ws", get_ws), web.get("/healthz", get_health)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None, backlog=4096)
