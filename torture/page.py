"""A tab that shows its chat: what stands in it must be what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from voicechat.dialogue import Accepted, AnswerText, Cut, End, EndFlag, Ping, Pong, User, Welcome

from .tab import Tab
from .visitor import PATIENCE_SECONDS

ENDS = {EndFlag.COMPLETE: "complete", EndFlag.CUT: "cut", EndFlag.FAILED: "failed"}

Row = tuple[int, str, str, str]
"""n, role, text and status of one message."""


@dataclass
class Shown:
    role: str
    text: bytes
    status: str


def row_of(message: dict[str, Any]) -> Row:
    """Return how a stored *message* is shown: without what was not heard of an answer that was cut."""
    heard = message["text"].encode()[: message["heard"]].decode(errors="ignore")
    return message["n"], message["role"], heard, message["status"]


class Page(Tab):
    """`shown`: the messages by their numbers, from all that this tab was told, whenever it was there."""

    def __init__(self, chat: int, name: str, fault: Callable[[str], None]) -> None:
        super().__init__(chat, name, is_shared=True, fault=fault)
        self.shown: dict[int, Shown] = {}
        self._answers: dict[int, int] = {}
        """Turn -> n of its answer, on this connection."""
        self._newest = 0
        """Of the questions, in the order in which they were told."""
        self._has_read_all = asyncio.Event()

    @property
    def is_there(self) -> bool:
        return self.line is not None and not self.line.socket.closed

    def rows(self) -> list[Row]:
        return [(n, one.role, one.text.decode(), one.status) for n, one in sorted(self.shown.items())]

    async def catch_up(self) -> None:
        """Read all that was sent to it up to now: its frames come in one order."""
        assert self.line is not None
        self._has_read_all.clear()
        await self.line.say(Ping(1))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._has_read_all.wait()

    def _take(self, message: Any, turn: int) -> None:
        super()._take(message, turn)
        match message:
            case Welcome():
                self._show_history(message)
            case Accepted(n):
                self._show_question(turn, n, self.own[turn].question or "")
            case User(n, text):
                self._show_question(turn, n, text)
            case Pong():
                self._has_read_all.set()
        if turn not in self._answers:
            return  # of no turn, or of one that found no place in the queue
        answer = self.shown[self._answers[turn]]
        match message:
            case AnswerText(pos, text):
                answer.text = answer.text[:pos] + text.encode()
            case Cut(pos):
                answer.text = answer.text[:pos]
            case End(_, _, flags):
                answer.status = ENDS[flags]

    def _show_history(self, welcome: Welcome) -> None:
        self._answers, self._newest = {}, 0
        if welcome.content["history"]["more"]:
            self.fault("was not told all of the history")
        for message in welcome.content["history"]["messages"]:
            n, role, text, status = row_of(message)
            self.shown[n] = Shown(role, text.encode(), status)

    def _show_question(self, turn: int, n: int, text: str) -> None:
        if n not in self.shown and n < self._newest:
            self.fault(f"was told of question {n} behind {self._newest}")
        self._newest = max(n, self._newest)
        self._answers[turn] = n + 1
        self.shown[n] = Shown("user", text.encode(), "complete")
        # It may be told on from where it stood.
        self.shown.setdefault(n + 1, Shown("assistant", b"", "running"))
