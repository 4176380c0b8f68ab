"""
Chats that are open in several tabs at once: in the end the same stands in all of them, and in the store.

All tabs ask, stop answers, and come and go. What the further tabs cost the server is measured apart,
with answers that come token by token, for those are what the others are told in larger pieces.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from voicechat.dialogue import Cancel, CancelReason, End
from voicechat.progress import Progress

from .echo import echoing, marker
from .page import Page, row_of
from .process import cpu_seconds
from .proof import Verdict
from .server import running
from .visitor import PATIENCE_SECONDS, Line, Visitor

CHATS = 40
QUESTIONS = 24
"""In each chat: so few that WELCOME tells all of them."""
AWAY = 0.15
"""Which part of what is done is to leave."""
STOP = 0.05
"""Which part is to stop an answer."""

TOKENS = 100
"""In an answer of which the cost is measured: some eight sentences."""
MEASURED = 10
"""Questions of each chat."""


async def prove_tabs(tabs: int, progress: Progress) -> Verdict:
    kinds: Counter[str] = Counter()
    faults: list[str] = []
    for step, count in enumerate((2, tabs)):
        progress.reach(step, 4)
        faults += await _show(count, kinds)
    costs = []
    for step, count in enumerate((1, tabs), 2):
        progress.reach(step, 4)
        costs.append(await _cost_ms(count))
    alone, shared = costs
    if kinds["messages"] < kinds["questions"]:
        faults.append("There was no load: fewer messages are stored than questions were asked.")
    return Verdict(
        f"{CHATS} chats in 2 tabs and then in {tabs}, "
        + ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common()),
        f"{kinds['messages']:,} messages, each compared with what every tab shows; "
        f"an answer of {TOKENS} tokens takes {alone:.1f} ms of the server's processor in 1 tab "
        f"and {shared:.1f} ms in {tabs}, {shared / alone:.2f} times as much",
        tuple(faults),
    )


async def _show(tabs: int, kinds: Counter[str]) -> list[str]:
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        async with (
            echoing() as provider,
            running(Path(folder), provider.settings) as server,
            ClientSession(
                server.url, connector=TCPConnector(limit=0), timeout=ClientTimeout(PATIENCE_SECONDS)
            ) as http,
        ):
            chats = [Chat(number, tabs, http, faults, kinds) for number in range(CHATS)]
            await asyncio.gather(*(chat.live() for chat in chats))
            faults += server.unexpected()
        faults += provider.faults
    return faults


class Chat:
    """One chat and its tabs, each of which does one thing after another."""

    def __init__(
        self, number: int, tabs: int, http: ClientSession, faults: list[str], kinds: Counter[str]
    ) -> None:
        self._number = number
        self._http = http
        self._faults = faults
        self._kinds = kinds
        self._id: str | None = None
        self._left = QUESTIONS
        self._pages = [Page(number, f"t{secrets.token_urlsafe(16)}", faults.append) for _ in range(tabs)]

    async def live(self) -> None:
        try:
            for page in self._pages:
                await self._come(page)
            await asyncio.gather(*map(self._use, self._pages))
            await self._compare()
        except (TimeoutError, ClientError, ConnectionError) as exc:
            self._faults.append(f"chat {self._number}: {type(exc).__name__} {exc}")
        for page in self._pages:
            await page.leave(abruptly=False)

    async def _come(self, page: Page) -> None:
        self._kinds["visits"] += 1
        self._id = await page.connect(self._http, self._id, resumes=random.random() < 0.8)

    async def _use(self, page: Page) -> None:
        while True:
            await asyncio.sleep(random.uniform(0, 0.1))
            if self._left == 0:  # the other tabs ask meanwhile
                return
            if not page.is_there:
                await self._come(page)
                continue
            action = random.random()
            if action < AWAY:
                await page.leave(abruptly=random.random() < 0.5)
            elif action < AWAY + STOP:
                await self._stop(page)
            else:
                await self._ask(page)

    async def _ask(self, page: Page) -> None:
        self._left -= 1
        number = QUESTIONS - self._left
        text = f"{marker(self._number)}{secrets.token_hex(4)} is question {number}."
        self._kinds["questions"] += 1
        heard = await page.ask(text)
        if random.random() < 0.7:
            await heard.settled.wait()

    async def _stop(self, page: Page) -> None:
        if page.line is not None and (turns := page.known_turns()):
            self._kinds["stops"] += 1
            await page.line.say(Cancel(0, random.choice(list(CancelReason))), random.choice(turns[-3:]))

    async def _compare(self) -> None:
        """Find what a tab shows otherwise than it is stored; those that are away come back for it."""
        for page in self._pages:
            if not page.is_there:
                await self._come(page)
        for page in self._pages:
            await page.settled()
        for page in self._pages:
            await page.catch_up()
        visitor = Visitor(f"chat {self._number}", self._id)
        # The session knows where the server is.
        history = await visitor.history(self._http, "")
        stored = [row_of(message) for message in history]
        self._kinds["messages"] += len(stored)
        for number, page in enumerate(self._pages):
            if page.rows() != stored:
                odd = sorted(set(page.rows()) ^ set(stored))
                self._faults.append(f"chat {self._number}: tab {number} shows otherwise than stored {odd}")
        if [n for n, *_ in stored] != list(range(1, len(stored) + 1)):
            self._faults.append(f"chat {self._number}: its numbers are {[n for n, *_ in stored]}")


async def _cost_ms(tabs: int) -> float:
    """Return the processor time that one answer takes the server in chats of as many *tabs*."""
    settings = {"VOICECHAT_CHAT_MODEL": f"first_ms=5 gap_ms=5 tokens={TOKENS}"}
    with tempfile.TemporaryDirectory() as folder:
        async with (
            running(Path(folder), settings) as server,
            ClientSession(connector=TCPConnector(limit=0)) as http,
            AsyncExitStack() as stack,
        ):
            asking: list[tuple[Visitor, Line]] = []
            others: list[Line] = []
            for number in range(CHATS):
                asker = Visitor(f"{number}")
                asking.append((asker, await stack.enter_async_context(asker.connected(http, server.url))))
                for other in range(1, tabs):
                    there = Visitor(f"{number}-{other}", asker.chat).connected(http, server.url)
                    others.append(await stack.enter_async_context(there))
            before = cpu_seconds(server.process.pid)
            async with asyncio.timeout(10 * PATIENCE_SECONDS):
                await asyncio.gather(*(_measure(*one) for one in asking), *map(_watch, others))
            return (cpu_seconds(server.process.pid) - before) / (CHATS * MEASURED) * 1_000


async def _measure(visitor: Visitor, line: Line) -> None:
    for number in range(MEASURED):
        await visitor.ask(line, f"Is this question number {number}?")


async def _watch(line: Line) -> None:
    for _ in range(MEASURED):
        while not isinstance((await line.hear())[0], End):
            pass
