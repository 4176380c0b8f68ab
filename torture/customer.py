"""A visitor who stays through restarts: it comes back as a page does, and asks until each answer is whole."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, WSServerHandshakeError

from voicechat.dialogue import (
    Accepted,
    AnswerText,
    AskText,
    ClientEvent,
    Cut,
    End,
    EndFlag,
    Fault,
    GoAway,
)

from .visitor import PATIENCE_SECONDS, Line, Visitor

LONGEST_WAIT_SECONDS = 0.5
"""Before another try to connect. A page waits for a second or more, and so would hide how long it took."""
THINK_SECONDS = 1.0
"""Before the next question, at most."""
RESTART = 1012
"""The close code of a server that starts again."""


@dataclass
class Open:
    """A question without its whole answer."""

    question: str
    turn: int
    since: float
    """When the process that is to answer it was asked, by the monotonic clock."""
    n: int | None = None
    """Of its answer."""
    text: bytes = b""
    is_retry: bool = False
    is_accepted: bool = False
    has_broken_off: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Loss:
    """An answer that a process was asked for, and did not give whole."""

    question: str
    since: float
    is_begun: bool
    """Whether something of it was stored; else the next process answers it without being asked again."""


class Customer(Visitor):
    """
    Mode v2, one question at a time.

    *question* makes one up, *process_began* tells since when the server of now may have been there,
    *fault* is told of what is not as it should be, in words.
    """

    def __init__(
        self,
        name: str,
        question: Callable[[], str],
        process_began: Callable[[], float],
        fault: Callable[[str], None],
    ) -> None:
        super().__init__(name)
        self.tab = secrets.token_urlsafe(16)
        self.open: Open | None = None
        self.answers: dict[str, str] = {}
        """Question -> its answer, as it was put together."""
        self.losses: list[Loss] = []
        self.pauses: list[float] = []
        """Seconds from each loss of the connection to the next WELCOME."""
        self.refused = 0
        self._new_question = question
        self._process_began = process_began
        self._fault = fault
        self._lost_at: float | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None
        self._has_left = False
        """Whether it closed its last connection itself: because of GOAWAY, or since all is over."""

    def fault(self, what: str) -> None:
        self._fault(f"{self.name}: {what}")

    async def live(self, http: ClientSession, url: str, is_over: asyncio.Event) -> None:
        """Ask, until *is_over* is set and the last answer is whole."""
        while True:
            try:
                async with http.ws_connect(url + "/ws", max_msg_size=0) as socket:
                    await self._visit(Line(socket), is_over)
                # Who leaves by itself may find that the server has gone already.
                if not self._has_left and socket.close_code != RESTART:
                    self.fault(f"was closed with {socket.close_code}")
            except WSServerHandshakeError as exc:
                self._refuse(exc.status)
            except ClientError:
                self.refused += 1
            if is_over.is_set() and self.open is None:
                return
            self._lost_at = self._lost_at or time.monotonic()
            await asyncio.sleep(random.uniform(0.05, LONGEST_WAIT_SECONDS))

    def _refuse(self, status: int) -> None:
        self.refused += 1
        if status != 503:
            self.fault(f"was refused with {status}")

    # ── One connection ────────────────────────────────────────────────────────────────────────

    async def _visit(self, line: Line, is_over: asyncio.Event) -> None:
        asking: asyncio.Task[None] | None = None
        self._has_left = False
        try:
            await self._enter(line)
            asking = asyncio.create_task(self._ask_on(line, is_over))
            while True:
                await self._take(line, *await line.hear())
        except ConnectionError:
            pass  # GOAWAY, 1012, or it is over
        finally:
            if self._leaving is not None:
                self._leaving.cancel()
            if asking is not None:
                asking.cancel()
                with suppress(asyncio.CancelledError, ConnectionError):
                    await asking

    async def _enter(self, line: Line) -> None:
        one = self.open if self.open is not None and not self.open.settled.is_set() else None
        resume = [{"turn": one.turn, "text": len(one.text), "audio": 0}] if one is not None else []
        welcome = (await line.introduce(self.tab, self.chat, resume=resume)).content
        if self._lost_at is not None:
            self.pauses.append(time.monotonic() - self._lost_at)
            self._lost_at = None
        if self.chat not in (None, welcome["chat"]):
            self.fault("was given another chat")
        self.chat, self.turn = welcome["chat"], max(self.turn, welcome["next_turn"])
        if one is not None:
            await self._go_on(line, one, welcome)

    async def _go_on(self, line: Line, one: Open, welcome: Any) -> None:
        """Find out what became of *one* while the line was lost, and send again what did not arrive."""
        stored = {message["n"]: message for message in welcome["history"]["messages"]}
        if one.n is None:
            asked = (n for n, message in stored.items() if message["text"] == one.question)
            one.n = next((n + 1 for n in asked), None)
        answer = None if one.n is None else stored.get(one.n)
        if one.turn in {turn["turn"] for turn in welcome["running"]}:
            if one.since < self._process_began():
                self.losses.append(Loss(one.question, one.since, is_begun=False))
                one.since = time.monotonic()
        elif answer is None:
            await self._say(line, one)
        elif answer["status"] == "complete":
            if not answer["text"].encode().startswith(one.text):
                self.fault(f"had {one.text!r}, and {answer['text']!r} is stored")
            one.text = answer["text"].encode()
            one.settled.set()
        elif one.is_retry and not one.is_accepted:
            # The wish never arrived: a number that was not used is free for another.
            one.turn = self._next_turn()
            await self._say(line, one)
        # Else it broke off: CUT and END follow.

    def _next_turn(self) -> int:
        self.turn += 1
        return self.turn - 1

    async def _say(self, line: Line, one: Open) -> None:
        one.since = time.monotonic()
        if one.is_retry and one.n is not None:
            await line.say(ClientEvent({"type": "retry", "n": one.n - 1, "turn": one.turn}))
        else:
            await line.say(AskText(one.question), one.turn)

    async def _ask_on(self, line: Line, is_over: asyncio.Event) -> None:
        while True:
            if self.open is None:
                if is_over.is_set():
                    break
                await asyncio.sleep(random.uniform(0, THINK_SECONDS))
                self.open = Open(self._new_question(), self._next_turn(), time.monotonic())
                await self._say(line, self.open)
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self.open.settled.wait()
            except TimeoutError:
                self.fault(f"waits in vain for {self.open}")
                self.open = None
                continue
            await self._conclude(line, self.open)
        await self._leave(line)

    async def _conclude(self, line: Line, one: Open) -> None:
        if not one.has_broken_off:
            self.answers[one.question] = one.text.decode()
            self.open = None
            return
        self.losses.append(Loss(one.question, one.since, is_begun=True))
        self.open = Open(one.question, self._next_turn(), time.monotonic(), one.n, is_retry=True)
        await self._say(line, self.open)

    # ── Listening ─────────────────────────────────────────────────────────────────────────────

    async def _take(self, line: Line, message: Any, turn: int) -> None:
        if isinstance(message, Fault):
            self.fault(f"turn {turn} got FAULT {message.code}: {message.message}")
        if isinstance(message, GoAway):
            later = asyncio.get_running_loop().call_later
            self._leaving = later(random.uniform(0, message.seconds), self._leave_soon, line)
        one = self.open
        if one is None or one.turn != turn:
            return
        match message:
            case Accepted(n):
                one.n, one.is_accepted = n + 1, True
            case AnswerText(pos, text):
                if pos > len(one.text):
                    self.fault(f"turn {turn} got TEXT from {pos} on and had {len(one.text)}")
                one.text = one.text[:pos] + text.encode()
            case Cut(pos):
                one.text = one.text[:pos]
            case End():
                self._end(one, message)

    def _end(self, one: Open, end: End) -> None:
        if one.settled.is_set():
            self.fault(f"turn {one.turn} got two ENDs")
        if end.flags not in (EndFlag.COMPLETE, EndFlag.FAILED):
            self.fault(f"turn {one.turn} ended with {end.flags!r}")
        one.has_broken_off = end.flags != EndFlag.COMPLETE
        if not one.has_broken_off and end.pos != len(one.text):
            self.fault(f"turn {one.turn} has {len(one.text)} bytes, and END says {end.pos}")
        one.settled.set()

    async def _leave(self, line: Line) -> None:
        self._has_left = True
        await line.socket.close()

    def _leave_soon(self, line: Line) -> None:
        self._closing = asyncio.create_task(self._leave(line))
