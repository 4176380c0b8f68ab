"""What a process asks of the kernel, as strace tells it."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from .proof import NotRun

CALLS = "fdatasync,fsync,pwrite64,write,writev,sendto,sendmsg,read,recvfrom,recvmsg"
MOST_BYTES = 5_000
"""Of one call that are kept: a page of the database has 4,096."""
ATTACH_SECONDS = 10.0

_LINE = re.compile(r"(\d+) +(.*)")
_WHOLE = re.compile(r"(\w+)\((.*)\) += (-?\d+)")
_BEGUN = re.compile(r"(\w+)\((.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)")
_TARGET = re.compile(r"\d+<(.*?)>[,)]?")
_QUOTED = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    target: str
    """The file's path, or the socket's two ends."""
    data: bytes
    result: int
    began: int
    ended: int
    """Places in the trace: what ended at a smaller one than another began was over before it."""


@asynccontextmanager
async def traced(pid: int, file: Path) -> AsyncIterator[None]:
    """
    Write the calls of all threads of *pid* to *file*, complete at the end of the context.

    Raises:
        NotRun: If strace is missing, or may not look at the process.
    """
    if shutil.which("strace") is None:
        raise NotRun("strace is not installed.")
    options = ["-f", "-yy", "-xx", "-s", str(MOST_BYTES), "-e", f"trace={CALLS}", "-e", "signal=none"]
    process = await asyncio.create_subprocess_exec(
        *("strace", *options, "-o", str(file), "-p", str(pid)),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(ATTACH_SECONDS):
            first = (await process.stderr.readline()).decode()
        if "attached" not in first:
            raise NotRun(f"strace may not look at the server: {first.strip()}")
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        # The pipe is read to its end: a full one would hold strace up.
        await process.communicate()


def parse(trace: str) -> list[Call]:
    """Return the calls of *trace* that returned, by their ends."""
    calls: list[Call] = []
    begun: dict[str, tuple[str, int]] = {}
    for place, line in enumerate(trace.splitlines()):
        if not (found := _LINE.match(line)):
            continue
        thread, what = found.groups()
        if start := _BEGUN.match(what):
            begun[thread] = start[2], place
        elif end := _RESUMED.match(what):
            arguments, began = begun.pop(thread, ("", place))
            calls.append(_call(end[1], arguments + end[2], int(end[3]), began, place))
        elif whole := _WHOLE.match(what):
            calls.append(_call(whole[1], whole[2], int(whole[3]), place, place))
    return calls


def _call(name: str, arguments: str, result: int, began: int, ended: int) -> Call:
    target = _TARGET.match(arguments)
    data = "".join(_QUOTED.findall(arguments)).replace("\\x", "")
    return Call(name, _readable(target[1]) if target else "", bytes.fromhex(data), result, began, ended)


def _readable(path: str) -> str:
    return re.sub(r"\\x([0-9a-f]{2})", lambda hex_: chr(int(hex_[1], 16)), path)
