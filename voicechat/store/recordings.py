"""The rows of recordings that were not heard yet. What calls these is one job of the writer."""

from __future__ import annotations

from sqlite3 import Connection

from ..audio import Recording
from .interface import MOST_TRIES, MOST_UNHEARD_BYTES


def keep(db: Connection, chat: int, n: int, recording: Recording) -> None:
    db.execute(
        "INSERT INTO recordings (chat, n, container, data) VALUES (?, ?, ?, ?)",
        (chat, n, recording.container, recording.data),
    )


def is_kept(db: Connection, chat: int, n: int) -> bool:
    found = db.execute("SELECT 1 FROM recordings WHERE chat = ? AND n = ?", (chat, n)).fetchone()
    return found is not None


def take(db: Connection, chat: int, n: int) -> Recording | None:
    """Return the recording, and count that; None past `MOST_TRIES`."""
    found = db.execute(
        "UPDATE recordings SET tries = tries + 1 WHERE chat = ? AND n = ? AND tries < ? "
        "RETURNING data, container",
        (chat, n, MOST_TRIES),
    ).fetchone()
    return found and Recording(*found)


def drop(db: Connection, chat: int, n: int) -> None:
    db.execute("DELETE FROM recordings WHERE chat = ? AND n = ?", (chat, n))


def bound_unheard(db: Connection) -> None:
    """Let the oldest go of those that could not be heard, where they are more than `MOST_UNHEARD_BYTES`."""
    kept_bytes = 0
    unheard = db.execute(
        "SELECT recordings.rowid, length(data) FROM recordings JOIN messages USING (chat, n) "
        "WHERE status IN ('failed', 'interrupted') ORDER BY recordings.rowid DESC"
    ).fetchall()
    for row, size in unheard:
        kept_bytes += size
        if kept_bytes > MOST_UNHEARD_BYTES:
            db.execute("DELETE FROM recordings WHERE rowid = ?", (row,))
