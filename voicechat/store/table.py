"""Which store an address names."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConfigError
from .interface import Store
from .memory import MemoryStore
from .sqlite import SqliteStore

DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of store."""

    open: Callable[[str, int], Store]
    """Makes one from what stands behind the scheme, with room for so many chats."""
    wants: str
    """What has to stand there; empty: nothing."""
    idle_seconds: float
    """After which a silent chat is forgotten, where nothing else is said."""


STORES: dict[str, Kind] = {
    "sqlite": Kind(lambda file, chats: SqliteStore(Path(file), chats), "a file", 30 * DAY_SECONDS),
    "memory": Kind(lambda _, chats: MemoryStore(time.monotonic, chats), "", 300.0),
}


def open_store(address: str, max_chats: int) -> Store:
    """
    Return the store at *address*, as `sqlite:voicechat.db` or `memory`.

    Raises:
        ConfigError: If it names none, or one that can't be used.
    """
    kind, rest = _kind(address)
    return kind.open(rest, max_chats)


def file_of(address: str) -> Path | None:
    """
    Return the file of the store at *address*; None: it is in none.

    Raises:
        ConfigError: If it names no store.
    """
    kind, rest = _kind(address)
    return Path(rest) if kind.wants else None


def kept_seconds(address: str, minutes: float | None) -> float:
    """Return after how long the store at *address* forgets a silent chat; *minutes* None: its own default."""
    return _kind(address)[0].idle_seconds if minutes is None else minutes * 60


def _kind(address: str) -> tuple[Kind, str]:
    scheme, _, rest = address.partition(":")
    kind = STORES.get(scheme)
    if kind is None or bool(rest) != bool(kind.wants):
        known = " or ".join(f"{name}:{kind.wants}".rstrip(":") for name, kind in STORES.items())
        raise ConfigError(f"store (VOICECHAT_STORE): {address!r} names no store. Wanted is {known}.")
    return kind, rest
