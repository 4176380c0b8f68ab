"""What this machine is, and what a process has used of it. Linux only: the figures come from the kernel."""

from __future__ import annotations

import os
import platform
import re
import resource
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

SERVER_CORE = 0
LOAD_CORE = 1
"""Of this process and the scripted provider."""

ROOT = Path(__file__).parent.parent
OUT = Path(__file__).parent / "out"
"""What a run leaves behind besides its table: logs of the servers, profiles."""

_PAGE_BYTES = resource.getpagesize()


def prepare() -> None:
    """
    Pin this process, and let it hold thousands of sockets; what it starts inherits both.

    Raises:
        SystemExit: If there is no second core, or too few sockets are allowed.
    """
    if not {SERVER_CORE, LOAD_CORE} <= os.sched_getaffinity(0):
        raise SystemExit("The benchmarks need two cores: one for the server, one for the load.")
    os.sched_setaffinity(0, {LOAD_CORE})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most != resource.RLIM_INFINITY and most < 6_000:
        raise SystemExit(f"The benchmarks open 5,000 sockets, and this shell allows {most} (ulimit -Hn).")
    OUT.mkdir(exist_ok=True)
    # Whoever ends this process ends the servers that it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and all its threads, to the nanosecond."""
    # The number that clock_getcpuclockid(3) gives; /proc/PID/stat counts the same in steps of 10 ms.
    return time.clock_gettime(~pid << 3 | 2)


def memory_bytes(pid: int) -> int:
    """Return what a process has in memory (RSS)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES


def conditions() -> list[str]:
    """Return what a reader of the figures should know of machine and time, a sentence each."""
    processor = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return [
        f"The date was {datetime.now(UTC):%Y-%m-%d}.",
        f"Processor {processor[1] if processor else platform.machine()}, {os.cpu_count()} cores, "
        f"Linux {platform.release()}.",
        f"Python {platform.python_version()}, Node {node.removeprefix('v')}.",
        f"In the minute before, {os.getloadavg()[0]:.1f} processes were running on average: it should be 0.",
    ]
