"""One pull of a model at a time, on this machine."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

POLL_SECONDS = 0.2


@asynccontextmanager
async def locked(path: Path, waiting: Callable[[], None]) -> AsyncIterator[None]:
    """
    Hold the lock on the file *path*, which is made and stays; *waiting* is called once if another has it.

    It ends with its process, however that ends.

    Raises:
        OSError: If the file can't be made, or its disk knows no locks.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not _take(file):
            waiting()
            while not _take(file):  # noqa: ASYNC110  another process has it
                await asyncio.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(file)


def _take(file: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the second is Windows'
        return False
    return True
