"""What the doctor says, and how a check is kept within its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

Mark = Literal["ok", "unknown", "warning", "problem"]
Topic = Literal[
    "settings",
    "engines",
    "providers",
    "models",
    "port",
    "microphone",
    "host page",
    "pages",
    "chats",
    "installed",
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is in order or is not. It holds no secret: people paste it where they ask for help."""

    topic: Topic
    mark: Mark
    """`unknown`: could not be found out, or not without a bill."""
    text: str
    mend: str = ""
    """What to do, in one line; empty where nothing is."""


Check = AsyncGenerator[Finding, None]


async def within(seconds: float, check: Check, late: Finding) -> list[Finding]:
    """Return what *check* found in *seconds*, and *late* where it was not done by then."""
    found: list[Finding] = []
    try:
        async with asyncio.timeout(seconds), aclosing(check):
            async for finding in check:
                found.append(finding)
    except TimeoutError:
        found.append(late)
    except Exception as exc:  # noqa: BLE001 - one broken check must not hide what the others found
        what = f"This check itself failed: {type(exc).__name__}."
        found.append(Finding(late.topic, "unknown", what, "Please report it."))
    return found
