"""A database file, opened for this server alone: whole, ours, and as durable as the disk is."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from sqlite3 import Connection
from typing import TextIO

from ..errors import ConfigError
from .migrations import migrate

if sys.platform == "win32":
    import msvcrt

    def _hold(file: TextIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _hold(file: TextIO) -> None:
        """Keep *file* from other processes; OSError: one has it."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


APPLICATION_ID = 0x76636831
"""`vch1`: tells our files from those of others (https://sqlite.org/pragma.html#pragma_application_id)."""

DAMAGED = (
    "The file is damaged. Put your last backup in its place, or save what can be read, "
    "`sqlite3 FILE .recover | sqlite3 saved.db`, and name that one."
)

MOST_LOG_BYTES = 16 << 20

BUSY_SECONDS = 5.0
"""How long another program may hold the file, such as a backup or somebody's sqlite3 shell."""


def lock(file: Path) -> TextIO:
    """
    Keep other servers off *file* until what is returned is closed, or the process ends.

    Not by a lock of SQLite's: those let nobody else in, not even who makes a backup.

    Raises:
        ConfigError: If another server has it, or its folder is not there.
    """
    try:
        held = file.with_name(file.name + ".lock").open("a")
    except OSError as exc:
        raise ConfigError(
            f"{file}: {exc.strerror}. Is its folder there, and may this user write in it?"
        ) from None
    try:
        _hold(held)
    except OSError:
        held.close()
        raise ConfigError(
            f"{file}: Another voicechat uses it. Stop that one, or name another file."
        ) from None
    return held


def open_database(file: Path) -> Connection:
    """
    Return a connection to *file*, made where it is missing.

    Raises:
        ConfigError: If it can't be used; its text says the way out.
    """
    connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection)
    except sqlite3.Error as exc:
        connection.close()
        raise ConfigError(f"{file}: {exc}. {way_out(exc)}") from None
    except ConfigError as exc:
        connection.close()
        raise ConfigError(f"{file}: {exc}") from None
    return connection


def _prepare(connection: Connection) -> None:
    if one(connection, "SELECT count(*) FROM sqlite_schema") and (
        one(connection, "PRAGMA application_id") != APPLICATION_ID
    ):
        raise ConfigError("It is a database of another program: name another file.")
    if (found := one(connection, "PRAGMA quick_check(1)")) != "ok":
        raise ConfigError(f"{found}. {DAMAGED}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    # A commit has reached the disk when it returns, and one that is cut off leaves the file whole.
    if one(connection, "PRAGMA journal_mode = WAL") != "wal":
        raise ConfigError("SQLite can keep no log there, as in a network's folder: name another file.")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # A few large recordings at once would leave it as large as they were.
    connection.execute(f"PRAGMA journal_size_limit = {MOST_LOG_BYTES}")
    # What a visitor erases is not to be read from the file's free pages.
    connection.execute("PRAGMA secure_delete = ON")
    migrate(connection)


def end_what_ran(db: Connection) -> None:
    """
    Whatever an earlier process was about when it ended is over.

    A question of whose answer nothing was said stays `queued`: it can still be answered. A spoken one
    of which there is neither text nor recording can't.
    """
    db.execute("BEGIN IMMEDIATE")
    db.execute(
        "UPDATE messages SET status = iif(text = '', 'queued', 'interrupted') "
        "WHERE role = 'assistant' AND status IN ('queued', 'running')"
    )
    db.execute(
        "UPDATE messages SET status = 'interrupted' WHERE status = 'queued' "
        "AND (chat, iif(role = 'user', n, n - 1)) "
        "IN (SELECT chat, n FROM messages WHERE role = 'user' AND text = '' "
        "EXCEPT SELECT chat, n FROM recordings)"
    )
    db.execute("COMMIT")


def one(connection: Connection, query: str) -> object:
    """Return the first value of the first row; None: there is none."""
    row = connection.execute(query).fetchone()
    return None if row is None else row[0]


def way_out(error: sqlite3.Error) -> str:
    """Return what an operator can do about *error*."""
    match error.sqlite_errorcode & 0xFF:  # the rest tells kinds of one code apart
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "Another program holds it: stop that one, or name another file."
        case sqlite3.SQLITE_FULL:
            return "The disk is full: make room."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return "This user may not write there: allow it, or name another file."
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return DAMAGED
    return "Mend it, or name another file."
