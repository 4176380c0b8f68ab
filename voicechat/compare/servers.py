"""Servers of our own, as child processes: one with the user's settings, one with engines of fixed delays."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..client import NotThere
from ..config import inherited

START_SECONDS = 60.0
"""Until the address is told; models load after that."""

STOP_SECONDS = 10.0
"""Until a server that was asked to stop is ended."""

HOST = "127.0.0.1"

FIXED_DELAYS = """\
[stt]
engine = "scripted"
model = "fixed_ms=300"

[chat]
engine = "scripted"
model = "first_ms=400 gap_ms=20 tokens=40"

[tts]
engine = "scripted"
model = "first_ms=200 factor=0.1"

[knowledge]
on = false
"""
"""
The second server's settings.

They hear in 0.3 s, begin to write after 0.4 s and write 50 words a second, and begin to speak a sentence
after 0.2 s, ten times as fast as it sounds: so what is left between the modes is the modes' own doing.
"""

FORGETFUL = {"VOICECHAT_STORE": "memory"}
"""What is asked here is not to stand among the chats of visitors, whose server has the file."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that listens."""

    url: str
    process: asyncio.subprocess.Process
    log: IO[bytes]
    """What it wrote to stderr; it goes on writing at the file's place."""


@asynccontextmanager
async def own_server(config: Path | None) -> AsyncIterator[str]:
    """
    Run `voicechat serve` with this process's settings and *config*, and yield its address.

    Raises:
        NotThere: If it does not start; the text says why.
    """
    arguments = [] if config is None else ["--config", str(config)]
    async with serving(arguments, inherited() | FORGETFUL) as server:
        yield server.url


@asynccontextmanager
async def scripted_server() -> AsyncIterator[str]:
    """
    Run a server with `FIXED_DELAYS` and no other settings, and yield its address.

    Raises:
        NotThere: If it does not start.
    """
    with tempfile.TemporaryDirectory() as folder:
        # In a folder and an environment of its own, where no setting of the user's is read.
        arguments = ["--config", _write_settings(folder)]
        async with serving(arguments, FORGETFUL, folder) as server:
            yield server.url


def _write_settings(folder: str) -> str:
    file = Path(folder, "settings.toml")
    file.write_text(FIXED_DELAYS, "utf-8")
    return str(file)


def _import_paths() -> str:
    """Return where this process finds its modules, as `PYTHONPATH` has it."""
    return os.pathsep.join(os.path.abspath(path) for path in sys.path)


@asynccontextmanager
async def serving(
    arguments: Sequence[str], environment: Mapping[str, str], folder: str | None = None
) -> AsyncIterator[Served]:
    """
    Run `voicechat serve` of both modes in *folder*, with no setting but those of *environment*.

    Raises:
        NotThere: If it does not start; the text says why.
    """
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voicechat", "serve", "--mode", "both", "--host", HOST, "--port", "0"),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            cwd=folder,
            env={"PYTHONPATH": _import_paths()} | dict(environment),
        )
        try:
            yield Served(await _address(process, log), process, log)
        finally:
            await _stop(process)


async def _address(process: asyncio.subprocess.Process, log: IO[bytes]) -> str:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            banner = (await process.stdout.readline()).decode("utf-8", "replace")
            if not banner:
                await process.wait()
    except TimeoutError as exc:
        raise NotThere(f"The server did not start within {START_SECONDS:g} seconds.") from exc
    if port := re.search(r" on https?://\S*:(\d+)$", banner.strip()):
        return f"http://{HOST}:{port.group(1)}"
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").strip().splitlines()
    why = lines[-1].removeprefix("voicechat: ") if lines else f"exit code {process.returncode}"
    raise NotThere(f"The server did not start: {why}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
