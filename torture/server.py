"""The server that is tortured: a process on a folder of its own, whose chats outlive it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

SETTINGS = {
    "VOICECHAT_STT_ENGINE": "none",
    "VOICECHAT_CHAT_ENGINE": "scripted",
    "VOICECHAT_CHAT_MODEL": "first_ms=5 gap_ms=1 tokens=20",
    "VOICECHAT_TTS_ENGINE": "none",
    "VOICECHAT_KNOWLEDGE_ON": "false",
}
START_SECONDS = 60.0


@dataclass(frozen=True)
class Server:
    process: asyncio.subprocess.Process
    url: str
    start_seconds: float
    """Until it says where it serves: the check of its file is done by then."""

    async def kill(self) -> None:
        """As a power cut does, but that the kernel lives on."""
        self.process.kill()
        await self.process.wait()


async def start(folder: Path) -> Server:
    """Start a server whose file of chats lies in *folder*."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("VOICECHAT_", "OPENAI_"))
    }
    began = time.monotonic()
    log = folder / "server.log"
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voicechat", "serve", "--port", "0"),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            cwd=folder,
            env=plain | SETTINGS | {"PYTHONPATH": str(Path(__file__).parents[1])},
        )
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        banner = (await process.stdout.readline()).decode()
    if not banner:
        raise SystemExit(f"The server did not start:\n{log.read_text()[-2_000:]}")
    port = banner.split()[-1].rpartition(":")[2]
    return Server(process, f"http://127.0.0.1:{port}", time.monotonic() - began)
