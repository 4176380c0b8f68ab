"""Coming back: an answer goes on where it was, text and sound, whatever was lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from voicechat import dialogue as d
from voicechat.conversation import registry

from .conftest import Client, Server, serving
from .doubles import MS, Brain, Voice, engines
from .fault_proxy import fault_proxy

WORDS = ("From nine ", "to six, ünd ", "again… ", "on Sunday. ", "See you ", "then!")
QUESTION = "When?"
LEAD_MS = 4_000
MS_PER_CHAR = 100
"""So that the sound is longer than the lead."""


@dataclass
class Page:
    """What a page keeps of one answer, and goes on from."""

    chat: str | None = None
    text: bytes = b""
    sound: bytes = b""
    ends: list[d.End] = field(default_factory=list)

    async def enter(self, client: Client) -> dict[str, Any]:
        resume = [{"turn": 1, "text": len(self.text), "audio": len(self.sound) // len(MS)}]
        welcome = await client.hello(chat=self.chat, resume=resume if self.chat else [])
        self.chat = welcome["chat"]
        return welcome

    async def take(self, client: Client) -> None:
        """Take one message, and tell what was played."""
        message, turn = await client.receive()
        assert turn in (0, 1)
        match message:
            case d.AnswerText(pos, text):
                assert pos == len(self.text), "neither a gap nor a repeat"
                self.text += text.encode()
            case d.AnswerAudio(pos, data):
                assert pos * len(MS) <= len(self.sound), "no gap"
                self.sound = self.sound[: pos * len(MS)] + data
                await client.send(d.Played(pos), 1)
            case d.End():
                self.ends.append(message)

    async def follow(self, client: Client) -> None:
        while not self.ends:
            await self.take(client)


@asynccontextmanager
async def connected(server: Server, url: str) -> AsyncIterator[Client]:
    async with server.http.ws_connect(url + "/ws", max_msg_size=0) as socket:
        yield Client(socket)


async def whole() -> tuple[Page, int]:
    """Return what an uninterrupted page gets, and in how many messages."""
    page, count = Page(), 0
    async with serving(engines(brain=Brain(*WORDS), voice=Voice(MS_PER_CHAR))) as server:
        async with server.client() as client:
            await page.enter(client)
            await client.send(d.AskText(QUESTION), 1)
            while not page.ends:
                await page.take(client)
                count += 1
    return page, count


async def cut_after(server: Server, messages: int, gate: asyncio.Semaphore | None) -> Page:
    """Ask, lose the connection after so many messages, come back, and take the rest."""
    page = Page()
    async with fault_proxy(server.url) as (proxy, url):
        async with connected(server, url) as client:
            await page.enter(client)
            await client.send(d.AskText(QUESTION), 1)
            for _ in range(messages):
                if gate is not None:
                    gate.release()
                await page.take(client)
            proxy.cut()
    for _ in WORDS if gate is not None else ():
        gate.release()
    if not page.ends:
        async with server.client() as client:
            welcome = await page.enter(client)
            if not welcome["running"]:  # the question itself was lost on the way
                await client.send(d.AskText(QUESTION), 1)
            await page.follow(client)
    return page


@pytest.mark.parametrize("how", ["at full speed", "token by token"])
async def test_cut_after_every_message_the_answer_goes_on_to_the_same_text_and_sound(how: str) -> None:
    uncut, count = await whole()
    assert uncut.text.decode() == "".join(WORDS) and len(uncut.sound) > LEAD_MS * len(MS)
    for messages in range(count + 1):
        gate = asyncio.Semaphore(0) if how == "token by token" else None
        doubles = engines(brain=Brain(*WORDS, gate=gate), voice=Voice(MS_PER_CHAR))
        async with serving(doubles) as server:
            page = await cut_after(server, messages, gate)
        assert (page.text, page.sound) == (uncut.text, uncut.sound), f"cut after {messages} messages"
        assert page.ends == uncut.ends


async def test_a_page_that_is_loaded_anew_has_the_whole_text_and_the_sound_from_where_it_was_heard() -> None:
    async with serving(engines(brain=Brain(*WORDS), voice=Voice(MS_PER_CHAR))) as server:
        page = Page()
        async with server.client() as client:
            await page.enter(client)
            await client.send(d.AskText(QUESTION), 1)
            while len(page.sound) < 1_000 * len(MS):
                await page.take(client)
            await client.send(d.Played(700), 1)
            await client.send(d.Ping(1))
            await client.until(d.Pong)
        async with server.client() as client:
            await client.hello(chat=page.chat)
            told = await client.until(d.AnswerAudio)
    assert "".join(one.text for one in told if isinstance(one, d.AnswerText)) == "".join(WORDS)
    assert told[-1].pos == 800, "the last frame that PLAYED told of began there"


async def test_within_the_window_the_sound_waits_for_its_page_and_after_it_the_text_is_there() -> None:
    for seconds, comes in (("300", d.AnswerAudio), ("0", None)):
        voice = Voice(MS_PER_CHAR)
        async with serving(engines(voice=voice), limits_resume_seconds=seconds) as server:
            page = Page()
            async with server.client() as client:
                await page.enter(client)
                await client.send(d.AskText(QUESTION), 1)
                await client.until(d.AnswerAudio)
            await server.house.conversations.sweep(3_600)
            async with server.client() as client:
                welcome = await client.hello(chat=page.chat)
                if comes:
                    assert [turn["turn"] for turn in welcome["running"]] == [1]
                    await client.until(comes)
                else:
                    assert [one["status"] for one in welcome["history"]["messages"]] == ["complete"] * 2


async def test_an_answer_that_was_heard_to_its_end_is_not_spoken_again_to_a_page_loaded_anew() -> None:
    async with serving() as server:
        page = Page()
        async with server.client() as client:
            await page.enter(client)
            await client.send(d.AskText(QUESTION), 1)
            await page.follow(client)
            await client.send(d.Played(page.ends[0].audio_ms, d.PlayedFlag.ENDED), 1)
            await client.send(d.Ping(1))
            await client.until(d.Pong)
        async with server.client() as client:
            welcome = await client.hello(chat=page.chat)
    assert welcome["running"] == [] and len(welcome["history"]["messages"]) == 2


async def test_kept_sound_is_bounded_and_who_left_first_loses_it() -> None:
    # Each answer has a third of what may be kept, and a little.
    ms = registry.KEPT_SOUND_BYTES // 3 // len(MS) // len(QUESTION) + 100
    pages = [Page(), Page(), Page()]
    async with serving(engines(brain=Brain(QUESTION), voice=Voice(ms))) as server:
        for page in pages:
            async with server.client() as client:
                await page.enter(client)
                await client.send(d.AskText(QUESTION), 1)
                await client.until(d.AnswerAudio)
        await server.house.conversations.sweep(3_600)
        kept = []
        for page in pages:
            async with server.client() as client:
                kept.append(len((await page.enter(client))["running"]))
    assert kept == [0, 1, 1]


async def test_what_a_page_has_of_an_answer_that_a_crash_threw_away_is_not_gone_on_with(
    tmp_path: Path,
) -> None:
    store = f"sqlite:{tmp_path / 'chats.db'}"
    async with serving(engines(brain=Brain(gate=asyncio.Semaphore(0))), store=store) as server:
        async with server.client() as client:
            chat = (await client.hello())["chat"]
            await client.send(d.AskText(QUESTION), 1)
            await client.until(d.Accepted)
    resume = [{"turn": 1, "text": 7, "audio": 300}]
    async with serving(engines(brain=Brain("Another ", "answer.")), store=store) as server:
        async with server.client() as client:
            [running] = (await client.hello(chat=chat, resume=resume))["running"]
            told = await client.until(d.End)
        async with server.client() as client:
            again = await client.hello(chat=chat, resume=[{"turn": 1, "text": 8, "audio": 0}])
    assert (running["turn"], running["resumed"]) == (1, False)
    assert "".join(one.text for one in told if isinstance(one, d.AnswerText)) == "Another answer."
    assert next(one.pos for one in told if isinstance(one, d.AnswerAudio)) == 0
    assert [turn["resumed"] for turn in again["running"]] == [False], "it is told from its start once more"


async def test_what_was_thought_of_an_answer_is_there_though_its_sound_is_told_again() -> None:
    async with serving(engines(voice=Voice(MS_PER_CHAR))) as server:
        async with server.client() as client:
            chat = (await client.hello())["chat"]
            await client.send(d.AskText(QUESTION), 1)
            await client.until(d.End)
            await client.send(d.ClientEvent({"type": "feedback", "n": 2, "rating": "down"}))
            await client.send(d.Ping(1))
            await client.until(d.Pong)
        async with server.client() as client:
            welcome = await client.hello(chat=chat, resume=[{"turn": 1, "text": 0, "audio": 0}])
    assert [turn["turn"] for turn in welcome["running"]] == [1]
    assert [(one["n"], one.get("rating")) for one in welcome["history"]["messages"]] == [
        (1, None),
        (2, "down"),
    ]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_a_question_asked_again_over_http_has_its_sound_and_the_socket_hears_nothing_twice(
    accept: str,
) -> None:
    async with serving() as server, server.client() as client:
        chat = (await client.hello())["chat"]
        await client.send(d.AskText("When?"), 1)
        sound = [one for one in await client.until(d.End) if isinstance(one, d.AnswerAudio)]
        headers = {"Idempotency-Key": "tab-1:1", "Accept": accept}
        async with server.http.post(
            f"{server.url}/api/message", json={"id": chat, "message": "When?"}, headers=headers
        ) as response:
            assert b'"audio":"' in await response.read()
        await client.send(d.Ping(7))
        assert (await client.receive())[0] == d.Pong(7)
    assert sound


async def test_an_ended_turn_of_which_sound_was_not_sent_tells_it_to_who_asks_again_alone() -> None:
    rooms = engines(voice=Voice(ms_per_char=200))
    async with serving(rooms, limits_lead_ms="500") as server, server.client() as client:
        chat = (await client.hello())["chat"]
        await client.send(d.AskText(QUESTION), 1)
        await client.until(d.AnswerAudio)
        await client.send(d.Set({"mute": True}))
        await client.until(d.End)
        await client.send(d.Set({"mute": False}))
        status, reply = await server.message({"Idempotency-Key": "tab-1:1"}, id=chat, message=QUESTION)
        assert status == 200 and reply["audio"]
        await client.send(d.Ping(7))
        assert (await client.receive())[0] == d.Pong(7)
