"""What is written and read: answers to stdout, all else to stderr, lines from stdin."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import threading
from typing import TextIO

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""All but tab and line feed: what a server says must not move the cursor or name the window."""

DIM, PLAIN = "\x1b[2m", "\x1b[0m"

PROMPT = "> "

READ_BYTES = 65_536


class Terminal:
    """*out* and *err* may be terminals or not; a prompt and colours are for terminals only."""

    def __init__(self, out: TextIO, err: TextIO, *, prompts: bool = False) -> None:
        self._out = out
        self._err = err
        self.prompts = prompts and err.isatty()
        """Whether somebody sits there who wants to know what to do."""

    def say(self, text: str) -> None:
        """Write a piece of an answer, at once."""
        self._out.write(_CONTROLS.sub("", text))
        self._out.flush()

    def note(self, text: str) -> None:
        """Write a line beside the answer."""
        text = _CONTROLS.sub("", text)
        self._err.write(f"{DIM}{text}{PLAIN}\n" if self._err.isatty() else f"{text}\n")
        self._err.flush()

    def complain(self, text: str) -> None:
        """Write what went wrong, in one line."""
        self._err.write(f"voicechat: {_CONTROLS.sub('', text)}\n")
        self._err.flush()

    def prompt(self) -> None:
        if self.prompts:
            self._err.write(PROMPT)
            self._err.flush()

    def leave_prompt(self) -> None:
        """Go on below the prompt, at which no line was entered."""
        if self.prompts:
            self._err.write("\n")


class Lines:
    """
    Lines of the file *number*, read by a thread: a loop can't wait for terminals, pipes and files alike.

    The thread ends with the process: a read of a terminal can't be stopped. It reads past Python's
    own buffers, whose locks would keep the process from ending.
    """

    def __init__(self, number: int = 0, encoding: str = "utf-8") -> None:
        self._number = number
        self._encoding = encoding
        self._rest = b""
        self._wanted: asyncio.Future[str | None] | None = None

    async def next(self) -> str | None:
        """Return the next line without its end; None: there are no more. Cancelled, it loses none."""
        wanted = self._wanted
        if wanted is None:
            wanted = self._wanted = asyncio.get_running_loop().create_future()
            threading.Thread(target=self._read, args=(wanted,), daemon=True).start()
        line = await asyncio.shield(wanted)
        if self._wanted is wanted:
            self._wanted = None
        return line

    def _read(self, wanted: asyncio.Future[str | None]) -> None:
        line = self._read_line()
        with contextlib.suppress(RuntimeError):  # the loop has ended before the line was there
            wanted.get_loop().call_soon_threadsafe(_settle, wanted, line)

    def _read_line(self) -> str | None:
        while b"\n" not in self._rest:
            try:
                data = os.read(self._number, READ_BYTES)
            except OSError:  # a terminal that is gone
                data = b""
            if not data:
                line, self._rest = self._rest, b""
                return line.decode(self._encoding, "replace") if line else None
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode(self._encoding, "replace").removesuffix("\r")


def _settle(wanted: asyncio.Future[str | None], line: str | None) -> None:
    if not wanted.done():
        wanted.set_result(line)
