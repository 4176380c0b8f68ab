"""
Many chats at once, each with a marker in all that it asks: none ever hears of another's.

What visitors do is drawn by chance: they ask, stop, break off, come back, open a second tab, ask over
v1 with and without a key, and leave before the answer. The provider answers with the question, and
looks at each prompt itself.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from voicechat.dialogue import Bye, Cancel, CancelReason
from voicechat.progress import Progress

from .echo import echo, echoing, marker
from .proof import Verdict
from .server import running
from .tab import Tab
from .visitor import PATIENCE_SECONDS

CHATS = 200
UNSHARED = 10
"""Every so many chats has an id of the client's own: its tabs may not see each other's turns."""
EXPECTED = {200, 409, 429, 503}
"""What v1 may answer here: the key is open elsewhere, too many questions wait, it was stopped meanwhile."""
ORPHAN_SECONDS = 2
"""How long an answer goes on with nobody there: short, so that it happens often."""


async def prove_storm(actions: int, progress: Progress) -> Verdict:
    storm = Storm(actions, progress)
    with tempfile.TemporaryDirectory() as folder:
        async with echoing() as provider:
            settings = provider.settings | {"VOICECHAT_LIMITS_ORPHAN_SECONDS": str(ORPHAN_SECONDS)}
            async with (
                running(Path(folder), settings) as server,
                ClientSession(
                    server.url, connector=TCPConnector(limit=0), timeout=ClientTimeout(PATIENCE_SECONDS)
                ) as http,
            ):
                await asyncio.gather(*(Chat(number, storm, http).live() for number in range(CHATS)))
                storm.faults += server.unexpected()
        storm.faults += provider.faults
        if provider.asked < storm.done / 10:
            storm.faults.append("There was no load: the provider was hardly asked.")
    return Verdict(
        f"{storm.done:,} actions in {CHATS} chats, {provider.asked:,} prompts: {storm.kinds()}",
        f"{len(storm.faults)} faults: words of another chat, more or less than one END, wrong answers",
        tuple(storm.faults),
    )


class Storm:
    """What all chats share."""

    def __init__(self, actions: int, progress: Progress) -> None:
        self.faults: list[str] = []
        self.done = 0
        self._actions = actions
        self._progress = progress
        self._kinds: Counter[str] = Counter()

    def take(self, kind: str) -> None:
        self.done += 1
        self._kinds[kind] += 1
        if self.done % 100 == 0:
            self._progress.reach(self.done, self._actions)

    @property
    def is_over(self) -> bool:
        return self.done >= self._actions

    def kinds(self) -> str:
        return ", ".join(f"{count:,} {kind}" for kind, count in self._kinds.most_common())


class Chat:
    """One visitor with two tabs, who does one thing after another."""

    def __init__(self, number: int, storm: Storm, http: ClientSession) -> None:
        self._number = number
        self._storm = storm
        self._http = http
        self._is_shared = number % UNSHARED != 0
        self._id = None if self._is_shared else f"own-{secrets.token_urlsafe(16)}"
        self._asked = 0
        self._tabs = [self._new_tab(), self._new_tab()]
        self._keys: list[tuple[Tab, int, str]] = []
        """Of questions that were asked over v1."""
        self._actions: dict[str, tuple[int, Callable[[Tab], Awaitable[None]]]] = {
            "asked": (26, self._ask),
            "stopped": (16, self._cancel),
            "broken off": (8, self._break_off),
            "come anew": (3, self._come),
            "second tabs": (5, self._open_tab),
            "goodbyes": (2, self._say_bye),
            "over v1": (10, self._post),
            "over v1 with a key": (10, self._post_with_key),
            "keys again": (5, self._post_again),
            "left before the answer": (8, self._post_and_leave),
            "histories": (7, self._read),
        }

    async def live(self) -> None:
        kinds = list(self._actions)
        weights = [weight for weight, _ in self._actions.values()]
        await self._attempt(self._come, self._tabs[0])
        while not self._storm.is_over:
            tab = random.choice(self._tabs)
            if tab.line is None or tab.line.socket.closed:
                self._storm.take("come back")
                await self._attempt(self._come, tab)
                continue
            kind = random.choices(kinds, weights)[0]
            self._storm.take(kind)
            await self._attempt(self._actions[kind][1], tab)
        for tab in self._tabs:
            await tab.settled()
            await tab.leave(abruptly=False)

    async def _attempt(self, act: Callable[[Tab], Awaitable[None]], tab: Tab) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await act(tab)
        except (TimeoutError, ClientError, ConnectionError) as exc:
            tab.fault(f"{act.__name__}: {type(exc).__name__} {exc}")

    def _new_tab(self) -> Tab:
        name = f"t{secrets.token_urlsafe(16)}"
        return Tab(self._number, name, self._is_shared, self._storm.faults.append)

    def _question(self) -> str:
        self._asked += 1
        return f"{marker(self._number)}{secrets.token_hex(4)} is question {self._asked}."

    # ── Mode v2 ───────────────────────────────────────────────────────────────────────────────

    async def _come(self, tab: Tab) -> None:
        self._id = await tab.connect(self._http, self._id, resumes=random.random() < 0.8)

    async def _open_tab(self, _: Tab) -> None:
        """Close the second tab, and open another in its place."""
        await self._tabs[1].leave(abruptly=random.random() < 0.5)
        self._tabs[1] = self._new_tab()
        await self._come(self._tabs[1])

    async def _ask(self, tab: Tab) -> None:
        heard = await tab.ask(self._question())
        if random.random() < 0.6:
            await heard.settled.wait()

    async def _cancel(self, tab: Tab) -> None:
        if tab.line is not None and (turns := tab.known_turns()):
            reason = random.choice(list(CancelReason))
            await tab.line.say(Cancel(random.randrange(2_000), reason), random.choice(turns[-3:]))

    async def _break_off(self, tab: Tab) -> None:
        await tab.leave()

    async def _say_bye(self, tab: Tab) -> None:
        if tab.line is not None:
            await tab.line.say(Bye())

    # ── Mode v1 ───────────────────────────────────────────────────────────────────────────────

    async def _post(self, tab: Tab) -> None:
        await self._fetch(tab, self._question(), None)

    async def _post_with_key(self, tab: Tab) -> None:
        question = self._question()
        turn = tab.begin(question)
        self._keys = [*self._keys[-5:], (tab, turn, question)]
        await self._fetch(tab, question, f"{tab.name}:{turn}")

    async def _post_again(self, _: Tab) -> None:
        if self._keys:
            tab, turn, question = random.choice(self._keys)
            await self._fetch(tab, question, f"{tab.name}:{turn}")

    async def _post_and_leave(self, tab: Tab) -> None:
        with_key = random.choice((self._post, self._post_with_key))
        try:
            async with asyncio.timeout(random.uniform(0.001, 0.1)):
                await with_key(tab)
        except TimeoutError:
            pass  # left

    async def _fetch(self, tab: Tab, question: str, key: str | None) -> None:
        streams = random.random() < 0.5
        headers = {"Idempotency-Key": key} if key else {}
        if streams:
            headers["Accept"] = "text/event-stream"
        content = {"id": self._id, "message": question, "speech": False}
        async with self._http.post("/api/message", json=content, headers=headers) as response:
            body = await response.read()
        tab.inspect(body)
        if response.status not in EXPECTED:
            tab.fault(f"v1 answered {response.status}: {body[:200]!r}")
        answer = _streamed(body) if response.content_type == "text/event-stream" else _answer(body)
        if not echo(question).startswith(answer):
            tab.fault(f"v1 asked {question!r} and was answered {answer!r}")

    async def _read(self, tab: Tab) -> None:
        if self._is_shared:
            headers = {"Authorization": f"Bearer {self._id}"}
            async with self._http.get("/api/messages", headers=headers) as response:
                tab.inspect(await response.read())
                response.raise_for_status()


def _answer(body: bytes) -> str:
    return str(orjson.loads(body).get("answer", ""))


def _streamed(body: bytes) -> str:
    events = [event.split(b"\n") for event in body.split(b"\n\n") if event]
    return "".join(
        orjson.loads(data.removeprefix(b"data: "))["text"] for name, data in events if name == b"event: text"
    )
