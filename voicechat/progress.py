"""How far it is, on stderr: a bar where somebody watches, else a line where something begins."""

from __future__ import annotations

import time
from typing import TextIO

WIDTH = 24
CLEAR = "\r\x1b[2K"


class Progress:
    """*total* None: not known yet, until `reach` says it."""

    def __init__(self, err: TextIO, total: int | None = None) -> None:
        self._err = err
        self._total = total
        self._done = 0
        self._started = time.monotonic()
        self._doing = ""
        self._is_tty = err.isatty()

    def begin(self, doing: str) -> None:
        """Say what is done from here on."""
        if doing != self._doing:
            self._doing = doing
            if not self._is_tty:
                self._write(f"{doing}\n")
        self._draw()

    def step(self) -> None:
        self.reach(self._done + 1)

    def reach(self, done: int, total: int | None = None) -> None:
        self._done = done
        self._total = self._total if total is None else total
        self._draw()

    def note(self, text: str) -> None:
        """Write a line that stays."""
        self._write(f"{CLEAR}{text}\n" if self._is_tty else f"{text}\n")
        self._draw()

    def end(self) -> None:
        if self._is_tty:
            self._write(CLEAR)

    def _draw(self) -> None:
        if self._is_tty and self._total is not None:
            left = _left(time.monotonic() - self._started, self._done, self._total)
            self._write(f"{CLEAR}{bar(self._done, self._total)}  {self._doing}{left}")

    def _write(self, text: str) -> None:
        self._err.write(text)
        self._err.flush()


def bar(done: int, total: int) -> str:
    filled = WIDTH * done // total if total else 0
    return f"{'█' * filled}{'░' * (WIDTH - filled)} {done:>{len(str(total))}} of {total}"


def _left(seconds: float, done: int, total: int) -> str:
    if done < 3:  # too early to tell
        return ""
    left = seconds / done * (total - done)
    return f", some {left / 60:.0f} min left" if left >= 90 else f", some {left:.0f} s left"
