"""For what looks after the process from outside."""

from __future__ import annotations

from aiohttp import web

from .errors import json_response
from .visitors import VISITORS


async def get_health(request: web.Request) -> web.Response:
    """Tell that the process serves (`GET /healthz`); models may still be loading."""
    return json_response({"status": "ok"})


async def get_ready(request: web.Request) -> web.Response:
    """Tell whether new visitors are welcome (`GET /readyz`): 503 once the server is about to stop."""
    if request.app[VISITORS].is_draining:
        return json_response({"status": "draining"}, status=503)
    return json_response({"status": "ready"})
