"""Chats in a file: they outlive the process, and a crash of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import orjson

from ..audio import Recording
from ..dialogue import Fault, Key, Message, Rating, Source, Status
from ..errors import Unavailable
from . import recordings
from .interface import RESTING_SECONDS, StoredQuestion, gone, no_room
from .opening import end_what_ran, lock, open_database
from .writer import Writer


class SqliteStore:
    """
    The store of one server: SQLite, in *file*.

    *now* gives seconds since 1970.

    Raises:
        ConfigError: If the file can't be used.
    """

    def __init__(self, file: Path, max_chats: int, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._max_chats = max_chats
        self._used: dict[int, float] = {}
        """Chats that were used, and when: written before anything looks for the idle ones."""
        self._written: dict[int, float] = {}
        """Those of them that the database was told last."""
        self._made: dict[int, float] = {}
        """Chats that nobody has entered yet, and when they were made, oldest first: while that is recent."""
        self._lock = lock(file)
        try:
            connection = open_database(file)
            end_what_ran(connection)
        except BaseException:
            self._lock.close()
            raise
        self._writer = Writer(connection)

    async def create(self, chat: str, secret_hash: bytes | None) -> None:
        at = self._now()

        def write(db: Connection) -> None:
            if db.execute("SELECT 1 FROM chats WHERE name = ?", (chat,)).fetchone():
                return
            if db.execute("SELECT count(*) FROM chats").fetchone()[0] >= self._max_chats:
                self._make_room(db, at)
            made = db.execute(
                "INSERT INTO chats (name, secret_hash, used_at) VALUES (?, ?, ?)", (chat, secret_hash, at)
            )
            self._made[made.lastrowid or 0] = at

        await self._writer.do(write)

    def _make_room(self, db: Connection, at: float) -> None:
        self._write_uses(db)
        resting_since = at - RESTING_SECONDS
        self._made = {id_: made_at for id_, made_at in self._made.items() if made_at > resting_since}
        found = db.execute(
            "SELECT id FROM chats WHERE id = ? OR used_at <= ? ORDER BY length, used_at LIMIT 1",
            (next(iter(self._made), None), resting_since),
        ).fetchone()
        if found is None:
            raise no_room()
        db.execute("DELETE FROM chats WHERE id = ?", found)
        self._made.pop(found[0], None)

    def _write_uses(self, db: Connection) -> None:
        """What is written is kept here, too, until it is committed (`_forget_uses`): it may be undone."""
        db.executemany(
            "UPDATE chats SET used_at = ? WHERE id = ?", [(at, id_) for id_, at in self._used.items()]
        )
        self._written = dict(self._used)

    def _forget_uses(self, _: Connection) -> None:
        self._used = {id_: at for id_, at in self._used.items() if self._written.get(id_) != at}
        self._written.clear()

    async def secret_hash(self, chat: str) -> bytes | None:
        def read(db: Connection) -> bytes | None:
            found: tuple[bytes | None] | None = db.execute(
                "SELECT secret_hash FROM chats WHERE name = ?", (chat,)
            ).fetchone()
            if found is None:
                raise gone()
            return found[0]

        return await self._writer.do(read)

    async def add_question(self, chat: str, key: Key, text: str, recording: Recording | None = None) -> int:
        at = self._now()

        def write(db: Connection) -> int:
            id_ = _id(db, chat)
            (last,) = db.execute("SELECT coalesce(max(n), 0) FROM messages WHERE chat = ?", (id_,)).fetchone()
            n: int = last + 1
            rows = [
                (id_, n, "user", text, "complete" if text else "queued", at),
                (id_, n + 1, "assistant", "", "queued", at),
            ]
            db.executemany(
                "INSERT INTO messages (chat, n, role, text, status, at) VALUES (?, ?, ?, ?, ?, ?)", rows
            )
            db.execute(
                "INSERT INTO keys (chat, tab, turn, n, is_spoken) VALUES (?, ?, ?, ?, ?)",
                (id_, key.tab, key.turn, n, not text),
            )
            if recording is not None:
                recordings.keep(db, id_, n, recording)
            db.execute("UPDATE chats SET length = ? WHERE id = ?", (n + 1, id_))
            self._use(id_, at)
            return n

        return await self._writer.do(write)

    async def has_recording(self, chat: str, n: int) -> bool:
        return await self._writer.do(lambda db: recordings.is_kept(db, _id(db, chat), n))

    async def recording(self, chat: str, n: int) -> Recording | None:
        return await self._writer.do(lambda db: recordings.take(db, _id(db, chat), n))

    async def find_question(self, chat: str, key: Key) -> StoredQuestion | None:
        def read(db: Connection) -> StoredQuestion | None:
            id_ = _id(db, chat)
            found = db.execute(
                "SELECT keys.n, text, is_spoken FROM keys JOIN messages USING (chat, n) "
                "WHERE chat = ? AND tab = ? AND turn = ?",
                (id_, key.tab, key.turn),
            ).fetchone()
            return found and StoredQuestion(found[0], found[1], is_spoken=bool(found[2]))

        return await self._writer.do(read)

    async def unanswered(self, chat: str) -> list[tuple[Key, StoredQuestion]]:
        def read(db: Connection) -> list[tuple[Key, StoredQuestion]]:
            rows = db.execute(
                # The other columns are those of the row that has the maximum.
                "SELECT tab, turn, asked.n, asked.text, is_spoken, max(retry) FROM keys "
                "JOIN messages AS asked USING (chat, n) "
                "JOIN messages AS answer ON answer.chat = keys.chat AND answer.n = asked.n + 1 "
                "WHERE keys.chat = ? AND answer.status = 'queued' GROUP BY asked.n",
                (_id(db, chat),),
            ).fetchall()
            return [
                (Key(tab, turn), StoredQuestion(n, text, is_spoken=bool(is_spoken)))
                for tab, turn, n, text, is_spoken, _ in rows
            ]

        return await self._writer.do(read)

    async def retry(self, chat: str, key: Key, n: int) -> None:
        at = self._now()

        def write(db: Connection) -> None:
            id_ = _id(db, chat)
            db.execute(
                "INSERT INTO keys (chat, tab, turn, n, is_spoken, retry) "
                "SELECT chat, ?, ?, n, is_spoken, max(retry) + 1 FROM keys WHERE chat = ? AND n = ?",
                (key.tab, key.turn, id_, n),
            )
            db.execute(
                "UPDATE messages SET status = 'queued' WHERE chat = ? AND n = ? AND text = ''", (id_, n)
            )
            db.execute(
                "UPDATE messages SET text = '', status = 'queued', heard = NULL, sources = '[]', "
                "fault = NULL, rating = NULL, at = ? WHERE chat = ? AND n = ?",
                (at, id_, n + 1),
            )
            self._used[id_] = at

        await self._writer.do(write)

    async def update_question(
        self, chat: str, n: int, text: str, status: Status, *, keep_recording: bool = False
    ) -> None:
        at = self._now()

        def write(db: Connection) -> None:
            id_ = _id(db, chat)
            self._set(db, id_, n, at, text=text, status=status)
            if keep_recording:
                recordings.bound_unheard(db)
            else:
                recordings.drop(db, id_, n)

        await self._writer.do(write)

    async def update_answer(
        self,
        chat: str,
        n: int,
        text: str,
        status: Status,
        heard: int | None,
        sources: Sequence[Source],
        fault: Fault | None = None,
    ) -> None:
        at = self._now()
        values = {
            "text": text,
            "status": status,
            "heard": heard,
            "sources": orjson.dumps([asdict(source) for source in sources]).decode(),
            "fault": fault and orjson.dumps(asdict(fault)).decode(),
        }
        await self._writer.do(lambda db: self._set(db, _id(db, chat), n, at, **values))

    def _set(self, db: Connection, id_: int, n: int, at: float, **values: Any) -> None:
        """Set *values* of message *n* in the chat of that row."""
        columns = ", ".join(f"{column} = ?" for column in values)
        db.execute(
            f"UPDATE messages SET {columns}, at = ? WHERE chat = ? AND n = ?", (*values.values(), at, id_, n)
        )
        self._used[id_] = at

    async def rate(self, chat: str, n: int, rating: Rating | None) -> bool:
        return await self._writer.do(
            lambda db: (
                db.execute(
                    "UPDATE messages SET rating = ? WHERE chat = ? AND n = ? AND role = 'assistant'",
                    (rating, _id(db, chat), n),
                ).rowcount
                == 1
            )
        )

    async def messages(
        self, chat: str, *, after: int = 0, before: int | None = None, limit: int = 50
    ) -> tuple[list[Message], bool]:
        def read(db: Connection) -> tuple[list[Message], bool]:
            rows = db.execute(
                "SELECT n, role, text, status, heard, sources, fault, at, rating FROM messages "
                "WHERE chat = ? AND n > ? AND n < ? ORDER BY n DESC LIMIT ?",
                (_id(db, chat), after, LAST if before is None else before, limit + 1),
            ).fetchall()
            return [_message(*row) for row in reversed(rows[:limit])], len(rows) > limit

        return await self._writer.do(read)

    async def last_turn(self, chat: str, tab: str) -> int:
        def read(db: Connection) -> int:
            (turn,) = db.execute(
                "SELECT coalesce(max(turn), 0) FROM keys WHERE chat = ? AND tab = ?", (_id(db, chat), tab)
            ).fetchone()
            return int(turn)

        return await self._writer.do(read)

    async def erase(self, chat: str) -> None:
        def write(db: Connection) -> None:
            id_ = _id(db, chat)
            self._used.pop(id_, None)
            self._made.pop(id_, None)
            db.execute("DELETE FROM chats WHERE id = ?", (id_,))

        await self._writer.do(write)

    async def touch(self, chat: str) -> None:
        at = self._now()

        await self._writer.do(lambda db: self._use(_id(db, chat), at))

    def _use(self, id_: int, at: float) -> None:
        self._used[id_] = at
        self._made.pop(id_, None)

    async def forget_idle(self, seconds: float) -> int:
        oldest = self._now() - seconds

        def write(db: Connection) -> int:
            self._write_uses(db)
            return db.execute("DELETE FROM chats WHERE used_at <= ?", (oldest,)).rowcount

        forgotten = await self._writer.do(write)
        await self._writer.do(self._forget_uses)
        return forgotten

    async def close(self) -> None:
        try:
            # On a full disk they are lost: those chats count as idle a little too soon.
            with suppress(Unavailable):
                await self._writer.do(self._write_uses)
            await self._writer.close()
        finally:
            self._lock.close()


LAST = 2**62
"""No message has a number as high."""


def _id(db: Connection, chat: str) -> int:
    found = db.execute("SELECT id FROM chats WHERE name = ?", (chat,)).fetchone()
    if found is None:
        raise gone()
    return int(found[0])


def _message(
    n: int,
    role: Any,
    text: str,
    status: Any,
    heard: int | None,
    sources: str,
    fault: str | None,
    at: float,
    rating: Any,
) -> Message:
    return Message(
        n,
        role,
        text,
        status,
        heard,
        tuple(Source(**source) for source in orjson.loads(sources)),
        None if fault is None else Fault(**orjson.loads(fault)),
        at,
        rating,
    )
