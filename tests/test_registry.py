"""Conversations: found by their id, dropped at rest, forgotten when idle."""

from __future__ import annotations

import asyncio

import pytest

from voicechat.config import load
from voicechat.conversation import Conversations
from voicechat.dialogue import AnswerText, Key
from voicechat.errors import ChatGone
from voicechat.store import MemoryStore, Store
from voicechat.turn import Question, Rooms

from .doubles import Brain, engines
from .test_store import Clock


class Visitor:
    """Follows a chat and keeps what it hears."""

    tab = "tab"

    def __init__(self) -> None:
        self.read = asyncio.Event()
        """Set when the first text of an answer came."""

    def takes(self, format: str) -> bool:
        return True

    def hear(self, key: Key, message: object) -> None:
        if isinstance(message, AnswerText):
            self.read.set()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def conversations(clock: Clock, brain: Brain | None = None, store: Store | None = None) -> Conversations:
    store = store or MemoryStore(clock, 10)
    return Conversations(Rooms(load(environment={}), engines(brain=brain), store, None))


async def test_one_chat_has_one_conversation(clock: Clock) -> None:
    rooms = conversations(clock)
    id_ = await rooms.create()
    one, other = Visitor(), Visitor()
    assert await rooms.enter(id_, one) is await rooms.enter(id_, other)
    assert await rooms.enter("me", one) is await rooms.enter("me", other)


async def test_a_chat_entered_by_many_at_once_has_one_conversation(clock: Clock) -> None:
    rooms = conversations(clock)
    visitors = [Visitor() for _ in range(5)]
    entered = await asyncio.gather(*(rooms.enter("me", visitor) for visitor in visitors))
    assert len(set(map(id, entered))) == 1


async def test_a_conversation_stays_for_whoever_has_entered_and_not_joined_yet(clock: Clock) -> None:
    rooms = conversations(clock)
    conversation = await rooms.enter("me", Visitor())
    await rooms.sweep(300)
    assert await rooms.enter("me", Visitor()) is conversation


async def test_a_chat_is_forgotten_exactly_when_it_was_idle_long_enough(clock: Clock) -> None:
    rooms = conversations(clock)
    id_ = await rooms.create()
    clock.now = 299.9
    await rooms.sweep(300)
    await rooms.find(id_)
    clock.now = 599.9
    await rooms.sweep(300)
    with pytest.raises(ChatGone):
        await rooms.find(id_)


async def test_a_chat_is_kept_while_somebody_is_there(clock: Clock) -> None:
    rooms = conversations(clock)
    id_ = await rooms.create()
    visitor = Visitor()
    conversation = await rooms.enter(id_, visitor)
    clock.now = 1000
    await rooms.sweep(300)
    assert await rooms.enter(id_, visitor) is conversation
    conversation.leave(visitor)
    clock.now = 1400
    await rooms.sweep(300)
    with pytest.raises(ChatGone):
        await rooms.find(id_)


async def test_a_chat_is_kept_while_an_answer_runs(clock: Clock) -> None:
    gate = asyncio.Semaphore(0)
    rooms = conversations(clock, Brain("Yes.", gate=gate))
    visitor = Visitor()
    conversation = await rooms.enter("me", visitor)
    turn = await conversation.ask(Key("tab", 1), Question("When?"), visitor, None)
    conversation.leave(visitor)
    clock.now = 1000
    await rooms.sweep(300)
    assert await rooms.enter("me", visitor) is conversation
    gate.release()
    await turn.ended.wait()
    assert turn.answer == "Yes."


async def test_closing_keeps_what_was_said_as_interrupted(clock: Clock) -> None:
    gate = asyncio.Semaphore(1)
    brain = Brain("One ", "two.", gate=gate)
    store = MemoryStore(clock, 10)
    rooms = conversations(clock, brain, store)
    visitor = Visitor()
    conversation = await rooms.enter("me", visitor)
    conversation.join(visitor)
    turn = await conversation.ask(Key("tab", 1), Question("Count!"), visitor, None)
    await visitor.read.wait()
    await rooms.close()
    assert brain.closed.is_set() and turn.end is not None
    messages, _ = await store.messages("me")
    assert [(m.text, m.status) for m in messages] == [("Count!", "complete"), ("One ", "interrupted")]
