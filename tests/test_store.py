"""One contract, run on every store."""

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from voicechat.app import SWEEP_SECONDS
from voicechat.audio import Recording
from voicechat.dialogue import Fault, Key, Message, Source
from voicechat.errors import ChatGone, Unavailable
from voicechat.store import MemoryStore, SqliteStore, Store, StoredQuestion
from voicechat.store.interface import MOST_TRIES, MOST_UNHEARD_BYTES, RESTING_SECONDS


class Clock:
    """Seconds that the test turns on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> AsyncIterator[Store]:
    stores: dict[str, Callable[[], Store]] = {
        "memory": lambda: MemoryStore(clock, max_chats=3, now=clock),
        "sqlite": lambda: SqliteStore(tmp_path / "chats.db", max_chats=3, now=clock),
    }
    store = stores[request.param]()
    await store.create("chat", b"hash")
    yield store
    await store.close()


async def test_a_question_reserves_its_number_and_its_answers(store: Store) -> None:
    assert await store.add_question("chat", Key("tab", 1), "One?") == 1
    assert await store.add_question("chat", Key("tab", 2), "Two?") == 3
    messages, more = await store.messages("chat")
    assert messages == [
        Message(1, "user", "One?", "complete"),
        Message(2, "assistant", "", "queued"),
        Message(3, "user", "Two?", "complete"),
        Message(4, "assistant", "", "queued"),
    ]
    assert not more


async def test_an_answer_keeps_all_that_is_known_of_it(store: Store) -> None:
    n = await store.add_question("chat", Key("tab", 1), "")
    await store.update_question("chat", n, "Heard?", "complete")
    await store.update_answer("chat", n + 1, "Yes, all of it.", "cut", 4, [Source("Home", "/")])
    messages, _ = await store.messages("chat")
    assert messages == [
        Message(1, "user", "Heard?", "complete"),
        Message(2, "assistant", "Yes, all of it.", "cut", 4, (Source("Home", "/"),)),
    ]


async def test_a_recording_is_kept_until_its_question_is_heard(store: Store) -> None:
    recording = Recording(bytes(range(256)) * 300, "webm")
    n = await store.add_question("chat", Key("tab", 1), "", recording)
    assert await store.has_recording("chat", n) and await store.recording("chat", n) == recording
    [(_, waiting)] = await store.unanswered("chat")
    assert (waiting.text, waiting.is_spoken) == ("", True)
    await store.update_question("chat", n, "", "failed", keep_recording=True)
    assert await store.recording("chat", n) == recording
    await store.update_question("chat", n, "Heard?", "complete")
    assert not await store.has_recording("chat", n) and await store.recording("chat", n) is None


async def test_a_recording_that_may_have_ended_the_process_each_time_is_not_taken_up_for_ever(
    store: Store,
) -> None:
    recording = Recording(b"OggS", "ogg")
    n = await store.add_question("chat", Key("tab", 1), "", recording)
    taken = [await store.recording("chat", n) for _ in range(MOST_TRIES + 1)]
    assert taken == [recording] * MOST_TRIES + [None]


async def test_of_what_could_not_be_heard_the_oldest_goes_when_there_is_too_much(store: Store) -> None:
    for n in (1, 3, 5):
        recording = Recording(bytes(MOST_UNHEARD_BYTES // 5 * 2), "ogg")
        assert await store.add_question("chat", Key("tab", n), "", recording) == n
        await store.update_question("chat", n, "", "failed", keep_recording=True)
    await store.add_question("chat", Key("tab", 7), "", Recording(b"OggS", "ogg"))
    assert [await store.has_recording("chat", n) for n in (1, 3, 5, 7)] == [False, True, True, True]


async def test_a_question_that_was_not_heard_waits_for_it_when_it_is_asked_for_again(store: Store) -> None:
    n = await store.add_question("chat", Key("tab", 1), "", Recording(b"OggS", "ogg"))
    await store.update_question("chat", n, "", "failed", keep_recording=True)
    await store.update_answer("chat", n + 1, "", "failed", None, [])
    await store.retry("chat", Key("tab", 2), n)
    messages, _ = await store.messages("chat")
    assert [one.status for one in messages] == ["queued", "queued"]


async def test_an_answer_keeps_why_it_failed(store: Store) -> None:
    fault = Fault("too_long", "It lasts too long.")
    n = await store.add_question("chat", Key("tab", 1), "")
    await store.update_answer("chat", n + 1, "", "failed", None, [], fault)
    [_, answer], _ = await store.messages("chat")
    assert answer == Message(2, "assistant", "", "failed", fault=fault)


async def test_a_message_tells_when_it_was_written(store: Store, clock: Clock) -> None:
    clock.now = 1_000.5
    n = await store.add_question("chat", Key("tab", 1), "One?")
    clock.now = 1_002.5
    await store.update_answer("chat", n + 1, "One.", "complete", None, [])
    clock.now = 1_060.0
    assert await store.rate("chat", n + 1, "up")
    messages, _ = await store.messages("chat")
    assert [message.at for message in messages] == [1_000.5, 1_002.5]


async def test_an_answer_keeps_what_the_visitor_thinks_of_it(store: Store) -> None:
    n = await store.add_question("chat", Key("tab", 1), "One?")
    for rating in ("up", "down", None):
        assert await store.rate("chat", n + 1, rating)
        [_, answer], _ = await store.messages("chat")
        assert answer.rating == rating


@pytest.mark.parametrize("n", [-1, 0, 1, 3])
async def test_only_an_answer_that_is_there_is_rated(store: Store, n: int) -> None:
    await store.add_question("chat", Key("tab", 1), "One?")
    assert not await store.rate("chat", n, "up")
    assert [message.rating for message in (await store.messages("chat"))[0]] == [None, None]


async def test_history_is_paged_backwards(store: Store) -> None:
    for turn in range(1, 4):
        await store.add_question("chat", Key("tab", turn), str(turn))
    page, more = await store.messages("chat", before=5, limit=2)
    assert ([m.n for m in page], more) == ([3, 4], True)
    page, more = await store.messages("chat", before=3, limit=2)
    assert ([m.n for m in page], more) == ([1, 2], False)
    page, more = await store.messages("chat", after=4)
    assert ([m.n for m in page], more) == ([5, 6], False)
    assert await store.messages("chat", before=0) == ([], False)


async def test_a_question_is_found_by_its_key_alone(store: Store) -> None:
    n = await store.add_question("chat", Key("tab", 5), "Five?")
    assert await store.find_question("chat", Key("tab", 5)) == StoredQuestion(n, "Five?")
    assert await store.find_question("chat", Key("tab", 6)) is None
    assert await store.find_question("chat", Key("other", 5)) is None


async def test_what_waits_for_an_answer_is_found_oldest_first(store: Store) -> None:
    for turn in (2, 1, 3, 4):
        await store.add_question("chat", Key("tab", turn), f"{turn}?")
    await store.update_answer("chat", 4, "One.", "complete", None, [])
    await store.update_answer("chat", 6, "", "running", None, [])
    assert await store.unanswered("chat") == [
        (Key("tab", 2), StoredQuestion(1, "2?")),
        (Key("tab", 4), StoredQuestion(7, "4?")),
    ]


async def test_what_is_answered_anew_waits_under_the_key_it_was_asked_with_last(store: Store) -> None:
    n = await store.add_question("chat", Key("tab", 1), "When?")
    await store.update_answer("chat", n + 1, "From", "interrupted", None, (Source("A", "/a"),))
    await store.rate("chat", n + 1, "down")
    for turn in (2, 3):
        await store.retry("chat", Key("tab", turn), n)
    [_, answer], _ = await store.messages("chat")
    assert (answer.text, answer.status, answer.sources, answer.rating) == ("", "queued", (), None)
    assert await store.unanswered("chat") == [(Key("tab", 3), StoredQuestion(n, "When?"))]
    assert await store.find_question("chat", Key("tab", 1)) == StoredQuestion(n, "When?")
    assert await store.last_turn("chat", "tab") == 3


async def test_what_was_erased_is_gone_and_may_come_again(store: Store) -> None:
    await store.add_question("chat", Key("tab", 1), "When?")
    await store.erase("chat")
    with pytest.raises(ChatGone):
        await store.messages("chat")
    await store.create("chat", None)
    assert await store.messages("chat") == ([], False)
    assert await store.find_question("chat", Key("tab", 1)) is None


async def test_the_last_turn_is_that_of_the_tab(store: Store) -> None:
    await store.add_question("chat", Key("a", 7), "?")
    await store.add_question("chat", Key("b", 2), "?")
    assert [await store.last_turn("chat", tab) for tab in ("a", "b", "c")] == [7, 2, 0]


async def test_creating_a_chat_again_changes_nothing(store: Store) -> None:
    await store.add_question("chat", Key("tab", 1), "?")
    await store.create("chat", b"another hash")
    assert await store.secret_hash("chat") == b"hash"
    assert len((await store.messages("chat"))[0]) == 2


async def test_a_chat_that_is_not_there_is_gone_in_every_method(store: Store) -> None:
    for call in (
        store.secret_hash("nobody"),
        store.messages("nobody"),
        store.add_question("nobody", Key("t", 1), "?"),
        store.rate("nobody", 2, "up"),
        store.touch("nobody"),
        store.last_turn("nobody", "t"),
        store.retry("nobody", Key("t", 1), 1),
        store.erase("nobody"),
    ):
        with pytest.raises(ChatGone):
            await call


async def test_a_chat_is_forgotten_when_it_was_idle_long_enough_and_not_before(
    store: Store, clock: Clock
) -> None:
    clock.now = 299.9
    assert await store.forget_idle(300) == 0
    clock.now = 300
    assert await store.forget_idle(300) == 1
    with pytest.raises(ChatGone):
        await store.messages("chat")


async def test_use_keeps_a_chat(store: Store, clock: Clock) -> None:
    clock.now = 200
    await store.touch("chat")
    clock.now = 400
    assert await store.forget_idle(300) == 0


async def test_room_for_chats_is_bounded(store: Store) -> None:
    for name in ("chat", "two", "three"):
        await store.create(name, None)
        await store.add_question(name, Key("tab", 1), "?")
    with pytest.raises(Unavailable):
        await store.create("four", None)


async def test_chats_that_nobody_used_make_room_for_new_ones(store: Store) -> None:
    await store.add_question("chat", Key("tab", 1), "?")
    for name in ("two", "three", "four", "five"):
        await store.create(name, None)
    assert len((await store.messages("chat"))[0]) == 2
    with pytest.raises(ChatGone):
        await store.messages("two")


async def fill(store: Store, **questions: int) -> None:
    """Make a chat of each name with as many questions."""
    for name, count in questions.items():
        await store.create(name, None)
        for turn in range(1, count + 1):
            await store.add_question(name, Key("tab", turn), "?")


async def names(store: Store, *candidates: str) -> list[str]:
    """Return which of *candidates* are kept."""
    kept = []
    for name in candidates:
        with contextlib.suppress(ChatGone):
            await store.messages(name)
            kept.append(name)
    return kept


async def test_chats_of_one_question_make_room_before_longer_ones_do(store: Store, clock: Clock) -> None:
    await fill(store, chat=2, two=1)
    clock.now = 1
    await fill(store, three=1)
    clock.now = 100
    await fill(store, four=2)
    assert await names(store, "chat", "two", "three", "four") == ["chat", "three", "four"]
    await fill(store, five=1)
    assert await names(store, "chat", "three", "four", "five") == ["chat", "four", "five"]


async def test_a_chat_never_used_makes_room_before_one_that_rests(store: Store, clock: Clock) -> None:
    await fill(store, chat=1, two=1)
    clock.now = 100
    await fill(store, three=0, four=1)
    assert await names(store, "chat", "two", "three", "four") == ["chat", "two", "four"]


async def test_a_chat_in_which_somebody_may_be_makes_no_room(store: Store, clock: Clock) -> None:
    await fill(store, chat=1, two=1, three=1)
    clock.now = RESTING_SECONDS - 0.1
    with pytest.raises(Unavailable):
        await store.create("four", None)
    await store.touch("two")
    await store.touch("three")
    clock.now = RESTING_SECONDS
    await store.create("four", None)
    assert await names(store, "chat", "two", "three", "four") == ["two", "three", "four"]


async def test_a_chat_that_somebody_has_entered_makes_no_room_though_nothing_was_asked(
    store: Store, clock: Clock
) -> None:
    await fill(store, chat=0, two=0, three=0)
    await store.touch("chat")
    await store.touch("three")
    await fill(store, four=0)
    assert await names(store, "chat", "two", "three", "four") == ["chat", "three", "four"]
    await store.touch("four")
    with pytest.raises(Unavailable):
        await store.create("five", None)
    clock.now = RESTING_SECONDS
    await store.touch("chat")
    await store.create("five", None)
    assert await names(store, "chat", "three", "four", "five") == ["chat", "four", "five"]


def test_a_chat_in_which_somebody_is_is_touched_before_it_counts_as_at_rest() -> None:
    assert SWEEP_SECONDS < RESTING_SECONDS


async def test_use_keeps_a_chat_though_others_asked_in_vain_for_its_room(store: Store, clock: Clock) -> None:
    for name in ("chat", "two", "three"):
        await store.create(name, None)
        await store.add_question(name, Key("tab", 1), "When?")
    clock.now = RESTING_SECONDS * 2
    for name in ("chat", "two", "three"):
        await store.touch(name)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await store.create("four", None)
    assert len((await store.messages("chat"))[0]) == 2
