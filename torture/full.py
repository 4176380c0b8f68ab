"""
A disk that fills up while visitors ask: refusals are clear, nothing hangs, nothing accepted is lost.

The folder of the chats is a small disk in memory, which takes root to mount. Part of it is ballast;
room is made by deleting that.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import ClientError, ClientSession

from voicechat.client import NotThere
from voicechat.progress import Progress

from .proof import NotRun, Verdict
from .server import refusal, running
from .visitor import PATIENCE_SECONDS, Line, Visitor, unfinished

DISK_BYTES = 10 << 20
"""The log grows to 4 MB before SQLite first takes it into the file: as much again is for the file."""
BALLAST_BYTES = 2 << 20
TEXT = "This question is long, so that it takes room. " * 80
FILL_SECONDS = 120.0
SETTLE_SECONDS = 20
"""How an answer ended that could not be stored is stored when idle chats are looked for: every ten."""
TROUBLE = "The database can't be used"
"""What the log says of a full disk."""


async def prove_full(visitors: int, progress: Progress) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        async with _small_disk(Path(folder)) as disk:
            progress.reach(0, 11)
            return await _Run(disk, visitors, progress).prove()


@asynccontextmanager
async def _small_disk(folder: Path) -> AsyncIterator[Path]:
    """
    Raises:
        NotRun: If it can't be mounted.
    """
    said = await _mount("mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder))
    if said is not None:
        raise NotRun(f"A small disk can't be mounted, which takes root: {said}")
    try:
        yield folder
    finally:
        await _mount("umount", str(folder))


async def _mount(*command: str) -> str | None:
    """Return the first line of what *command* said where it failed."""
    try:
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    except OSError as exc:
        return str(exc)
    _, said = await process.communicate()
    return said.decode().strip().partition("\n")[0] if process.returncode else None


class _Run:
    def __init__(self, disk: Path, visitors: int, progress: Progress) -> None:
        self._disk = disk
        self._ballast = disk / "ballast"
        self._visitors = [Visitor(f"visitor-{number}") for number in range(visitors)]
        self._progress = progress
        self._faults: list[str] = []
        self._refused = 0

    async def prove(self) -> Verdict:
        self._ballast.write_bytes(bytes(BALLAST_BYTES))
        async with running(self._disk) as server, ClientSession(server.url) as http:
            await self._ask_until_refused(http)
            await self._look_at_full(http)
            self._ballast.unlink()
            await self._ask_again(http)
            await self._read(http, "running", "queued")
            await self._fill()
            await self._ask_until_refused(http)
            self._faults += server.unexpected(beside=TROUBLE)
            await server.kill()
        how = await self._start_on_full()
        self._ballast.unlink()
        async with running(self._disk) as server, ClientSession(server.url) as http:
            await self._read(http, "running")
            await self._ask_again(http)
            await self._each("came back", lambda visitor: visitor.hear_out(http, ""))
            await self._read(http, "running", "queued")
            self._faults += server.unexpected()
        accepted = sum(len(visitor.accepted) for visitor in self._visitors)
        lost = sum("lost" in fault for fault in self._faults)
        return Verdict(
            f"a disk of {DISK_BYTES >> 20} MB, filled twice by {len(self._visitors)} visitors, "
            f"{accepted:,} questions accepted, {self._refused:,} refused",
            f"{lost} lost; started on the full disk after a kill -9, the server {how}",
            tuple(self._faults),
        )

    async def _ask_until_refused(self, http: ClientSession) -> None:
        async def ask(visitor: Visitor) -> None:
            async with visitor.connected(http, "") as line:
                while await self._is_accepted(visitor, line):
                    pass

        await self._each("asked on a disk that fills up", ask, FILL_SECONDS)

    async def _is_accepted(self, visitor: Visitor, line: Line) -> bool:
        """Ask a long question, which may be refused, but clearly."""
        before = len(visitor.accepted)
        fault = await visitor.ask(line, f"{visitor.name} asks {visitor.turn}. {TEXT}")
        if fault is not None:
            self._refused += 1
            if fault.code != "unavailable" or not fault.message:
                self._faults.append(f"{visitor.name}: refused with {fault.code}: {fault.message}")
        return len(visitor.accepted) > before

    async def _look_at_full(self, http: ClientSession) -> None:
        await self._read(http)
        refused = self._refused

        async def ask(visitor: Visitor) -> None:
            async with visitor.connected(http, "") as line:
                await self._is_accepted(visitor, line)
            question = {"id": visitor.chat, "message": TEXT, "speech": False}
            async with http.post("/api/message", json=question) as response:
                error = (await response.json()).get("error", {})
                if response.status not in (200, 503) or (error and error["code"] != "unavailable"):
                    self._faults.append(f"{visitor.name}: v1 answered {response.status} {error}")

        await self._each("asked on a full disk", ask)
        if self._refused == refused:
            self._faults.append("Nothing was refused on the full disk.")

    async def _ask_again(self, http: ClientSession) -> None:
        refused = self._refused

        async def ask(visitor: Visitor) -> None:
            async with visitor.connected(http, "") as line:
                if not await self._is_accepted(visitor, line) or self._refused > refused:
                    self._faults.append(f"{visitor.name}: refused although there is room again")

        await self._each("asked with room again", ask)

    async def _read(self, http: ClientSession, *statuses: str) -> None:
        """Have all look at their history, where nothing may keep one of *statuses*."""

        async def read(visitor: Visitor) -> None:
            history = await visitor.history(http, "")
            for _ in range(SETTLE_SECONDS):
                if not unfinished(visitor.name, history, *statuses):
                    break
                await asyncio.sleep(1)
                history = await visitor.history(http, "")
            self._faults.extend([*visitor.lost(history), *unfinished(visitor.name, history, *statuses)])

        await self._each("read", read)

    async def _each(
        self, what: str, do: Callable[[Visitor], Awaitable[None]], seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Have all visitors *do* it at once; who hangs or fails is a fault."""

        async def bounded(visitor: Visitor) -> None:
            try:
                async with asyncio.timeout(seconds):
                    await do(visitor)
            except (TimeoutError, ConnectionError, ClientError) as exc:
                self._faults.append(f"{visitor.name} {what}: {type(exc).__name__} {exc}")

        await asyncio.gather(*map(bounded, self._visitors))
        self._progress.step()

    async def _fill(self) -> None:
        """Take all that is free for ballast."""
        with suppress(OSError), self._ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4_096))

    async def _start_on_full(self) -> str:
        """Return what the server did: it may start, or refuse in one line."""
        try:
            async with running(self._disk) as server, ClientSession(server.url) as http:
                await self._read(http)
                self._faults += server.unexpected(beside=TROUBLE)
            return "started"
        except NotThere:
            lines = (await refusal(self._disk)).splitlines()
            if len(lines) != 1:
                self._faults.append(f"It refused in {len(lines)} lines, the last: {lines[-1:]}")
            return f"refused: {lines[-1] if lines else 'without a word'}"
