"""For what looks after the process from outside."""

from __future__ import annotations

from aiohttp import web

from .errors import json_response


async def get_health(request: web.Request) -> web.Response:
    """Tell that the process serves (`GET /healthz`); models may still be loading."""
    return json_response({"status": "ok"})
