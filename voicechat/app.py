"""Builds the house; the only module that knows every room."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

from aiohttp import web

from .api import (
    HOUSE,
    OPEN_KEYS,
    VISITORS,
    House,
    Pages,
    Visitors,
    add_routes,
    allow_origins,
    answer_errors,
    max_body_bytes,
)
from .config import Config
from .conversation import Conversations
from .engines import Engines, open_engines
from .errors import ConfigError, Unavailable
from .guard import OriginRule
from .knowledge import Knowledge
from .store import file_of, kept_seconds, open_store
from .turn import Rooms

log = logging.getLogger("voicechat")

LOOK_SECONDS = 0.05
"""Between two looks at whether an answer still runs, while the server is about to stop."""

FAREWELL_SECONDS = 0.5
"""How long sockets have to close when the server stops; the process's end cuts the others."""

SWEEP_SECONDS = 10.0
"""How often idle chats are looked for; never later than a tenth of the idle time."""


def build(
    config: Config, engines: Engines | None = None, knowledge: Knowledge | None = None
) -> web.Application:
    """
    Return the application of *config*; *engines* and *knowledge* None: those that it names.

    Raises:
        ConfigError: If something can't work as configured.
    """
    engines = engines or open_engines(config)
    knowledge = knowledge or _knowledge(config)
    store = open_store(config.store_address, config.limits.chats)
    rooms = Rooms(config, engines, store, knowledge)
    house = House(config, rooms, Conversations(rooms), OriginRule(config.origins), knowledge)
    app = web.Application(
        middlewares=[answer_errors, allow_origins], client_max_size=max_body_bytes(config.limits)
    )
    app[HOUSE] = house
    app[OPEN_KEYS] = set()
    app[VISITORS] = Visitors(config.limits, time.monotonic)
    add_routes(app, house, Pages(knowledge))
    app.cleanup_ctx.append(_rooms_open)
    app.on_shutdown.append(_shut_down)
    return app


def _knowledge(config: Config) -> Knowledge | None:
    if not config.knowledge.on:
        return None
    folder = config.knowledge.folder or Path(str(files("voicechat") / "example"))
    if not folder.is_dir():
        raise ConfigError(f"knowledge.folder (VOICECHAT_KNOWLEDGE_FOLDER): {folder} is no folder.")
    return Knowledge(folder, config.knowledge.passages, config.knowledge.base_url or "")


async def _rooms_open(app: web.Application) -> AsyncIterator[None]:
    """Load the models beside the server's work; close everything in the opposite order."""
    house = app[HOUSE]
    knowledge = house.knowledge
    house.rooms.engines.start({"knowledge": knowledge.load} if knowledge else {})
    caretakers = [
        asyncio.create_task(app[VISITORS].look_after()),
        asyncio.create_task(_sweep(house)),
    ]
    yield
    for caretaker in caretakers:
        caretaker.cancel()
    await asyncio.wait(caretakers)
    await house.conversations.close()
    await house.rooms.engines.close()
    if knowledge:
        await knowledge.close()
    await house.rooms.store.close()


async def _sweep(house: House) -> None:
    seconds = kept_seconds(house.config.store_address, house.config.idle_minutes)
    while True:
        await asyncio.sleep(min(SWEEP_SECONDS, seconds / 10))
        try:
            await house.conversations.sweep(seconds)
        except Unavailable as exc:
            log.warning("Idle chats could not be forgotten, trying again: %s", exc)
        except Exception:
            log.exception("Idle chats could not be forgotten; trying again")


async def drain(app: web.Application) -> None:
    """
    Let nobody in any more, and wait until no answer runs and none is read, for as long as the setting says.

    The server still listens: who looks after it sees at `/readyz` that it goes. What is asked over a
    connection that is open waits for the next process, unless nothing that is stored gets there.
    """
    house, visitors = app[HOUSE], app[VISITORS]
    if file_of(house.config.store_address):
        house.conversations.hold()
    until = time.monotonic() + house.config.limits.drain_seconds
    while True:
        left_seconds = until - time.monotonic()
        visitors.drain(max(left_seconds, 0))
        if left_seconds <= 0 or not (house.conversations.is_awaited or visitors.requests):
            # In the same step: what came between would be accepted, and stopped before it is answered.
            await visitors.part_all(1012, "restart", 0)
            return
        # An answer ends, or is waited for no more, or somebody whom to tell comes: to look costs less.
        await asyncio.sleep(LOOK_SECONDS)


async def _shut_down(app: web.Application) -> None:
    """
    Close the sockets ourselves, for aiohttp would only cut them; then stop what still runs.

    1012 says: come back and resume. What is stopped is no end of the answer then, and is not told as one.
    """
    await app[VISITORS].part_all(1012, "restart", FAREWELL_SECONDS)
    await app[HOUSE].conversations.close()
