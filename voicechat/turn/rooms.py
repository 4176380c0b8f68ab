"""The rooms of the house that a turn calls on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..config import Config
from ..dialogue import Passage
from ..engines import Engines
from ..store import Store
from .pace import Paces

REHEARD_AT_ONCE = 2
"""
Recordings of an earlier process that are in memory at once: they wait in the store, and not there.

After a restart all chats may come back in the same second, each with one.
"""


class Knowledge(Protocol):
    async def passages(self, question: str, earlier: Sequence[str]) -> tuple[Passage, ...]: ...

    def topics(self) -> tuple[str, ...]: ...

    def follow_ups(self, passages: Sequence[Passage], asked: Iterable[str]) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Rooms:
    """What a turn calls on."""

    config: Config
    engines: Engines
    store: Store
    knowledge: Knowledge | None
    """None: knowledge is switched off."""
    rehearing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(REHEARD_AT_ONCE))
    """Who takes a recording from the store holds it."""
    paces: Paces = field(default_factory=Paces)
    """What was learnt of the voices."""
