"""A tab that believes nothing: it checks every frame against what its chat was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession

from voicechat.dialogue import Accepted, AnswerText, AskText, End, EndFlag, Fault, Hello, User, Welcome
from voicechat.wire import decode

from .echo import echo, strangers
from .visitor import PATIENCE_SECONDS, Line

FIRST_SERVER_TURN = 0x8000
OURS = {None, 1000, 1006, 4409}
"""Close codes that follow from what the tab itself did: it left, it cut the line, it came anew."""
EXPECTED = {"busy", "unavailable"}
"""What a question may be told here: too many wait, or it was stopped because nobody was there."""


@dataclass
class Heard:
    """What this tab knows of one turn."""

    question: str | None = None
    n: int | None = None
    """Of its answer."""
    text: bytes = b""
    has_ended: bool = False
    """On any connection."""
    ends: int = 0
    """On this connection."""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at its END, or when the connection is gone."""

    def is_plausible(self, end: End) -> bool:
        if self.question is None:
            return True
        whole = echo(self.question).encode()
        return self.text == whole if end.flags & EndFlag.COMPLETE else whole.startswith(self.text)


class Tab:
    """*fault* is told of what is not as it should be, in words."""

    def __init__(self, chat: int, name: str, is_shared: bool, fault: Callable[[str], None]) -> None:
        self.name = name
        self.line: Line | None = None
        self.next_turn = 1
        self.own: dict[int, Heard] = {}
        self._chat = chat
        self._is_shared = is_shared
        self._fault = fault
        self._reader: asyncio.Task[None] | None = None
        self._followed: dict[int, Heard] = {}
        """On this connection, others' turns too."""
        self._welcome: asyncio.Future[Welcome] = asyncio.get_running_loop().create_future()

    def fault(self, what: str) -> None:
        self._fault(f"chat {self._chat}, {self.name}: {what}")

    def inspect(self, data: bytes) -> None:
        if others := strangers(data, self._chat):
            self.fault(f"was told words of chats {sorted(others)}: {data[:200]!r}")

    # ── Coming and going ──────────────────────────────────────────────────────────────────────

    async def connect(self, http: ClientSession, id_: str | None, *, resumes: bool) -> str:
        """Be there, whether or not an older connection is, and return the chat's id."""
        socket = await http.ws_connect("/ws", max_msg_size=0)
        await self.leave()
        self._followed = {}
        self._welcome = asyncio.get_running_loop().create_future()
        for heard in self.own.values():
            heard.ends = 0
        line = self.line = Line(socket)
        self._reader = asyncio.create_task(self._listen(line))
        open_turns = [(turn, heard) for turn, heard in self.own.items() if not heard.has_ended][-32:]
        resume = [{"turn": turn, "text": len(heard.text), "audio": 0} for turn, heard in open_turns]
        hello = {"v": 1, "tab": self.name, "audio_in": [], "audio_out": []}
        await line.say(
            Hello(hello | ({"chat": id_} if id_ else {}) | ({"resume": resume} if resumes else {}))
        )
        content = (await self._welcome).content
        if not self._is_shared and content["history"]["messages"]:
            self.fault("was told the history of a chat that has no secret")
        self.next_turn = max(self.next_turn, content["next_turn"])
        running = {turn["turn"] for turn in content["running"]}
        stored = {message["n"]: message for message in content["history"]["messages"]}
        for turn, heard in open_turns:
            if turn in running or heard.question is None:
                continue
            if heard.n in stored:
                self._read(turn, heard, stored[heard.n])
            else:
                # Asked as the line broke: it may have arrived, or not.
                self._follow(turn)
                await line.say(AskText(heard.question), turn)
        return str(content["chat"])

    def _read(self, turn: int, heard: Heard, answer: dict[str, Any]) -> None:
        """Take an answer that ended while this tab was away."""
        heard.text, heard.has_ended = answer["text"].encode(), True
        how = EndFlag.COMPLETE if answer["status"] == "complete" else EndFlag.FAILED
        if not heard.is_plausible(End(len(heard.text), 0, how)):
            self.fault(f"turn {turn} asked {heard.question!r} and {answer!r} is stored")

    async def leave(self, *, abruptly: bool = True) -> None:
        if self.line is None or self._reader is None:
            return
        if abruptly:
            self.line.cut()
        else:
            await self.line.socket.close()
        await self._reader
        self.line = None

    # ── Asking ────────────────────────────────────────────────────────────────────────────────

    def begin(self, question: str) -> int:
        """Return the number of a new turn of this tab, in whichever mode it is asked."""
        turn, self.next_turn = self.next_turn, self.next_turn + 1
        self.own[turn] = Heard(question)
        for old in [old for old, heard in self.own.items() if heard.has_ended][:-20]:
            del self.own[old]
        return turn

    async def ask(self, question: str) -> Heard:
        assert self.line is not None
        turn = self.begin(question)
        heard = self._follow(turn)
        await self.line.say(AskText(question), turn)
        return heard

    async def settled(self) -> None:
        """Wait for the END of all that this connection follows."""
        for turn, heard in list(self._followed.items()):
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await heard.settled.wait()
            except TimeoutError:
                self.fault(f"turn {turn} got no END")

    def known_turns(self) -> list[int]:
        """Return turns that may be cancelled, the live ones last."""
        return sorted(self._followed, key=lambda turn: not self._followed[turn].ends)

    # ── Listening ─────────────────────────────────────────────────────────────────────────────

    async def _listen(self, line: Line) -> None:
        with suppress(ConnectionError, ClientError):
            while True:
                frame = await line.frame()
                self.inspect(frame)
                self._take(*decode(frame))
        if line.socket.close_code not in OURS:
            self.fault(f"was closed with {line.socket.close_code}")
        for heard in self._followed.values():
            heard.settled.set()
        if not self._welcome.done():
            self._welcome.set_exception(ConnectionError("closed before WELCOME"))

    def _take(self, message: Any, turn: int) -> None:
        match message:
            case Welcome():
                for running in message.content["running"]:
                    self._follow(running["turn"])
                self._welcome.set_result(message)
            case Accepted(n):
                self._follow(turn).n = n + 1
            case User(_, text):
                self._follow(turn).question = text
                if not self._is_shared:
                    self.fault("was told of another tab's question in a chat that has no secret")
            case AnswerText(pos, text):
                heard = self._follow(turn)
                if heard.ends:
                    self.fault(f"turn {turn} got TEXT after its END")
                if pos > len(heard.text):
                    self.fault(f"turn {turn} got TEXT from {pos} on and had {len(heard.text)}")
                heard.text = heard.text[:pos] + text.encode()
            case Fault() if message.code not in EXPECTED:
                self.fault(f"turn {turn} got FAULT {message.code}: {message.message}")
            case End():
                self._end(turn, message)

    def _end(self, turn: int, end: End) -> None:
        heard = self._follow(turn)
        heard.ends += 1
        heard.has_ended = True
        heard.settled.set()
        if heard.ends > 1:
            self.fault(f"turn {turn} got {heard.ends} ENDs")
        if not heard.is_plausible(end):
            self.fault(f"turn {turn} asked {heard.question!r} and was answered {heard.text!r}, {end.flags!r}")

    def _follow(self, turn: int) -> Heard:
        if turn not in self._followed:
            heard = self.own.setdefault(turn, Heard()) if turn < FIRST_SERVER_TURN else Heard()
            heard.settled.clear()
            self._followed[turn] = heard
        return self._followed[turn]
