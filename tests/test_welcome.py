"""What a full client is told when it comes: what it missed, and where what runs goes on."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from voicechat import dialogue as d
from voicechat.api import HOUSE
from voicechat.app import build
from voicechat.config import load
from voicechat.conversation import Conversations
from voicechat.store import MemoryStore

from .conftest import Client, Server, serving
from .doubles import Brain, engines


async def stored(server: Server, *questions: str) -> str:
    """Return the id of a chat with *questions*, to which nothing was answered."""
    chat = await server.house.conversations.create()
    name, store = chat.partition(".")[0], server.house.rooms.store
    for i, text in enumerate(questions):
        n = await store.add_question(name, d.Key("before", i + 1), text)
        await store.update_answer(name, n + 1, "", "complete", None, [])
    return chat


async def history(server: Server, chat: str, **hello: Any) -> tuple[list[int], bool]:
    """Return the numbers of the messages in WELCOME, and whether there are older ones."""
    async with server.client() as client:
        told = (await client.hello(chat=chat, **hello))["history"]
    return [message["n"] for message in told["messages"]], told["more"]


@pytest.mark.parametrize(("have", "missed"), [(0, [1, 2, 3, 4]), (2, [3, 4]), (3, [4]), (4, []), (99, [])])
async def test_a_page_is_told_what_came_after_what_it_has(
    server: Server, have: int, missed: list[int]
) -> None:
    chat = await stored(server, "One?", "Two?")
    assert await history(server, chat, have=have) == (missed, False)


@pytest.mark.parametrize(("questions", "first", "more"), [(25, 1, False), (26, 3, True), (40, 31, True)])
async def test_the_newest_fifty_messages_are_told_and_whether_there_are_older_ones(
    server: Server, questions: int, first: int, more: bool
) -> None:
    chat = await stored(server, *["?"] * questions)
    assert await history(server, chat) == (list(range(first, 2 * questions + 1)), more)


async def test_no_more_than_64_kB_of_text_are_told_counted_in_bytes(server: Server) -> None:
    fits = await stored(server, "ü" * 16_384, "ü" * 16_384)
    assert await history(server, fits) == ([1, 2, 3, 4], False)
    larger = await stored(server, "ü" * 16_384, "ü" * 16_384 + "!")
    assert await history(server, larger) == ([2, 3, 4], True)


async def test_a_page_that_comes_back_within_a_character_gets_text_from_the_next_one_on() -> None:
    gate = asyncio.Semaphore(1)
    async with serving(engines(brain=Brain("Grüße ", "dich!", gate=gate))) as server:
        async with server.client() as client:
            chat = (await client.hello(audio_out=[]))["chat"]
            await client.send(d.AskText("Hi"), 1)
            await client.until(d.AnswerText)
        async with server.client() as client:
            await client.hello(chat=chat, audio_out=[], resume=[{"turn": 1, "text": 3, "audio": 0}])
            gate.release()
            messages = await client.until(d.End)
    pieces = [m for m in messages if isinstance(m, d.AnswerText)]
    assert pieces == [d.AnswerText(4, "ße "), d.AnswerText(8, "dich!"), d.AnswerText(13, "", last=True)]


class Waiting(MemoryStore):
    """Does not tell the last turn of `tab-2` before `may_tell`; by then the history was read."""

    def __init__(self) -> None:
        super().__init__(time.monotonic, 10)
        self.is_asked, self.may_tell = asyncio.Event(), asyncio.Event()

    async def last_turn(self, chat: str, tab: str) -> int:
        if tab == "tab-2":
            self.is_asked.set()
            await self.may_tell.wait()
        return await super().last_turn(chat, tab)


async def test_a_question_that_is_asked_and_answered_while_a_tab_comes_is_told_to_it() -> None:
    app = build(load(environment={"VOICECHAT_KNOWLEDGE_ON": "false", "VOICECHAT_STORE": "memory"}), engines())
    store = Waiting()
    rooms = replace(app[HOUSE].rooms, store=store)
    app[HOUSE] = replace(app[HOUSE], rooms=rooms, conversations=Conversations(rooms))
    async with TestServer(app) as server, ClientSession() as http:
        url = server.make_url("/ws")
        async with http.ws_connect(url) as first, http.ws_connect(url) as second:
            asker, comer = Client(first), Client(second)
            chat = (await asker.hello(audio_out=[]))["chat"]
            coming = asyncio.create_task(comer.hello(tab="tab-2", chat=chat, audio_out=[]))
            await store.is_asked.wait()
            await asker.send(d.AskText("When?"), 1)
            answer = [m.text for m in await asker.until(d.End) if isinstance(m, d.AnswerText)]
            store.may_tell.set()
            welcome = await coming
            told = await comer.until(d.End)
    assert [turn["n"] for turn in welcome["running"]] == [1]
    assert welcome["history"]["messages"] == []
    assert told[0] == d.User(1, "When?")
    assert "".join(m.text for m in told if isinstance(m, d.AnswerText)) == "".join(answer) != ""
