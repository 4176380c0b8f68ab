"""What a process takes of the machine, as /proc tells it; on Linux alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .proof import NotRun


@dataclass(frozen=True, slots=True)
class Level:
    rss_mb: float
    threads: int
    files: int
    """Open descriptors of every kind."""
    sockets: int

    def __str__(self) -> str:
        return (
            f"{self.rss_mb:.1f} MB, {self.threads} threads, {self.files} descriptors, {self.sockets} sockets"
        )


def level(pid: int) -> Level:
    """
    Raises:
        NotRun: If there is no /proc here.
    """
    folder = Path(f"/proc/{pid}")
    try:
        targets = [_target(file) for file in (folder / "fd").iterdir()]
        pages = int((folder / "statm").read_text("ascii").split()[1])
        threads = len(list((folder / "task").iterdir()))
    except OSError as exc:
        raise NotRun(f"There is no /proc to read here: {exc}") from None
    sockets = sum(target.startswith("socket:") for target in targets)
    return Level(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), threads, len(targets), sockets)


def cpu_seconds(pid: int) -> float:
    """
    Return the processor time that a process and its threads have taken, in steps of a hundredth.

    Raises:
        NotRun: If there is no /proc here.
    """
    try:
        # Behind the name, which may hold anything: utime and stime are fields 14 and 15 of proc(5).
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError as exc:
        raise NotRun(f"There is no /proc to read here: {exc}") from None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _target(file: Path) -> str:
    try:
        return os.readlink(file)
    except FileNotFoundError:
        return "closed meanwhile"


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return by how much the second number of *points* grows for each unit of the first, by least squares."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
