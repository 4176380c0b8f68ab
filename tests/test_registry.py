"""Conversations: found by their id, dropped at rest, forgotten when idle."""

from __future__ import annotations

import asyncio

import pytest

from voicechat.audio import Recording
from voicechat.config import load
from voicechat.conversation import Conversations
from voicechat.dialogue import AnswerText, CancelReason, Key
from voicechat.errors import ChatGone, Unauthorized
from voicechat.store import MemoryStore, Store
from voicechat.store.memory import RESTING_SECONDS
from voicechat.turn import Question, Rooms, Wish

from .doubles import Brain, Voice, engines
from .test_store import Clock


class Visitor:
    """Follows a chat and keeps what it hears."""

    def __init__(self, tab: str = "tab") -> None:
        self.tab = tab
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


def conversations(
    clock: Clock, brain: Brain | None = None, store: Store | None = None, orphan_seconds: str = "60"
) -> Conversations:
    store = store or MemoryStore(clock, 10)
    config = load(environment={"VOICECHAT_LIMITS_ORPHAN_SECONDS": orphan_seconds})
    return Conversations(Rooms(config, engines(brain=brain), store, None))


async def left_alone(rooms: Conversations) -> None:
    """Ask in a chat of one's own, leave, and wait until that turn is given up."""
    visitor = Visitor()
    conversation = await rooms.enter("left alone", visitor)
    turn = await conversation.asking.ask(Key("tab", 1), Question("Count!"), visitor, None)
    conversation.leave(visitor)
    async with asyncio.timeout(5):
        await turn.ended.wait()


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


async def test_a_wrong_secret_finds_nothing_and_does_not_count_as_use(clock: Clock) -> None:
    rooms = conversations(clock)
    id_ = await rooms.create()
    clock.now = 200
    with pytest.raises(Unauthorized):
        await rooms.find(id_ + "x")
    clock.now = 300
    await rooms.sweep(300)
    with pytest.raises(ChatGone):
        await rooms.find(id_ + "x")


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


async def test_chats_are_forgotten_though_one_in_which_somebody_is_is_gone_already(clock: Clock) -> None:
    store = MemoryStore(clock, 2)
    rooms = conversations(clock, store=store)
    here = await rooms.create()
    await rooms.enter(here, Visitor())
    await store.erase(here.partition(".")[0])
    for _ in range(2):
        await rooms.create()
    clock.now = 1000
    await rooms.sweep(300)
    clock.now = 2000
    await rooms.sweep(300)
    assert [await rooms.create() for _ in range(2)]


async def test_a_chat_in_which_somebody_is_does_not_make_room_for_an_empty_one(clock: Clock) -> None:
    rooms = conversations(clock, store=MemoryStore(clock, 2))
    here = await rooms.create()
    await rooms.enter(here, Visitor())
    for _ in range(3):
        await rooms.create()
    assert await rooms.find(here)
    clock.now = 10
    await rooms.sweep(300)
    await rooms.create()
    assert await rooms.find(here)


async def test_a_newcomer_gets_room_though_every_chat_was_used_and_never_that_of_somebody_here(
    clock: Clock,
) -> None:
    store = MemoryStore(clock, 3)
    rooms = conversations(clock, store=store)
    here, left = await rooms.create(), await rooms.create()
    await rooms.enter(here, Visitor())
    for name in (here, left, "long"):
        await rooms.find(name)
        await store.add_question(name.partition(".")[0], Key("tab", 1), "?")
    await store.add_question("long", Key("tab", 2), "?")
    clock.now = RESTING_SECONDS
    await rooms.sweep(300)
    new = await rooms.create()
    assert [await rooms.find(id_) for id_ in (here, "long", new)]
    with pytest.raises(ChatGone):
        await rooms.find(left)


async def test_a_chat_is_kept_while_an_answer_runs(clock: Clock) -> None:
    gate = asyncio.Semaphore(0)
    rooms = conversations(clock, Brain("Yes.", gate=gate))
    visitor = Visitor()
    conversation = await rooms.enter("me", visitor)
    turn = await conversation.asking.ask(Key("tab", 1), Question("When?"), visitor, None)
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
    turn = await conversation.asking.ask(Key("tab", 1), Question("Count!"), visitor, None)
    await visitor.read.wait()
    await rooms.close()
    assert brain.closed.is_set() and turn.end is not None
    messages, _ = await store.messages("me")
    assert [(m.text, m.status) for m in messages] == [("Count!", "complete"), ("One ", "interrupted")]


# ── Turns that nobody follows ─────────────────────────────────────────────────────────────────


async def test_another_visitor_of_the_chat_does_not_keep_a_turn_alive_that_nobody_follows(
    clock: Clock,
) -> None:
    rooms = conversations(clock, Brain(gate=asyncio.Semaphore(0)), orphan_seconds="0.01")
    asker, other = Visitor("one"), Visitor("two")
    conversation = await rooms.enter("me", other)
    conversation.join(other)
    followed = await conversation.asking.ask(Key("two", 1), Question("Count!"), other, None)
    await rooms.enter("me", asker)
    turn = await conversation.asking.ask(Key("one", 1), Question("Count!"), asker, None)
    conversation.leave(asker)
    async with asyncio.timeout(5):
        await turn.ended.wait()
    assert followed.end is None
    await rooms.close()


async def test_in_a_shared_chat_a_turn_goes_on_as_long_as_any_tab_follows_it(clock: Clock) -> None:
    rooms = conversations(clock, Brain(gate=asyncio.Semaphore(0)), orphan_seconds="0.01")
    asker, other = Visitor("one"), Visitor("two")
    id_ = await rooms.create()
    conversation = await rooms.enter(id_, other)
    conversation.join(other)
    await rooms.enter(id_, asker)
    turn = await conversation.asking.ask(Key("one", 1), Question("Count!"), asker, None)
    conversation.leave(asker)
    await left_alone(rooms)
    assert turn.end is None
    conversation.leave(other)
    async with asyncio.timeout(5):
        await turn.ended.wait()


async def test_who_comes_back_in_time_keeps_its_turn(clock: Clock) -> None:
    rooms = conversations(clock, Brain(gate=asyncio.Semaphore(0)), orphan_seconds="0.01")
    before, after = Visitor("one"), Visitor("one")
    conversation = await rooms.enter("me", before)
    turn = await conversation.asking.ask(Key("one", 1), Question("Count!"), before, None)
    conversation.leave(before)
    await rooms.enter("me", after)
    assert await conversation.asking.ask(Key("one", 1), Question("Count!"), after, None) is turn
    await left_alone(rooms)
    assert turn.end is None
    await rooms.close()


async def test_a_question_whose_asker_leaves_while_it_waits_to_be_stored_is_given_up_in_the_end(
    clock: Clock,
) -> None:
    class Slow(MemoryStore):
        async def add_question(
            self, chat: str, key: Key, text: str, recording: Recording | None = None
        ) -> int:
            conversation.leave(visitor)
            return await super().add_question(chat, key, text, recording)

    brain = Brain(gate=asyncio.Semaphore(0))
    rooms = conversations(clock, brain, Slow(clock, 10), orphan_seconds="0.01")
    visitor = Visitor()
    conversation = await rooms.enter("me", visitor)
    conversation.join(visitor)
    turn = await conversation.asking.ask(Key("tab", 1), Question("Count!"), visitor, None)
    async with asyncio.timeout(5):
        await turn.ended.wait()


async def asked_on(rooms: Conversations) -> None:
    """Leave a question for a later one of the same tab, and wait until it is given up for that."""
    first, second = Visitor(), Visitor()
    conversation = await rooms.enter("asked on", first)
    await rooms.enter("asked on", second)
    earlier = await conversation.asking.ask(Key("tab", 1), Question("Count!"), first, None)
    later = await conversation.asking.ask(Key("tab", 2), Question("And?"), second, None)
    conversation.leave(first)
    async with asyncio.timeout(5):
        await earlier.ended.wait()
    assert later.end is None


async def test_who_goes_on_to_a_later_question_leaves_the_earlier_one_to_be_stopped_at_once(
    clock: Clock,
) -> None:
    rooms = conversations(clock, Brain(gate=asyncio.Semaphore(0)), orphan_seconds="3600")
    await asked_on(rooms)
    await rooms.close()


async def test_a_tab_that_loses_its_connection_keeps_all_that_it_asked(clock: Clock) -> None:
    rooms = conversations(clock, Brain(gate=asyncio.Semaphore(0)), orphan_seconds="3600")
    tab, again = Visitor(), Visitor()
    conversation = await rooms.enter("me", tab)
    conversation.join(tab)
    turns = [await conversation.asking.ask(Key("tab", n), Question("Count!"), tab, None) for n in (1, 2)]
    conversation.leave(tab)
    await asked_on(rooms)
    await rooms.enter("me", again)
    for n in (2, 1):
        await conversation.asking.ask(Key("tab", n), Question("Count!"), again, None)
    assert [turn.end for turn in turns] == [None, None]
    await rooms.close()


async def test_sound_that_its_tab_has_left_keeps_no_server_from_stopping(clock: Clock) -> None:
    rooms = Conversations(
        Rooms(load(environment={}), engines(voice=Voice(1_000)), MemoryStore(clock, 10), None)
    )
    visitor = Visitor()
    conversation = await rooms.enter("me", visitor)
    question = Question("When?", speech=Wish("pcm16/24000"))
    turn = await conversation.asking.ask(Key("tab", 1), question, visitor, 500)
    await turn.text_done.wait()
    assert rooms.is_awaited
    conversation.leave(visitor)
    assert turn.end is None and not rooms.is_awaited
    await rooms.close()


async def test_an_answer_in_a_chat_that_was_forgotten_ends_and_lets_the_next_one_sound(clock: Clock) -> None:
    store = MemoryStore(clock, 10)
    rooms = conversations(clock, Brain("One ", "two.", gate=asyncio.Semaphore(1)), store)
    visitor = Visitor()
    conversation = await rooms.enter("me", visitor)
    turn = await conversation.asking.ask(Key("tab", 1), Question("Count!"), visitor, None)
    await visitor.read.wait()
    await store.erase("me")
    await conversation.cancel(turn.key, 0, CancelReason.BUTTON)
    assert turn.end is not None and turn.record.is_settled


async def test_what_a_lost_connection_still_brought_is_no_word_that_its_other_questions_are_left(
    clock: Clock,
) -> None:
    rooms = conversations(clock, Brain(gate=asyncio.Semaphore(0)))
    lost, again = Visitor(), Visitor()
    conversation = await rooms.enter("me", lost)
    first = await conversation.asking.ask(Key("tab", 1), Question("One?"), lost, 4_000)
    conversation.leave(lost)
    await rooms.enter("me", again)
    await conversation.asking.ask(Key("tab", 2), Question("Two?"), lost, 4_000)
    await conversation.asking.ask(Key("tab", 3), Question("Three?"), again, 4_000)
    assert first.end is None
    await rooms.close()
