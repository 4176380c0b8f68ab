"""The server that is tortured: a process on a folder of its own, whose chats outlive it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from voicechat.compare.servers import START_SECONDS, serving

DATABASE = "voicechat.db"

SETTINGS = {
    "VOICECHAT_STORE": f"sqlite:{DATABASE}",
    "VOICECHAT_STT_ENGINE": "scripted",
    "VOICECHAT_STT_MODEL": "fixed_ms=20",
    "VOICECHAT_CHAT_ENGINE": "scripted",
    "VOICECHAT_CHAT_MODEL": "first_ms=5 gap_ms=1 tokens=20",
    "VOICECHAT_TTS_ENGINE": "none",
    "VOICECHAT_KNOWLEDGE_ON": "false",
}

MOST_LOG_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class Server:
    process: asyncio.subprocess.Process
    url: str
    start_seconds: float
    """Until it says where it serves: the check of its file is done by then."""
    log: IO[bytes]

    async def kill(self) -> None:
        """As a power cut does, but that the kernel lives on."""
        self.process.kill()
        await self.process.wait()

    def unexpected(self, beside: str = "\0") -> list[str]:
        """Return what the log tells of errors, leaving out the lines that hold *beside*."""
        # Not by reading on: the place in the file is the server's too, and it goes on writing.
        lines = os.pread(self.log.fileno(), MOST_LOG_BYTES, 0).decode("utf-8", "replace").splitlines()
        errors = (line for line in lines if line.startswith(("E ", "Traceback")) and beside not in line)
        return [f"log: {line[:200]}" for line in errors]


@asynccontextmanager
async def running(
    folder: Path, more: Mapping[str, str] | None = None, port: int = 0
) -> AsyncIterator[Server]:
    """
    Run a server whose file of chats lies in *folder*; *more* settings go before `SETTINGS`.

    *port* 0: any free one.
    """
    began = time.monotonic()
    async with serving(["--port", str(port)], SETTINGS | dict(more or {}), str(folder)) as served:
        yield Server(served.process, served.url, time.monotonic() - began, served.log)


async def refusal(folder: Path) -> str:
    """Start a server that is expected to refuse, and return what it says to stderr."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voicechat", "serve", "--port", "0"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env={"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))} | SETTINGS,
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            return (await process.communicate())[1].decode("utf-8", "replace")
    except TimeoutError:
        process.kill()
        return (await process.communicate())[1].decode("utf-8", "replace")
