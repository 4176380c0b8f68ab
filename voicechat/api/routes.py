"""Every address of the server, in one table."""

from __future__ import annotations

from aiohttp import web

from ..errors import ModeOff
from .errors import Handler, begin_response
from .health import get_health, get_ready
from .holding import HOLDING, Holding
from .house import House
from .pages import Pages
from .v1 import get_config, get_messages, post_chats, post_events, post_message
from .v2 import get_ws


def add_routes(app: web.Application, house: House, pages: Pages) -> None:
    app[HOLDING] = Holding(house.config.limits.held_bytes)
    app.on_response_prepare.append(begin_response)
    app.add_routes(
        [
            web.post("/api/message", _only_in(house, "v1", post_message)),
            web.post("/api/chats", post_chats),
            web.post("/api/events", post_events),
            web.get("/api/messages", get_messages),
            web.get("/api/config", get_config),
            web.get("/ws", _only_in(house, "v2", get_ws)),
            web.get("/healthz", get_health),
            web.get("/readyz", get_ready),
            web.get("/chat.js", pages.get_loader),
            web.get("/widget/{name}", pages.get_widget_file),
            # Any method: an unknown address is not found, whatever was wanted of it.
            web.route("*", r"/{page:(?!api/|widget/|ws$|chat\.js$).*}", pages.get_page),
        ]
    )


def _only_in(house: House, mode: str, handler: Handler) -> Handler:
    """Return *handler* where its mode is served, else one that says how to have it."""
    if mode in house.modes:
        return handler

    async def refuse(request: web.Request) -> web.StreamResponse:
        served = house.config.mode
        raise ModeOff(
            f"This server answers in mode {served} only. "
            f"Start it with --mode {mode} or --mode both (make run-{mode}, make run)."
        )

    return refuse
