"""Several tabs and devices that show one chat: each question and answer once in all of them, in one order."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from voicechat import dialogue as d

from .conftest import Client, Server, serving
from .doubles import Brain, Voice, engines


def texts(messages: list[Any]) -> list[tuple[int, str]]:
    return [(one.pos, one.text) for one in messages if isinstance(one, d.AnswerText) and one.text]


async def tabs(house: AsyncExitStack, server: Server, count: int) -> tuple[str, list[Client]]:
    """Show one new chat in *count* tabs."""
    clients = [await house.enter_async_context(server.client()) for _ in range(count)]
    chat = (await clients[0].hello(tab="tab-0"))["chat"]
    for number, client in enumerate(clients[1:], 1):
        await client.hello(tab=f"tab-{number}", chat=chat)
    return chat, clients


async def test_the_asker_sees_each_token_and_the_others_the_same_text_by_sentences() -> None:
    words = ("From", " nine", ".", " To", " six", "!", " Bye")
    async with AsyncExitStack() as house:
        server = await house.enter_async_context(serving(engines(brain=Brain(*words))))
        _, [asker, *others] = await tabs(house, server, 3)
        await asker.send(d.AskText("When?"), 1)
        by_token = texts(await asker.until(d.End))
        by_sentence = [texts(await other.until(d.End)) for other in others]
    assert [text for _, text in by_token] == list(words)
    assert by_sentence == [[(0, "From nine."), (10, " To six!"), (18, " Bye")]] * 2


async def test_a_text_without_sentences_reaches_the_others_before_its_end_too() -> None:
    gate = asyncio.Semaphore(0)
    brain = Brain(*["word "] * 60, gate=gate)
    async with AsyncExitStack() as house:
        server = await house.enter_async_context(serving(engines(brain=brain, mute=True)))
        _, [asker, other] = await tabs(house, server, 2)
        await asker.send(d.AskText("List!"), 1)
        for _ in range(50):
            gate.release()
        first = texts(await other.until(d.AnswerText))
        for _ in range(10):
            gate.release()
        rest = texts(await other.until(d.End))
    assert first == [(0, "word " * 50)] and rest == [(250, "word " * 10)]


async def in_a_sentence(house: AsyncExitStack) -> tuple[Server, str, Client, Client, asyncio.Semaphore]:
    """Ask in one of two tabs, and come up to the last word; return what lets that through, too."""
    gate = asyncio.Semaphore(2)
    brain = Brain("One ", "two ", "three.", gate=gate)
    server = await house.enter_async_context(serving(engines(brain=brain)))
    chat, [asker, other] = await tabs(house, server, 2)
    await asker.send(d.AskText("Count!"), 1)
    await asker.until(d.AnswerText, count=2)
    return server, chat, asker, other, gate


async def test_a_tab_that_comes_in_the_middle_of_a_sentence_repeats_nothing_to_the_others() -> None:
    async with AsyncExitStack() as house:
        server, chat, _, other, gate = await in_a_sentence(house)
        late = await house.enter_async_context(server.client())
        await late.hello(tab="late", chat=chat)
        gate.release()
        heard = [texts(await one.until(d.End)) for one in (other, late)]
    assert heard == [[(0, "One two "), (8, "three.")]] * 2


async def test_an_answer_that_is_cut_in_a_sentence_is_whole_up_to_there_in_every_tab() -> None:
    async with AsyncExitStack() as house:
        _, _, asker, other, _ = await in_a_sentence(house)
        await asker.send(d.Cancel(0, d.CancelReason.TYPED_OVER), 1)
        told = await other.until(d.End)
    assert texts(told) == [(0, "One two ")]
    assert [one for one in told if isinstance(one, d.Cut)] == [d.Cut(8)]


async def test_questions_of_five_tabs_at_once_have_one_order_and_one_text_in_all() -> None:
    async with AsyncExitStack() as house:
        server = await house.enter_async_context(serving(engines(brain=Brain("Yes. ", "No."))))
        chat, clients = await tabs(house, server, 5)
        await asyncio.gather(
            *(client.send(d.AskText(f"From {number}?"), 1) for number, client in enumerate(clients))
        )
        seen = [await client.until(d.End, count=5) for client in clients]
        headers = {"Authorization": f"Bearer {chat}"}
        async with server.http.get(server.url + "/api/messages", headers=headers) as response:
            stored = (await response.json())["messages"]
    questions = [message["text"] for message in stored if message["role"] == "user"]
    assert len(set(questions)) == 5
    for number, messages in enumerate(seen):
        own = [f"From {number}?" for one in messages if isinstance(one, d.Accepted)]
        others = [one.text for one in messages if isinstance(one, d.User)]
        assert len(own) == 1 and sorted(own + others) == sorted(questions)
        # What others asked is told in the order that is stored, which is that of the answers.
        assert others == [question for question in questions if question not in own]
        assert "".join(text for _, text in texts(messages)) == "Yes. No." * 5


async def test_one_tab_owns_the_sound() -> None:
    async with AsyncExitStack() as house:
        server = await house.enter_async_context(serving(engines(voice=Voice())))
        _, [asker, other] = await tabs(house, server, 2)
        await asker.send(d.AskText("When?"), 1)
        assert any(isinstance(one, d.AnswerAudio) for one in await asker.until(d.End))
        assert not any(isinstance(one, d.AnswerAudio | d.Mark) for one in await other.until(d.End))
