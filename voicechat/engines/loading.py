"""Loading an engine beside the server's work: what the log is told, and who waits for it and how long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from ..errors import Unavailable, VoiceChatError, WarmingUp

log = logging.getLogger("voicechat.engines")

LOADING_SECONDS = 60.0
"""How long a question waits for what is loading; a cold disk needs some 10 s for both embedded models."""

NOT_WORKING = "This part of the assistant does not work at the moment."


async def load_logged(name: str, load: Callable[[], Awaitable[None]]) -> None:
    """
    Do *load*, and tell the log where it fails: nobody may wait for it by then. *name* is who loads.

    Raises:
        Exception: As *load*.
    """
    try:
        await load()
    except VoiceChatError as exc:
        log.error("%s does not work: %s", name, exc)
        raise
    except Exception:
        log.exception("%s could not be loaded", name)
        raise


async def loaded_in_time(loading: asyncio.Task[None], seconds: float = LOADING_SECONDS) -> None:
    """
    Return once *loading* is done; it goes on where nobody waits any more.

    Raises:
        WarmingUp: If it still loads after *seconds*.
        Unavailable: If it failed; the log says why.
    """
    if not loading.done():
        await asyncio.wait([loading], timeout=seconds)
    if not loading.done():
        raise WarmingUp(
            "The assistant is still warming up. Please try again in a moment.", retry_after_seconds=10
        )
    if loading.cancelled() or loading.exception() is not None:
        raise Unavailable(NOT_WORKING) from (None if loading.cancelled() else loading.exception())
