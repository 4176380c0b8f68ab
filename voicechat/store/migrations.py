"""How the database came to its present form: functions that are only ever added, each applied once."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import Connection

from ..errors import ConfigError


def chats_and_messages(connection: Connection) -> None:
    connection.execute(
        """
        CREATE TABLE chats (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            secret_hash BLOB,    -- NULL: the client chose the id itself
            length INTEGER NOT NULL DEFAULT 0, -- messages
            used_at REAL NOT NULL -- seconds since 1970
        ) STRICT
        """
    )
    connection.execute("CREATE INDEX chats_by_use ON chats (used_at)")
    connection.execute("CREATE INDEX chats_by_length ON chats (length, used_at)")
    connection.execute(
        """
        CREATE TABLE messages (
            chat INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,
            n INTEGER NOT NULL,
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            status TEXT NOT NULL,
            heard INTEGER,        -- UTF-8 bytes; NULL: all
            sources TEXT NOT NULL DEFAULT '[]', -- JSON
            fault TEXT,           -- JSON
            rating TEXT,
            at REAL NOT NULL,     -- seconds since 1970
            PRIMARY KEY (chat, n)
        ) STRICT, WITHOUT ROWID
        """
    )
    connection.execute(
        """
        CREATE TABLE keys (
            chat INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,
            tab TEXT NOT NULL,
            turn INTEGER NOT NULL,
            n INTEGER NOT NULL,   -- of the question
            is_spoken INTEGER NOT NULL,
            PRIMARY KEY (chat, tab, turn)
        ) STRICT, WITHOUT ROWID
        """
    )


def retries(connection: Connection) -> None:
    """Which key a question was asked with last: 0 for the first, and one more each time."""
    connection.execute("ALTER TABLE keys ADD COLUMN retry INTEGER NOT NULL DEFAULT 0")


def recordings(connection: Connection) -> None:
    """Of spoken questions, until they are heard."""
    connection.execute(
        """
        CREATE TABLE recordings (
            chat INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,
            n INTEGER NOT NULL,   -- of the question
            container TEXT NOT NULL,
            data BLOB NOT NULL,
            tries INTEGER NOT NULL DEFAULT 0, -- how often it was taken up
            PRIMARY KEY (chat, n)
        ) STRICT
        """
    )


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (chats_and_messages, retries, recordings)


def migrate(connection: Connection) -> None:
    """
    Apply what *connection*'s database lacks, all of it or nothing.

    Raises:
        ConfigError: If a newer version of voicechat has written it.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) STRICT")
        applied = {name for (name,) in connection.execute("SELECT name FROM migrations")}
        if unknown := applied - {migration.__name__ for migration in MIGRATIONS}:
            raise ConfigError(
                f"It was written by a newer voicechat ({', '.join(sorted(unknown))}). "
                "Install that version, or name another file."
            )
        for migration in MIGRATIONS:
            if migration.__name__ not in applied:
                migration(connection)
                connection.execute("INSERT INTO migrations VALUES (?)", [migration.__name__])
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
