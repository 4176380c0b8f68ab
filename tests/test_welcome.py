"""What a full client is told when it comes: what it missed, and where what runs goes on."""

import asyncio
from typing import Any

import pytest

from voicechat import dialogue as d

from .conftest import Server, serving
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
