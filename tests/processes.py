"""The program as a process of its own."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from . import offline

LIGHT = {"VOICECHAT_STT_ENGINE": "none", "VOICECHAT_TTS_ENGINE": "none", "VOICECHAT_KNOWLEDGE_ON": "false"}


async def voicechat(
    *arguments: str, folder: Path, is_offline: bool = False, **environment: str
) -> asyncio.subprocess.Process:
    """Start the program in *folder*, with none of this process's settings."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("VOICECHAT_", "OPENAI_"))}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *([offline.__file__] if is_offline else []),
        "-m",
        "voicechat",
        *arguments,
        cwd=folder,
        env={**clean, **LIGHT, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def started(
    folder: Path, *arguments: str, is_offline: bool = False, **environment: str
) -> tuple[asyncio.subprocess.Process, str]:
    """Serve on a free port; return the process and its banner."""
    process = await voicechat(
        "serve", "--port", "0", *arguments, folder=folder, is_offline=is_offline, **environment
    )
    assert process.stdout is not None
    lines = []
    async with asyncio.timeout(20):
        while not lines or "tts" not in lines[-1].lower():
            lines.append((await process.stdout.readline()).decode())
            assert lines[-1], lines
    return process, "".join(lines)


@asynccontextmanager
async def running(
    folder: Path, *arguments: str, **environment: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Serve on a free port: yield the process, which the test ends itself, and the address."""
    process, text = await started(folder, *arguments, **environment)
    try:
        yield process, address(text)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def address(banner: str) -> str:
    found = re.search(r"http://\S+", banner)
    assert found
    return found.group()


@asynccontextmanager
async def serving(
    folder: Path, *arguments: str, is_offline: bool = False, **environment: str
) -> AsyncIterator[tuple[str, str]]:
    """Serve on a free port: yield the banner and the address. It must end well; its log stays in *folder*."""
    process, text = await started(folder, *arguments, is_offline=is_offline, **environment)
    assert process.stdout is not None
    try:
        yield text, address(text)
    finally:
        process.send_signal(signal.SIGTERM)
        rest = await process.stdout.read()
        (folder / "log").write_bytes(rest)
        assert await process.wait() == 0, rest.decode()


async def failing(folder: Path, *arguments: str, **environment: str) -> str:
    """Return the one line that the program fails with."""
    process = await voicechat(*arguments, folder=folder, **environment)
    try:
        async with asyncio.timeout(20):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 2
    [line] = out.decode().splitlines()
    return line
