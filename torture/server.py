"""The server that is tortured: a process on a folder of its own, whose chats outlive it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from voicechat.compare.servers import serving

SETTINGS = {
    "VOICECHAT_STORE": "sqlite:voicechat.db",
    "VOICECHAT_STT_ENGINE": "none",
    "VOICECHAT_CHAT_ENGINE": "scripted",
    "VOICECHAT_CHAT_MODEL": "first_ms=5 gap_ms=1 tokens=20",
    "VOICECHAT_TTS_ENGINE": "none",
    "VOICECHAT_KNOWLEDGE_ON": "false",
}


@dataclass(frozen=True, slots=True)
class Server:
    process: asyncio.subprocess.Process
    url: str
    start_seconds: float
    """Until it says where it serves: the check of its file is done by then."""

    async def kill(self) -> None:
        """As a power cut does, but that the kernel lives on."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Server]:
    """Run a server whose file of chats lies in *folder*."""
    began = time.monotonic()
    async with serving([], SETTINGS, str(folder)) as served:
        yield Server(served.process, served.url, time.monotonic() - began)
