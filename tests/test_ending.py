"""How a turn ends where something fails just then: who stopped it is gone, the disk is full."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, web
from aiohttp.test_utils import TestServer

from voicechat.api.streaming import Reader, ReaderStalled, stream
from voicechat.dialogue import CancelReason, Key, Prompt
from voicechat.errors import Unavailable
from voicechat.store import MemoryStore
from voicechat.turn import Question

from .doubles import Brain
from .test_registry import Visitor, conversations
from .test_store import Clock


class Reluctant(Brain):
    """Says one word, and closes its stream only when the test lets it."""

    def __init__(self) -> None:
        super().__init__("One ", "two.", gate=asyncio.Semaphore(1))
        self.stopping = asyncio.Event()
        self.may_close = asyncio.Event()

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        async with aclosing(super().reply(prompt)) as pieces:
            try:
                async for piece in pieces:
                    yield piece
            finally:
                self.stopping.set()
                await self.may_close.wait()


class FullDisk(MemoryStore):
    """Takes no answers while it `is_full`."""

    is_full = False

    async def update_answer(self, *values: Any) -> None:
        if self.is_full:
            raise Unavailable("This server can't keep chats just now.")
        await super().update_answer(*values)


async def test_a_turn_ends_though_whoever_stopped_it_left_before_its_engine_had_stopped() -> None:
    brain = Reluctant()
    rooms = conversations(Clock(), brain)
    asker, other = Visitor(), Visitor("other")
    conversation = await rooms.enter(await rooms.create(), asker)
    conversation.enter(other)
    conversation.join(other)
    turn = await conversation.asking.ask(Key("tab", 1), Question("Count!"), asker, None)
    await asker.read.wait()
    stopping = asyncio.create_task(conversation.cancel(turn.key, 0, CancelReason.BUTTON))
    await brain.stopping.wait()
    stopping.cancel()
    conversation.leave(asker)
    brain.may_close.set()
    async with asyncio.timeout(5):
        await turn.ended.wait()
        brain.gate = None
        later = await conversation.asking.ask(Key("other", 1), Question("And now?"), other, None)
        await later.ended.wait()
    assert turn.record.status == "cut"
    assert later.record.status == "complete"


async def test_an_answer_that_could_not_be_kept_is_kept_as_failed_once_there_is_room() -> None:
    store = FullDisk(Clock(), 10)
    rooms = conversations(Clock(), store=store)
    visitor = Visitor()
    conversation = await rooms.enter("me", visitor)
    store.is_full = True
    turn = await conversation.asking.ask(Key("tab", 1), Question("When?"), visitor, None)
    async with asyncio.timeout(5):
        await turn.ended.wait()
    conversation.leave(visitor)
    await rooms.sweep(300)
    assert [message.status for message in (await store.messages("me"))[0]] == ["complete", "queued"]
    store.is_full = False
    await rooms.sweep(300)
    messages, _ = await store.messages("me")
    assert [message.status for message in messages] == ["complete", "failed"]
    assert messages[1].fault is not None and messages[1].fault.code == "unavailable"


async def test_a_stop_on_a_full_disk_ends_the_turn_and_not_the_one_who_stopped_it() -> None:
    store = FullDisk(Clock(), 10)
    brain = Brain("One ", "two.", gate=asyncio.Semaphore(1))
    rooms = conversations(Clock(), brain, store)
    visitor = Visitor()
    conversation = await rooms.enter("me", visitor)
    turn = await conversation.asking.ask(Key("tab", 1), Question("Count!"), visitor, None)
    await visitor.read.wait()
    store.is_full = True
    await conversation.cancel(turn.key, 0, CancelReason.BUTTON)
    assert turn.end is not None
    store.is_full = False
    await rooms.sweep(300)
    assert (await store.messages("me"))[0][1].status == "cut"


async def test_a_stream_into_a_closing_connection_stops_its_answer_as_a_stalled_reader_does() -> None:
    rooms = conversations(Clock())
    reader = Reader("tab", streams=True)
    conversation = await rooms.enter("me", reader)
    turn = await conversation.asking.ask(Key("tab", 1), Question("When?"), reader, None)
    raised: list[BaseException] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        try:
            return await stream(request, turn, reader, 5, None)
        except BaseException as exc:
            raised.append(exc)
            raise

    app = web.Application()
    app.router.add_post("/", answer)
    async with TestServer(app) as server, ClientSession() as http:
        with pytest.raises(ClientError):
            await http.post(server.make_url("/"))
    assert [type(exc) for exc in raised] == [ReaderStalled]
