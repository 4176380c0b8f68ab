"""How far a download is: a bar with bytes, rate and time left for who watches, else a line at times."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from typing import TextIO

from ..progress import CLEAR, WIDTH

DRAW_SECONDS = 0.1
LINE_SECONDS = 10.0
DEFAULT_COLUMNS = 80
RATE_SECONDS = 5.0
"""Over how long the rate is taken: shorter, and it jumps; longer, and it hides that nothing comes."""


class Meter:
    """*have*: bytes of *total* that were here before."""

    def __init__(
        self, err: TextIO, label: str, total: int, have: int = 0, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._err = err
        self._label = label
        self._total = total
        self._done = have
        self._now = now
        self._is_tty = err.isatty()
        self._past = deque([(now(), have)])
        self._drawn = now()
        if not self._is_tty:
            rest = f", {size(have)} of it are here" if have else ""
            self._write(f"{label}: {size(total)}{rest}\n")

    def reach(self, done: int) -> None:
        """Say how many bytes of the whole are here; fewer than before where a file begins anew."""
        now = self._now()
        if done < self._done:
            self._past.clear()
        self._done = done
        self._past.append((now, done))
        while len(self._past) > 2 and now - self._past[1][0] >= RATE_SECONDS:
            self._past.popleft()
        if now - self._drawn >= (DRAW_SECONDS if self._is_tty else LINE_SECONDS):
            self._drawn = now
            self._draw()

    def note(self, text: str) -> None:
        """Write a line that stays."""
        self._write(f"{CLEAR if self._is_tty else ''}{self._label}: {text}\n")

    def end(self) -> None:
        if self._is_tty:
            self._write(CLEAR)

    def _draw(self) -> None:
        text = f"{parts(self._done, self._total)}{self._pace()}"
        if not self._is_tty:
            self._write(f"{self._label}: {text}\n")
            return
        # What does not fit into the line would stay when the next one is drawn.
        columns = self._columns() - 1
        width = max(0, min(WIDTH, columns - len(f"{self._label}    {text}")))
        filled = width * self._done // self._total if self._total else 0
        line = f"{self._label}  {'█' * filled}{'░' * (width - filled)}  {text}"
        self._write(f"{CLEAR}{line[:columns]}")

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._err.fileno()).columns or DEFAULT_COLUMNS
        except (OSError, ValueError):
            return DEFAULT_COLUMNS

    def _pace(self) -> str:
        (since, before), (now, done) = self._past[0], self._past[-1]
        if now <= since or done <= before:
            return ""
        rate = (done - before) / (now - since)
        left = (self._total - self._done) / rate
        return f", {size(rate)}/s, some {f'{left / 60:.0f} min' if left >= 90 else f'{left:.0f} s'} left"

    def _write(self, text: str) -> None:
        self._err.write(text)
        self._err.flush()


def size(count: float) -> str:
    """Return bytes for people: `75.5 MB`, of 1,000,000 bytes each."""
    unit, decimals, name = _unit(count)
    return f"{count / unit:.{decimals}f} {name}"


def parts(done: int, total: int) -> str:
    """Return `12.3 of 75.5 MB`."""
    unit, decimals, _ = _unit(total)
    return f"{done / unit:.{decimals}f} of {size(total)}"


def _unit(count: float) -> tuple[int, int, str]:
    """Return the unit that fits *count*: its bytes, the decimals that are worth reading, its name."""
    for unit, decimals, name in ((10**9, 2, "GB"), (10**6, 1, "MB"), (10**3, 1, "kB")):
        if count >= unit:
            return unit, decimals, name
    return 1, 0, "bytes"
