"""What a file of chats holds, taken out while a server uses it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import orjson

from ..errors import ConfigError
from .opening import APPLICATION_ID, DAMAGED, one, way_out

PAGES = 256
"""Copied between two words of progress: a megabyte."""


def backup(file: Path, target: Path, told: Callable[[int, int], None]) -> None:
    """
    Copy *file*, as it stands at one moment, into the new file *target*; *told*: pages done, and in all.

    SQLite's online backup (https://sqlite.org/backup.html): the server goes on meanwhile, and the copy
    is one file without a log beside it.

    Raises:
        ConfigError: If there is no such file, *target* is there already, or it can't be written.
    """
    if target.exists():
        raise ConfigError(f"{target} is there already. Name another file.")
    unfinished = target.with_name(target.name + ".part")
    try:
        with closing(sqlite3.connect(unfinished)) as copy, _moment(file) as source:
            source.backup(copy, pages=PAGES, progress=lambda _, left, pages: told(pages - left, pages))
            copy.execute("PRAGMA journal_mode = DELETE")
            if (found := one(copy, "PRAGMA quick_check(1)")) != "ok":
                raise ConfigError(f"{file}: {found}")
        unfinished.rename(target)
    except (sqlite3.Error, OSError) as exc:
        raise ConfigError(f"{target}: it could not be written: {exc}") from exc
    finally:
        unfinished.unlink(missing_ok=True)


def exported(file: Path, told: Callable[[int, int], None]) -> Iterator[dict[str, Any]]:
    """
    Yield each chat of *file* with its messages, all as they stand at one moment.

    *told*: chats done, and in all.
    A chat is `{chat, used_at, messages: [{n, role, text, status, heard, sources, fault, rating, at}]}`,
    times in seconds since 1970; recordings that were not heard yet are left out.

    Raises:
        ConfigError: If there is no such file.
    """
    with _moment(file) as source:
        (total,) = source.execute("SELECT count(*) FROM chats").fetchone()
        rows = source.execute("SELECT id, name, used_at FROM chats ORDER BY id")
        for done, (id_, name, used_at) in enumerate(rows):
            told(done, total)
            yield {"chat": name, "used_at": used_at, "messages": _messages(source, id_)}


def count_chats(file: Path) -> int:
    """
    Return how many chats *file* holds, after a look at whether it is whole.

    Raises:
        ConfigError: If it is not, or there is no such file.
    """
    with _moment(file) as source:
        if (found := one(source, "PRAGMA quick_check(1)")) != "ok":
            raise ConfigError(f"{file}: {found}. {DAMAGED}")
        (total,) = source.execute("SELECT count(*) FROM chats").fetchone()
        return int(total)


def _messages(source: Connection, chat: int) -> list[dict[str, Any]]:
    rows = source.execute(
        "SELECT n, role, text, status, heard, sources, fault, rating, at FROM messages "
        "WHERE chat = ? ORDER BY n",
        (chat,),
    )
    names = [column for column, *_ in rows.description]
    messages = [dict(zip(names, row, strict=True)) for row in rows]
    for message in messages:
        message["sources"] = orjson.loads(message["sources"])
        message["fault"] = message["fault"] and orjson.loads(message["fault"])
    return messages


@contextmanager
def _moment(file: Path) -> Iterator[Connection]:
    """A connection that reads *file* and sees nothing of what is written from now on."""
    if not file.exists():
        raise ConfigError(f"{file}: There is no such file of chats.")
    # It can't write: closing it leaves the server's log alone.
    source = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        if one(source, "PRAGMA application_id") != APPLICATION_ID:
            raise ConfigError(f"{file}: It is a database of another program.")
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM chats LIMIT 1").fetchone()  # from here on the moment holds
        yield source
    except sqlite3.Error as exc:
        raise ConfigError(f"{file}: {exc}. {way_out(exc)}") from exc
    finally:
        source.close()
