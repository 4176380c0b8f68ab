"""A database file, opened for this server alone: whole, ours, and as durable as the disk is."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from sqlite3 import Connection

from ..errors import ConfigError
from .migrations import migrate

log = logging.getLogger("voicechat.store")

APPLICATION_ID = 0x76636831
"""`vch1`: tells our files from those of others (https://sqlite.org/pragma.html#pragma_application_id)."""

BUSY_SECONDS = 5.0
"""How long another program may hold the file, such as a backup or somebody's sqlite3 shell."""


def open_database(file: Path) -> Connection:
    """
    Return a connection to *file*, made where it is missing.

    Raises:
        ConfigError: If it can't be used; its text says the way out.
    """
    try:
        connection = sqlite3.connect(
            file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as exc:
        raise ConfigError(f"{file}: {exc}. Is its folder there, and may this user write in it?") from None
    try:
        _prepare(connection, file)
    except BaseException as exc:
        connection.close()
        if isinstance(exc, sqlite3.Error):
            raise ConfigError(f"{file}: {exc}. {_way_out(exc, file)}") from None
        raise
    return connection


def _prepare(connection: Connection, file: Path) -> None:
    application, tables = (
        _one(connection, "PRAGMA application_id"),
        _one(connection, "SELECT count(*) FROM sqlite_schema"),
    )
    if application != APPLICATION_ID and tables:
        raise ConfigError(f"{file} is a database of another program: name another file.")
    if (found := _one(connection, "PRAGMA quick_check(1)")) != "ok":
        raise sqlite3.DatabaseError(f"database disk image is malformed ({found})")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    # A commit has reached the disk when it returns, and one that is cut off leaves the file whole.
    if _one(connection, "PRAGMA journal_mode = WAL") != "wal":
        raise ConfigError(
            f"{file} lies where SQLite can't keep its log, such as a network's folder: name another."
        )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection)


def _one(connection: Connection, query: str) -> object:
    row = connection.execute(query).fetchone()
    return None if row is None else row[0]


def _way_out(error: sqlite3.Error, file: Path) -> str:
    match error.sqlite_errorcode & 0xFF if hasattr(error, "sqlite_errorcode") else sqlite3.SQLITE_CORRUPT:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "Another program holds it: stop that one, or name another file."
        case sqlite3.SQLITE_FULL:
            return "The disk is full: make room."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return "This user may not write there: allow it, or name another file."
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return (
                f"The file is damaged. Put your last backup in its place, or save what can be read: "
                f"`sqlite3 {file} .recover | sqlite3 saved.db`, and name that file."
            )
    return "Name another file, or mend this one."
