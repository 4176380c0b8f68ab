"""
One thread and one connection for a whole database.

SQLite lets one connection write at a time, and before 3.51.3 two that write and checkpoint could
damage the file (https://sqlite.org/wal.html, "the WAL-reset bug"): so there is one only. What waits
together is committed together, for with `synchronous=FULL` a commit waits for the disk.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from sqlite3 import Connection
from threading import Thread
from typing import Any, TypeVar

from ..errors import Unavailable, VoiceChatError

log = logging.getLogger("voicechat.store")

T = TypeVar("T")

MOST_TOGETHER = 256
"""Jobs of one commit: the first of them waits for the last."""


@dataclass(slots=True)
class _Job:
    work: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = field(default=None)

    def tell(self) -> None:
        """Hand over what came of it; in the loop's own thread."""
        if self.done.cancelled():
            return
        if self.error is None:
            self.done.set_result(self.result)
        else:
            self.done.set_exception(self.error)


class Writer:
    """
    Does jobs on *connection* in the order in which they were given, in a thread of its own.

    From then on the connection belongs to that thread.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._tell_closed: Callable[[], object] = lambda: None
        # Not one that the process waits for: what nobody was told is kept may go with it.
        self._thread = Thread(target=self._work, name="voicechat-store", daemon=True)
        self._thread.start()

    async def do(self, work: Callable[[Connection], T]) -> T:
        """
        Return what *work* returns once it is committed; what it raises leaves nothing of it behind.

        Raises:
            Unavailable: If the database can't keep it.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, loop, done))
        return await done

    async def close(self) -> None:
        """Do what was given so far, and let the database go."""
        loop, closed = asyncio.get_running_loop(), asyncio.Event()
        # To join the thread would take one of the loop's own, and all of those may load models.
        self._tell_closed = partial(loop.call_soon_threadsafe, closed.set)
        self._jobs.put(None)
        await closed.wait()

    def _work(self) -> None:
        is_open = True
        while is_open:
            jobs, is_open = self._waiting()
            if jobs:
                self._commit(jobs)
                _tell(jobs)
        try:
            self._connection.close()
        finally:
            self._tell_closed()

    def _waiting(self) -> tuple[list[_Job], bool]:
        """Wait for a job; return it with all that wait behind it, and whether more may come."""
        jobs: list[_Job] = []
        with suppress(Empty):
            while len(jobs) < MOST_TOGETHER:
                job = self._jobs.get(block=not jobs)
                if job is None:
                    return jobs, False
                jobs.append(job)
        return jobs, True

    def _commit(self, jobs: list[_Job]) -> None:
        """Do *jobs* and commit them together; where the database refuses that, each by itself."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                self._try(job)
            self._connection.execute("COMMIT")
        except sqlite3.Error as exc:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if len(jobs) == 1:
                jobs[0].error = trouble(exc)
                return
            # A full disk stops those that write, and not those that read.
            for job in jobs:
                job.result = job.error = None
                self._commit([job])

    def _try(self, job: _Job) -> None:
        """Do *job*, or undo what it has done."""
        self._connection.execute("SAVEPOINT job")
        try:
            job.result = job.work(self._connection)
        except sqlite3.Error:
            raise  # the disk's trouble, not the job's: all of them are undone
        except Exception as exc:  # noqa: BLE001 - who waits for the job is told of it
            job.error = exc
            self._connection.execute("ROLLBACK TO job")
        self._connection.execute("RELEASE job")


def _tell(jobs: list[_Job]) -> None:
    """Wake the loop once for all."""
    loop = jobs[0].loop
    with suppress(RuntimeError):  # nobody waits any more: the loop is closed
        loop.call_soon_threadsafe(_tell_all, jobs)


def _tell_all(jobs: list[_Job]) -> None:
    for job in jobs:
        job.tell()


def trouble(error: sqlite3.Error) -> VoiceChatError:
    """Return *error* as visitors learn of it; the operator learns the rest from the log."""
    log.error("The database can't be used: %s", error)
    return Unavailable(
        "This server can't keep chats just now. Please try again later.", retry_after_seconds=5
    )
