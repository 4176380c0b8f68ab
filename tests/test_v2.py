"""Mode v2 over a real socket, with engines of a few lines."""

import asyncio
import base64
import contextlib
import gc
import logging
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestServer

from voicechat import dialogue as d
from voicechat.api import HOUSE, VISITORS, Visitors
from voicechat.app import build
from voicechat.audio import Recording, decode, identify, wav
from voicechat.config import load
from voicechat.conversation import Conversations
from voicechat.errors import NothingHeard, ProviderFailed
from voicechat.store import MemoryStore
from voicechat.wire import encode

from .conftest import Client, Server, serving
from .doubles import MS, Brain, Ears, Pages, Voice, engines
from .test_store import Clock

ANSWER = "From nine to six. See you then!"
WEBM = b"\x1aE\xdf\xa3" + b"anything"

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
"""For who speaks without a client's good manners."""


def text_of(messages: list[Any]) -> str:
    return "".join(m.text for m in messages if isinstance(m, d.AnswerText | d.TextChunk))


def kinds(messages: list[Any]) -> list[type]:
    """Return the kinds of messages, runs of the same kind as one."""
    return [type(m) for i, m in enumerate(messages) if i == 0 or type(m) is not type(messages[i - 1])]


async def full(client: Client, **changes: Any) -> dict[str, Any]:
    return await client.hello(**changes)


async def ask(client: Client, text: str = "When?", turn: int = 1) -> list[Any]:
    """Ask, play everything that comes at once, and return what came up to END."""
    await client.send(d.AskText(text), turn)
    return await follow(client, turn)


async def follow(client: Client, turn: int) -> list[Any]:
    messages: list[Any] = []
    while not messages or not isinstance(messages[-1], d.End):
        message, _ = await client.receive()
        messages.append(message)
        if isinstance(message, d.AnswerAudio):
            await client.send(d.Played(message.pos + 200), turn)
    return messages


# ── Basic profile ─────────────────────────────────────────────────────────────────────────────


async def test_a_basic_client_gets_its_answer_in_chunks(server: Server) -> None:
    async with server.basic() as client:
        await client.send(d.UserTextMessage("When?"))
        messages = await client.until(d.TextEnd)
    assert kinds(messages) == [d.TextChunk, d.TextEnd]
    assert text_of(messages) == ANSWER


async def test_the_recording_of_a_basic_client_reaches_the_engine_byte_for_byte() -> None:
    ears = Ears()
    async with serving(engines(ears)) as server, server.basic() as client:
        for i in range(0, len(WEBM), 3):
            await client.send(d.UserAudioChunk(WEBM[i : i + 3]))
        await client.send(d.UserAudioEnd())
        assert text_of(await client.until(d.TextEnd)) == ANSWER
    assert [recording.data for recording in ears.recordings] == [WEBM]


async def test_nothing_above_0x84_reaches_a_basic_client() -> None:
    async with serving(engines()) as server, server.basic() as client, server.client() as other:
        await client.send(d.UserTextMessage("One?"))
        await client.send(d.UserTextMessage("Two?"))
        await other.hello()
        messages = await client.until(d.TextEnd, count=2)
    assert set(map(type, messages)) == {d.TextChunk, d.TextEnd}


async def test_questions_of_a_basic_client_are_answered_in_order() -> None:
    brain = Brain("Yes.")
    async with serving(engines(brain=brain)) as server, server.basic() as client:
        for text in ("One?", "Two?", "Three?"):
            await client.send(d.UserTextMessage(text))
        await client.send(d.UserAudioEnd())
        messages = await client.until(d.Error)
    assert kinds(messages) == [d.TextChunk, d.TextEnd] * 3 + [d.Error]
    assert [prompt.history[-1].text for prompt in brain.prompts] == ["One?", "Two?", "Three?"]


async def test_the_first_piece_leaves_before_the_second_token_is_there() -> None:
    gate = asyncio.Semaphore(1)
    async with serving(engines(brain=Brain("One ", "two.", gate=gate))) as server, server.basic() as client:
        await client.send(d.UserTextMessage("Hi"))
        assert (await client.receive())[0] == d.TextChunk("One ")
        gate.release()
        assert (await client.receive())[0] == d.TextChunk("two.")


async def test_a_basic_client_that_floods_gets_a_reply_to_each_message_before_it_is_closed() -> None:
    brain = Brain("One ", "two.", gate=asyncio.Semaphore(1))
    async with serving(engines(brain=brain)) as server, server.basic() as client:
        await client.send(d.UserTextMessage("Hi"))
        assert (await client.receive())[0] == d.TextChunk("One ")
        for _ in range(69):
            await client.send(d.UserTextMessage("Hi"))
        messages = await client.until(d.Error, d.TextEnd, count=65)
        assert await client.close_code() == 4429
    assert kinds(messages) == [d.Error]


async def test_sound_that_cannot_be_told_is_one_error(server: Server) -> None:
    async with server.basic() as client:
        await client.send(d.UserAudioChunk(b"this is no recording"))
        await client.send(d.UserAudioEnd())
        await client.send(d.UserTextMessage("Hi"))
        messages = await client.until(d.TextEnd)
    assert kinds(messages) == [d.Error, d.TextChunk, d.TextEnd]


# ── Full profile ──────────────────────────────────────────────────────────────────────────────


async def test_welcome_mints_a_chat_and_tells_the_limits(server: Server) -> None:
    async with server.client() as client:
        welcome = await full(client)
    assert welcome["chat"].startswith("c_") and welcome["next_turn"] == 1
    assert welcome["audio_out"] == "pcm16/24000" and welcome["limits"]["frame_bytes"] == 65_536
    assert welcome["history"] == {"messages": [], "more": False} and welcome["running"] == []


async def test_the_order_of_a_typed_turn(server: Server) -> None:
    async with server.client() as client:
        await full(client)
        messages = await ask(client)
    told = [m for m in messages if not isinstance(m, d.State | d.Timing)]
    assert told[0] == d.Accepted(1)
    assert text_of(messages) == ANSWER
    assert messages[-1] == d.End(len(ANSWER), 300, d.EndFlag.COMPLETE)
    marks = [m for m in messages if isinstance(m, d.Mark) and not m.words]
    assert [mark.spans for mark in marks] == [(d.Span(0, 17, 0, 170),), (d.Span(17, 31, 170, 300),)]
    for mark in marks:  # a mark stands before the sound it is about
        after = messages[messages.index(mark) + 1 :]
        assert any(isinstance(m, d.AnswerAudio) and m.pos == mark.spans[0].audio_start_ms for m in after)


async def test_the_order_of_a_spoken_turn() -> None:
    ears = Ears()
    async with serving(engines(ears)) as server, server.client() as client:
        await full(client)
        pcm = MS * 200
        await client.send(d.AskAudio(0, 0, pcm[:3200]), 1)
        await client.send(d.AskAudio(3200, 0, pcm[3200:]), 1)
        await client.send(d.AskAudioEnd(len(pcm)), 1)
        messages = await follow(client, 1)
    order = [type(m) for m in messages if isinstance(m, d.Accepted | d.Transcript | d.AnswerText)]
    assert order[:3] == [d.Accepted, d.Transcript, d.AnswerText]
    assert d.Transcript("when are you open", 17, final=True) in messages
    assert [recording.data for recording in ears.recordings] == [wav(pcm, 16_000)]


@pytest.mark.parametrize("rate", [16_000, 24_000])
async def test_raw_sound_reaches_the_engine_with_the_rate_that_hello_named(rate: int) -> None:
    ears = Ears()
    async with serving(engines(ears)) as server, server.client() as client:
        await full(client, audio_in=["webm/opus", f"pcm16/{rate}"])
        await client.send(d.AskAudio(0, 1, MS * 200), 1)
        await client.send(d.AskAudioEnd(len(MS) * 200), 1)
        await follow(client, 1)
    assert ears.recordings == [Recording(wav(MS * 200, rate), "wav")]


async def test_the_states_of_a_spoken_turn_follow_each_other(server: Server) -> None:
    async with server.client() as client:
        await full(client)
        await client.send(d.AskAudio(0, 1, WEBM), 1)
        await client.send(d.AskAudioEnd(len(WEBM)), 1)
        messages = await follow(client, 1)
    phases = [m.phase for m in messages if isinstance(m, d.State)]
    assert phases == [d.Phase.QUEUED, d.Phase.TRANSCRIBING, d.Phase.THINKING, d.Phase.SPEAKING]


async def test_sound_leaves_before_the_last_token_is_there() -> None:
    gate = asyncio.Semaphore(2)
    brain = Brain("The shop opens at nine. ", "It ", "closes.", gate=gate)
    async with serving(engines(brain=brain)) as server, server.client() as client:
        await full(client)
        await client.send(d.AskText("When?"), 1)
        before = await client.until(d.AnswerAudio)
        assert "closes." not in text_of(before)
        gate.release()
        assert text_of(await client.until(d.End)).endswith("closes.")


async def test_text_offsets_are_bytes() -> None:
    async with serving(engines(brain=Brain("Grüße", "!"))) as server, server.client() as client:
        await full(client)
        messages = await ask(client)
    pieces = [m for m in messages if isinstance(m, d.AnswerText)]
    assert pieces == [d.AnswerText(0, "Grüße"), d.AnswerText(7, "!"), d.AnswerText(8, "", last=True)]


async def test_sound_stays_within_the_lead_of_what_was_played() -> None:
    brain = Brain(*[f"This is sentence number {i:02} of many. " for i in range(20)])
    async with serving(engines(brain=brain), limits_lead_ms="1000") as server, server.client() as client:
        await full(client)
        await client.send(d.AskText("When?"), 1)
        played, last = 0, 0
        while True:
            message, _ = await client.receive()
            if isinstance(message, d.End):
                break
            if isinstance(message, d.AnswerAudio):
                assert message.pos < played + 1000
                last = message.pos
                if last >= played + 800:
                    played = last
                    await client.send(d.Played(played), 1)
    assert message.flags == d.EndFlag.COMPLETE and message.audio_ms > last > 5000


async def test_what_nobody_hears_is_not_made() -> None:
    brain = Brain(*[f"This is sentence number {i:02} of many. " for i in range(20)])
    voice = Voice()
    async with serving(engines(brain=brain, voice=voice), limits_lead_ms="1000") as server:
        async with server.client() as client:
            await full(client)
            await client.send(d.AskText("When?"), 1)
            await client.until(d.AnswerText, count=20)
            await client.send(d.Set({"mute": True}))
            messages = await client.until(d.End)
    assert messages[-1].flags == d.EndFlag.COMPLETE | d.EndFlag.UNSAID
    assert len(voice.texts) < 8


async def test_the_speed_of_a_connection_holds_for_all_that_is_spoken_to_it_from_then_on() -> None:
    voice = Voice()
    async with serving(engines(voice=voice)) as server, server.client() as client, server.client() as other:
        await full(client)
        await full(other, tab="other")
        await client.send(d.Set({"speed": 1.501}))
        fast = (await ask(client))[-1]
        await client.send(d.Speak(0, 2), 2)
        again = (await follow(client, 2))[-1]
        usual = (await ask(other))[-1]
    assert {manner.speed for manner in voice.manners} == {1.5, 1.0}
    assert fast.audio_ms == again.audio_ms == pytest.approx(usual.audio_ms / 1.5, abs=5)


async def test_an_answer_is_spoken_again_in_the_language_of_who_listens() -> None:
    voice = Voice()
    async with serving(engines(voice=voice), language="nl") as server:
        async with server.client() as client, server.client() as other:
            await full(client, language="de-AT")
            await ask(client)
            await client.send(d.Speak(0, 2), 2)
            await follow(client, 2)
            assert {manner.language for manner in voice.manners} == {"de-AT"}
            await full(other, tab="other")
            await ask(other)
            voice.manners.clear()
            await other.send(d.Speak(0, 2), 2)
            await follow(other, 2)
            assert {manner.language for manner in voice.manners} == {"nl"}


async def test_what_is_left_of_a_running_answer_is_spoken_at_the_new_speed() -> None:
    gate = asyncio.Semaphore(1)
    brain = Brain("The shop opens at nine. ", "It closes again at six. ", "Bye.", gate=gate)
    voice = Voice()
    async with serving(engines(brain=brain, voice=voice)) as server, server.client() as client:
        await full(client)
        await client.send(d.AskText("When?"), 1)
        await client.until(d.AnswerText)
        await client.send(d.Set({"speed": 2}))
        await client.send(d.Ping(1))
        await client.until(d.Pong)
        [gate.release() for _ in range(5)]
        await follow(client, 1)
    assert voice.manners[-1].speed == 2


@pytest.mark.parametrize("speed", [0, 0.2, 4.1, -1, True, "1", [], {}])
async def test_a_speed_that_is_none_is_a_fault_and_changes_nothing(speed: Any) -> None:
    voice = Voice()
    async with serving(engines(voice=voice)) as server, server.client() as client:
        await full(client)
        await client.send(d.Set({"speed": 1.25}))
        await client.send(d.Set({"speed": speed, "mute": True}))
        fault, _ = await client.receive()
        messages = await ask(client)
    assert isinstance(fault, d.Fault) and (fault.code, fault.fatal) == ("bad_request", False)
    assert messages[-1].audio_ms > 0 and {manner.speed for manner in voice.manners} == {1.25}


async def test_without_audio_out_nothing_is_spoken() -> None:
    voice = Voice()
    async with serving(engines(voice=voice)) as server, server.client() as client:
        await full(client, audio_out=[])
        messages = await ask(client)
    assert messages[-1] == d.End(len(ANSWER), 0, d.EndFlag.COMPLETE) and voice.texts == []


async def test_mp3_comes_in_pieces_that_decode_alone() -> None:
    async with serving() as server, server.client() as client:
        await full(client, audio_out=["mp3"])
        messages = await ask(client)
    sounds = [m for m in messages if isinstance(m, d.AnswerAudio)]
    marks = [m for m in messages if isinstance(m, d.Mark) and not m.words]
    assert [m.pos for m in sounds] == [m.spans[0].audio_start_ms for m in marks]
    for sound in sounds:
        assert identify(sound.data) == "mp3"
        assert len(decode(Recording(sound.data, "mp3"), rate=24_000, max_seconds=5)) > 0


async def test_sources_are_an_event_of_the_turn() -> None:
    passage = d.Passage(d.Source("Hours", "/hours"), "Hours", "From nine to six.", bearing="answers")
    async with serving(pages=Pages(passage)) as server, server.client() as client:
        await full(client)
        messages = await ask(client, turn=3)
    event, _ = [m for m in messages if isinstance(m, d.ServerEvent)]
    assert event.content == {
        "type": "sources",
        "turn": 3,
        "n": 2,
        "sources": [{"title": "Hours", "url": "/hours"}],
    }


async def test_a_recording_under_a_typed_questions_number_is_another_question() -> None:
    async with serving() as server, server.client() as client:
        await full(client)
        await ask(client, turn=3)
        await client.send(d.AskAudio(0, 1, WEBM), 3)
        await client.send(d.AskAudioEnd(len(WEBM)), 3)
        fault, turn = await client.receive()
        assert (fault.code, turn) == ("key_reused", 3)
        assert await does_nothing(client)


async def test_questions_to_go_on_with_are_an_event_of_the_turn_before_its_last_text() -> None:
    async with serving(pages=Pages()) as server, server.client() as client:
        await full(client)
        messages = await ask(client, "When are you open?", turn=3)
    [event] = [m for m in messages if isinstance(m, d.ServerEvent)]
    assert event.content == {"type": "suggestions", "turn": 3, "n": 2, "suggestions": ["Where are you?"]}
    last = next(m for m in messages if isinstance(m, d.AnswerText) and m.last)
    assert messages.index(event) < messages.index(last)


async def test_questions_to_go_on_with_can_be_switched_off() -> None:
    async with serving(pages=Pages(), knowledge_follow_ups="false") as server, server.client() as client:
        await full(client)
        assert [m for m in await ask(client) if isinstance(m, d.ServerEvent)] == []


async def test_what_the_visitor_thinks_of_an_answer_stands_in_the_history() -> None:
    async with serving() as server, server.client() as client:
        chat = (await full(client, tab="one"))["chat"]
        await ask(client)
        for rating in ("up", None, "down"):
            await client.send(d.ClientEvent({"type": "feedback", "n": 2, "rating": rating}))
            await client.send(d.ClientEvent({"type": "unknown here"}))
            assert await does_nothing(client)
        async with server.client() as later:
            welcome = await full(later, tab="two", chat=chat)
    question, answer = welcome["history"]["messages"]
    assert answer["rating"] == "down" and "rating" not in question
    assert answer["at"] >= question["at"] > 1_700_000_000


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"n": 2}, None),
        ({"n": 1, "rating": "up"}, "not_found"),
        ({"n": 3, "rating": "up"}, "not_found"),
        ({"n": "2", "rating": "up"}, "bad_request"),
        ({"n": True, "rating": "up"}, "bad_request"),
        ({"n": 2, "rating": "best"}, "bad_request"),
        ({"n": 2, "rating": ["up"]}, "bad_request"),
        ({"rating": "up"}, "bad_request"),
    ],
)
async def test_feedback_that_is_none_is_a_fault(content: dict[str, Any], code: str | None) -> None:
    async with serving() as server, server.client() as client:
        await full(client)
        await ask(client)
        await client.send(d.ClientEvent({"type": "feedback", **content}))
        if code is None:
            assert await does_nothing(client)
        else:
            assert (await client.receive())[0].code == code


async def test_the_answers_of_a_chat_whose_id_is_anyones_are_not_rated() -> None:
    async with serving() as server, server.client() as client:
        await full(client, chat="my-own")
        await ask(client)
        await client.send(d.ClientEvent({"type": "feedback", "n": 2, "rating": "up"}))
        assert (await client.receive())[0].code == "not_found"


async def test_nothing_heard_is_a_fault_and_the_end() -> None:
    async with serving(engines(Ears(""))) as server, server.client() as client:
        welcome = await full(client)
        await client.send(d.AskAudio(0, 1, WEBM), 1)
        await client.send(d.AskAudioEnd(len(WEBM)), 1)
        messages = await follow(client, 1)
        async with server.client() as later:
            history = (await full(later, tab="later", chat=welcome["chat"]))["history"]["messages"]
    [fault] = [m for m in messages if isinstance(m, d.Fault)]
    assert fault.code == NothingHeard.code and messages[-1].flags == d.EndFlag.FAILED
    assert [(m["text"], m["status"]) for m in history] == [("", "unheard"), ("", "unheard")]


async def test_a_provider_that_fails_in_the_middle_keeps_what_was_said() -> None:
    brain = Brain("Well, ", ProviderFailed("It failed."))
    async with serving(engines(brain=brain)) as server, server.client() as client:
        welcome = await full(client)
        messages = await ask(client)
        async with server.client() as later:
            history = (await full(later, tab="later", chat=welcome["chat"]))["history"]["messages"]
    assert text_of(messages) == "Well, "
    assert [type(m) for m in messages[-3:]] == [d.Fault, d.Timing, d.End]
    assert messages[-1].flags == d.EndFlag.FAILED
    assert (history[1]["text"], history[1]["status"]) == ("Well, ", "failed")


async def test_speech_that_fails_leaves_the_text_whole() -> None:
    voice = Voice(error=(1, ProviderFailed("The voice failed.")))
    async with serving(engines(voice=voice)) as server, server.client() as client:
        await full(client)
        messages = await ask(client)
    assert text_of(messages) == ANSWER
    assert messages[-1].flags == d.EndFlag.COMPLETE | d.EndFlag.UNSAID
    assert [m.code for m in messages if isinstance(m, d.Fault)] == ["provider_failed"]


# ── Cancelling ────────────────────────────────────────────────────────────────────────────────


async def test_a_cancel_stops_the_engine_and_keeps_what_was_heard_up_to_a_word() -> None:
    gate = asyncio.Semaphore(1)
    brain = Brain("The shop opens at nine o'clock. And ", "more.", gate=gate)
    async with serving(engines(brain=brain)) as server, server.client() as client:
        welcome = await full(client)
        await client.send(d.AskText("When?"), 1)
        await client.until(d.AnswerAudio)
        await client.send(d.Cancel(140, d.CancelReason.BUTTON), 1)
        messages = await client.until(d.End)
        async with asyncio.timeout(5):
            await brain.closed.wait()
        async with server.client() as later:
            history = (await full(later, tab="later", chat=welcome["chat"]))["history"]["messages"]
    heard = len("The shop opens")
    cut = next(m for m in messages if isinstance(m, d.Cut))
    assert (cut.pos, messages[-1].flags) == (heard, d.EndFlag.CUT)
    assert (history[1]["status"], history[1]["heard"]) == ("cut", heard)


async def test_the_next_answer_does_not_take_unheard_words_as_said() -> None:
    brain = Brain("The shop opens at nine o'clock. And it closes at six.")
    async with serving(engines(brain=brain)) as server, server.client() as client:
        await full(client)
        await client.send(d.AskText("When?"), 1)
        await client.until(d.End)
        await client.send(d.Cancel(140, d.CancelReason.SPOKEN_OVER), 1)
        assert [type(m) for m in await client.until(d.Cut)] == [d.Cut]
        await ask(client, "And then?", turn=2)
    assert [m.known_text for m in brain.prompts[1].history] == ["When?", "The shop opens", "And then?"]


async def test_typing_over_keeps_all_text_for_it_was_read() -> None:
    gate = asyncio.Semaphore(1)
    brain = Brain("The shop opens at nine o'clock. And ", "more.", gate=gate)
    async with serving(engines(brain=brain)) as server, server.client() as client:
        await full(client)
        await client.send(d.AskText("When?"), 1)
        await client.until(d.AnswerAudio)
        await client.send(d.Cancel(10, d.CancelReason.TYPED_OVER), 1)
        cut = (await client.until(d.Cut))[-1]
    assert cut.pos == len("The shop opens at nine o'clock. And ")


SENTENCES = "The shop opens at nine o'clock. And it closes at six."
"""Two sentences, of 310 and 210 ms."""


async def last_answer(server: Server, chat: str) -> tuple[str, int | None]:
    """Return the status of a chat's last answer, and how much of it counts as heard."""
    async with server.client() as later:
        stored = (await full(later, tab="later", chat=chat))["history"]["messages"][-1]
    return stored["status"], stored["heard"]


async def sent_whole(client: Client, **changes: Any) -> str:
    """Have an answer of two sentences up to its END, and return the chat."""
    chat: str = (await full(client, **changes))["chat"]
    await client.send(d.AskText("When?"), 1)
    await client.until(d.End)
    return chat


async def cut_at(client: Client, ms: int, reason: d.CancelReason = d.CancelReason.BUTTON) -> int:
    """Cancel the turn, which has ended; return where the answer was cut."""
    await client.send(d.Cancel(ms, reason), 1)
    [cut] = await client.until(d.Cut)
    return int(cut.pos)


async def does_nothing(client: Client) -> bool:
    """Whether nothing was said for what was sent before."""
    await client.send(d.Ping(7))
    return (await client.receive())[0] == d.Pong(7)


@pytest.mark.parametrize(
    ("played_ms", "cancelled_ms", "heard"),
    [(140, 40, "The shop opens"), (40, 140, "The shop opens"), (999_999, 0, SENTENCES), (0, 0, "")],
)
async def test_a_cancel_keeps_the_most_that_was_heard(played_ms: int, cancelled_ms: int, heard: str) -> None:
    async with serving(engines(brain=Brain(SENTENCES))) as server, server.client() as client:
        await sent_whole(client)
        await client.send(d.Played(played_ms), 1)
        assert await cut_at(client, cancelled_ms) == len(heard)


async def test_no_more_can_have_been_heard_than_was_sent() -> None:
    slow = engines(brain=Brain(SENTENCES), voice=Voice(ms_per_char=50))
    async with serving(slow, limits_lead_ms="500") as server, server.client() as client:
        chat = (await full(client))["chat"]
        await client.send(d.AskText("When?"), 1)
        await client.until(d.AnswerAudio, count=3)  # 600 of 1,550 ms
        await client.send(d.Cancel(999_999, d.CancelReason.BUTTON), 1)
        messages = await client.until(d.End)
        assert next(m for m in messages if isinstance(m, d.Cut)).pos == len("The shop")
        assert await last_answer(server, chat) == ("cut", len("The shop"))


async def test_what_was_heard_never_becomes_less() -> None:
    async with serving(engines(brain=Brain(SENTENCES))) as server, server.client() as client:
        chat = await sent_whole(client)
        cuts = [await cut_at(client, ms) for ms in (140, 40, 250)]
        stored = await last_answer(server, chat)
        assert await cut_at(client, 0, d.CancelReason.TYPED_OVER) == len(SENTENCES)
        assert await cut_at(client, 40) == len(SENTENCES)
    heard = [len("The shop opens"), len("The shop opens"), len("The shop opens at nine")]
    assert cuts == heard and stored == ("cut", heard[-1])


@pytest.mark.parametrize("how", ["SET", "PLAYED"])
async def test_a_cancel_while_the_page_is_muted_keeps_all_for_it_was_read(how: str) -> None:
    brain = Brain(SENTENCES, " More.", gate=asyncio.Semaphore(1))
    async with serving(engines(brain=brain)) as server, server.client() as client:
        await full(client)
        await client.send(d.AskText("When?"), 1)
        await client.until(d.AnswerAudio)
        await client.send(d.Set({"mute": True}) if how == "SET" else d.Played(100, d.PlayedFlag.MUTED), 1)
        await client.send(d.Cancel(100, d.CancelReason.BUTTON), 1)
        assert (await client.until(d.Cut))[-1].pos == len(SENTENCES)


async def test_a_cancel_of_what_is_not_spoken_keeps_all_before_its_end_and_after_it() -> None:
    gate = asyncio.Semaphore(1)
    async with serving(engines(brain=Brain("One ", "two.", gate=gate))) as server, server.client() as client:
        chat = (await full(client, audio_out=[]))["chat"]
        await client.send(d.AskText("Count!"), 1)
        await client.until(d.AnswerText)
        await client.send(d.Cancel(0, d.CancelReason.BUTTON), 1)
        messages = await client.until(d.End)
        assert next(m for m in messages if isinstance(m, d.Cut)).pos == len("One ")
        assert await last_answer(server, chat) == ("cut", len("One "))
        [gate.release() for _ in range(9)]
        await ask(client, "Again!", turn=2)
        await client.send(d.Cancel(0, d.CancelReason.SPOKEN_OVER), 2)
        assert await client.until(d.Cut) == [d.Cut(len("One two."))]
        assert await does_nothing(client)
        assert await last_answer(server, chat) == ("complete", None)


async def test_after_the_page_has_played_all_a_cancel_and_a_played_do_nothing() -> None:
    async with serving(engines(brain=Brain(SENTENCES))) as server, server.client() as client:
        chat = await sent_whole(client)
        await client.send(d.Played(520, d.PlayedFlag.ENDED), 1)
        await client.send(d.Played(100), 1)
        await client.send(d.Cancel(100, d.CancelReason.BUTTON), 1)
        assert await does_nothing(client)
        assert await last_answer(server, chat) == ("complete", None)


async def test_a_cancelled_answer_sends_no_more_sound_whatever_is_played() -> None:
    slow = engines(brain=Brain(SENTENCES), voice=Voice(ms_per_char=50))
    async with serving(slow, limits_lead_ms="500") as server, server.client() as client:
        await full(client)
        await client.send(d.AskText("When?"), 1)
        await client.until(d.AnswerAudio, count=3)
        await client.send(d.Cancel(50, d.CancelReason.BUTTON), 1)
        await client.until(d.End)
        await client.send(d.Played(200), 1)
        assert await does_nothing(client)


async def test_an_answer_that_failed_stays_failed_when_it_is_cancelled() -> None:
    brain = Brain(SENTENCES, ProviderFailed("It failed."))
    async with serving(engines(brain=brain)) as server, server.client() as client:
        chat = await sent_whole(client)
        await cut_at(client, 100)
        assert (await last_answer(server, chat))[0] == "failed"


async def test_what_the_store_alone_remembers_is_not_cut_anew() -> None:
    async with serving(engines(), limits_resume_seconds="0") as server:
        async with server.client() as client:
            chat = await sent_whole(client)
            cut = await cut_at(client, 100)
        await server.house.conversations.sweep(3600)
        async with server.client() as client:
            await full(client, chat=chat)
            assert text_of(await ask(client)) == ANSWER
            assert await cut_at(client, 300) == cut
        assert await last_answer(server, chat) == ("cut", cut)


async def test_a_question_that_waits_can_be_cancelled() -> None:
    gate = asyncio.Semaphore(0)
    brain = Brain("Yes.", gate=gate)
    async with serving(engines(brain=brain)) as server, server.client() as client:
        await full(client, audio_out=[])
        await client.send(d.AskText("One?"), 1)
        await client.send(d.AskText("Two?"), 2)
        await client.until(d.Accepted, count=2)
        await client.send(d.Cancel(0, d.CancelReason.BUTTON), 2)
        assert (await client.until(d.End))[-1].flags == d.EndFlag.CUT
        gate.release()
        assert (await client.until(d.End))[-1].flags == d.EndFlag.COMPLETE
    assert len(brain.prompts) == 1


async def test_a_cancel_of_nothing_does_nothing(server: Server) -> None:
    async with server.client() as client:
        await full(client)
        await client.send(d.Cancel(0, d.CancelReason.BUTTON), 9)
        await client.send(d.Ping(1))
        assert (await client.receive())[0] == d.Pong(1)


# ── The queue and several tabs ────────────────────────────────────────────────────────────────


async def test_questions_wait_in_one_order_and_past_the_bound_are_refused() -> None:
    gate = asyncio.Semaphore(0)
    async with serving(engines(brain=Brain("Yes.", gate=gate)), limits_queue="1") as server:
        async with server.client() as client:
            await full(client, audio_out=[])
            for turn in (1, 2, 3, 4):
                await client.send(d.AskText(f"{turn}?"), turn)
            messages = await client.until(d.End, count=2)
            assert [m.code for m in messages if isinstance(m, d.Fault)] == ["busy", "busy"]
            [gate.release() for _ in range(9)]
            ended = await client.until(d.End, count=2)
    assert [m.flags for m in ended if isinstance(m, d.End)] == [d.EndFlag.COMPLETE] * 2


async def test_two_tabs_see_the_same_but_only_the_asker_hears_it(server: Server) -> None:
    async with server.client() as one, server.client() as two:
        chat = (await full(one, tab="one"))["chat"]
        await full(two, tab="two", chat=chat)
        asked = await ask(one, "When?")
        seen = await two.until(d.End)
    assert text_of(asked) == text_of(seen) == ANSWER
    assert seen[0] == d.User(1, "When?")
    assert not [m for m in seen if isinstance(m, d.AnswerAudio | d.Mark | d.Accepted)]
    assert seen[-1] == d.End(len(ANSWER), 0, d.EndFlag.COMPLETE)


async def test_other_tabs_see_a_spoken_question_as_soon_as_it_is_heard(server: Server) -> None:
    async with server.client() as one, server.client() as two:
        chat = (await full(one, tab="one"))["chat"]
        await full(two, tab="two", chat=chat)
        await one.send(d.AskAudio(0, 1, WEBM), 1)
        await one.send(d.AskAudioEnd(len(WEBM)), 1)
        seen = await two.until(d.End)
    order = [m for m in seen if isinstance(m, d.User | d.Transcript | d.AnswerText | d.Accepted)]
    assert order[0] == d.User(1, "when are you open") and isinstance(order[1], d.AnswerText)
    assert kinds(order) == [d.User, d.AnswerText]


async def test_the_sound_of_a_turn_waits_for_the_end_of_the_one_before_and_its_text_does_not() -> None:
    slow = engines(brain=Brain(SENTENCES), voice=Voice(ms_per_char=50))
    told: list[tuple[type, int]] = []
    async with serving(slow, limits_lead_ms="500") as server, server.client() as client:
        await full(client)
        await client.send(d.AskText("One?"), 1)
        await client.send(d.AskText("Two?"), 2)
        is_second_read = False
        unplayed: list[int] = []
        while told[-1:] != [(d.End, 2)]:
            message, turn = await client.receive()
            told.append((type(message), turn))
            is_second_read |= turn == 2 and isinstance(message, d.AnswerText) and message.last
            if isinstance(message, d.AnswerAudio):
                unplayed.append(message.pos + 200)
            # What was sent of the first is played only when the text of the second one is there.
            while is_second_read and unplayed:
                await client.send(d.Played(unplayed.pop(0)), 2 if (d.End, 1) in told else 1)
    first_end = told.index((d.End, 1))
    sounds = [i for i, (kind, turn) in enumerate(told) if turn == 2 and kind in (d.Mark, d.AnswerAudio)]
    assert told.index((d.AnswerText, 2)) < first_end < min(sounds)
    assert told.count((d.AnswerAudio, 1)) == told.count((d.AnswerAudio, 2)) > 10


async def test_a_tab_that_comes_in_the_middle_gets_what_was_said_and_goes_on() -> None:
    gate = asyncio.Semaphore(1)
    async with serving(engines(brain=Brain("One ", "two.", gate=gate))) as server:
        async with server.client() as one, server.client() as two:
            chat = (await full(one, tab="one", audio_out=[]))["chat"]
            await one.send(d.AskText("Count!"), 1)
            await one.until(d.AnswerText)
            welcome = await full(two, tab="two", chat=chat, audio_out=[])
            assert welcome["running"] == [{"turn": 0x8000, "n": 1, "text": 4, "audio": 0, "resumed": False}]
            assert welcome["history"]["messages"] == []
            gate.release()
            seen = await two.until(d.End)
    assert text_of(seen) == "One two."


async def test_an_answer_goes_on_without_its_tab_and_resumes_at_the_byte() -> None:
    gate = asyncio.Semaphore(1)
    async with serving(engines(brain=Brain("One ", "two.", gate=gate))) as server:
        async with server.client() as client:
            chat = (await full(client, audio_out=[]))["chat"]
            await client.send(d.AskText("Count!"), 1)
            await client.until(d.AnswerText)
        async with server.client() as client:
            welcome = await full(client, chat=chat, audio_out=[], resume=[{"turn": 1, "text": 2, "audio": 0}])
            assert welcome["running"] == [{"turn": 1, "n": 1, "text": 4, "audio": 0, "resumed": True}]
            assert welcome["next_turn"] == 2
            gate.release()
            messages = await client.until(d.End)
    assert next(m for m in messages if isinstance(m, d.AnswerText)) == d.AnswerText(2, "e ")
    assert text_of(messages) == "e two."


async def test_a_resend_gets_accepted_again_and_the_answer_from_its_start() -> None:
    brain = Brain()
    async with serving(engines(brain=brain)) as server, server.client() as client:
        await full(client, audio_out=[])
        first = await ask(client, turn=1)
        second = await ask(client, turn=1)
    assert second[0] == d.Accepted(1) == first[0]
    assert text_of(second) == text_of(first) and len(brain.prompts) == 1


@pytest.mark.parametrize("is_kept", [True, False])
async def test_a_resend_of_what_failed_is_told_what_was_heard_and_why_it_failed(is_kept: bool) -> None:
    brain = Brain("Well, ", ProviderFailed("It failed."))
    async with serving(engines(brain=brain)) as server:
        async with server.client() as client:
            chat = (await full(client, audio_out=[]))["chat"]
            await client.send(d.AskAudio(0, 1, WEBM), 1)
            await client.send(d.AskAudioEnd(len(WEBM)), 1)
            await client.until(d.End)
        if not is_kept:
            await server.house.conversations.sweep(3600)
        async with server.client() as client:
            await full(client, chat=chat, audio_out=[])
            await client.send(d.AskAudio(0, 1, WEBM), 1)
            await client.send(d.AskAudioEnd(len(WEBM)), 1)
            messages = await client.until(d.End)
    assert messages == [
        d.AudioAck(len(WEBM)),
        d.Accepted(1),
        d.Transcript("when are you open", 17, final=True),
        d.AnswerText(0, "Well, "),
        d.Fault("provider_failed", "It failed."),
        d.End(6, 0, d.EndFlag.FAILED),
    ]
    assert len(brain.prompts) == 1


async def test_a_question_begun_in_v2_is_answered_once_in_v1(server: Server) -> None:
    async with server.client() as client:
        chat = (await full(client))["chat"]
        await ask(client, "When?", turn=1)
        status, reply = await server.message({"Idempotency-Key": "tab-1:1"}, id=chat, message="When?")
    assert (status, reply["answer"]) == (200, ANSWER)
    assert reply["audio"]


async def test_a_question_begun_in_v2_is_streamed_in_v1_with_its_sound(server: Server) -> None:
    async with server.client() as client:
        chat = (await full(client))["chat"]
        await ask(client, "When?", turn=1)
        headers = {"Idempotency-Key": "tab-1:1", "Accept": "text/event-stream"}
        body = {"id": chat, "message": "When?"}
        async with server.http.post(server.url + "/api/message", json=body, headers=headers) as response:
            names = [line[7:] for line in (await response.text()).splitlines() if line.startswith("event: ")]
    assert names == ["text", "audio", "audio", "end"]


async def test_a_reloaded_page_gets_its_running_question_in_the_history() -> None:
    gate = asyncio.Semaphore(1)
    async with serving(engines(brain=Brain("One ", "two.", gate=gate))) as server, server.client() as client:
        chat = (await full(client, audio_out=[]))["chat"]
        await client.send(d.AskText("Count!"), 1)
        await client.until(d.AnswerText)
        async with server.client() as later:
            welcome = await full(later, chat=chat, audio_out=[])
            history = [(m["n"], m["text"]) for m in welcome["history"]["messages"]]
            gate.release()
            assert text_of(await later.until(d.End)) == "One two."
    assert history == [(1, "Count!")]


async def test_a_newer_connection_of_a_tab_replaces_the_older_one(server: Server) -> None:
    async with server.client() as old:
        chat = (await full(old))["chat"]
        async with server.client() as new:
            await full(new, chat=chat)
            assert await old.close_code() == 4409
            assert text_of(await ask(new)) == ANSWER


async def test_a_chat_that_is_gone_is_replaced_by_a_new_one(server: Server) -> None:
    async with server.client() as client:
        welcome = await full(client, chat="c_gone.secret")
    assert welcome["chat"].startswith("c_") and welcome["chat"] != "c_gone.secret"


async def test_a_wrong_secret_of_a_chat_closes_with_4401(server: Server) -> None:
    async with server.client() as client, server.client() as thief:
        name = (await full(client))["chat"].partition(".")[0]
        await thief.send(d.Hello({"v": 1, "tab": "thief", "chat": f"{name}.wrong"}))
        fault, _ = await thief.receive()
        assert (fault.code, fault.fatal) == ("unauthorized", True)
        assert await thief.close_code() == 4401


async def test_an_id_of_ones_own_gives_no_history_and_shows_no_other_tabs_turns() -> None:
    gate = asyncio.Semaphore(0)
    async with serving(engines(brain=Brain("Yes.", gate=gate))) as server:
        async with server.client() as one, server.client() as two, server.client() as three:
            await full(one, tab="one", chat="me", audio_out=[])
            await full(two, tab="two", chat="me", audio_out=[])
            await one.send(d.AskText("My secret?"), 1)
            await one.until(d.Accepted)
            running = await full(three, tab="three", chat="me", audio_out=[])
            gate.release()
            await one.until(d.End)
            await two.send(d.Speak(0, 2), 1)
            messages = await two.until(d.End)
    assert running["running"] == [] and running["history"]["messages"] == []
    assert [type(m) for m in messages] == [d.Fault, d.End]


# ── Speaking again ────────────────────────────────────────────────────────────────────────────


async def test_a_stored_answer_is_spoken_again_from_a_byte(server: Server) -> None:
    async with server.client() as client:
        await full(client)
        await ask(client, turn=1)
        await client.send(d.Speak(18, 2), 2)
        messages = await follow(client, 2)
    assert not [m for m in messages if isinstance(m, d.AnswerText | d.Accepted)]
    [mark] = [m for m in messages if isinstance(m, d.Mark) and not m.words]
    assert (mark.spans[0].text_start, mark.spans[0].text_end, mark.spans[0].audio_start_ms) == (18, 31, 0)
    assert messages[-1].flags == d.EndFlag.COMPLETE and messages[-1].audio_ms > 0


async def test_from_the_middle_of_a_character_the_next_one_is_the_first_that_is_spoken() -> None:
    async with serving(engines(brain=Brain("你好。"))) as server, server.client() as client:
        await full(client)
        await ask(client, turn=1)
        await client.send(d.Speak(1, 2), 2)
        messages = await follow(client, 2)
    spans = [span for mark in messages if isinstance(mark, d.Mark) for span in mark.spans]
    assert {(span.text_start, span.text_end) for span in spans} == {(3, 9), (3, 6)}


async def test_a_stored_answer_that_is_stopped_while_it_is_spoken_again_is_not_cut() -> None:
    slow = engines(brain=Brain(SENTENCES), voice=Voice(ms_per_char=50))
    async with serving(slow, limits_lead_ms="500") as server, server.client() as client:
        chat = (await full(client))["chat"]
        await ask(client, turn=1)
        await client.send(d.Played(0, d.PlayedFlag.ENDED), 1)
        await client.send(d.Speak(0, 2), 2)
        await client.until(d.AnswerAudio)
        await client.send(d.Cancel(50, d.CancelReason.BUTTON), 2)
        messages = await client.until(d.End)
        await client.send(d.Cancel(50, d.CancelReason.BUTTON), 2)
        assert await does_nothing(client)
        assert not [m for m in messages if isinstance(m, d.Cut)] and messages[-1].flags == d.EndFlag.CUT
        assert await last_answer(server, chat) == ("complete", None)
        assert len((await server.house.rooms.store.messages(chat.partition(".")[0]))[0]) == 2


@pytest.mark.parametrize("n", [1, 99])
async def test_what_is_no_answer_cannot_be_spoken(server: Server, n: int) -> None:
    async with server.client() as client:
        await full(client)
        await ask(client, turn=1)
        await client.send(d.Speak(0, n), 2)
        messages = await client.until(d.End)
    assert [m.code for m in messages if isinstance(m, d.Fault)] == ["not_found"]


# ── Limits and bad frames ─────────────────────────────────────────────────────────────────────


async def test_a_frame_over_the_limit_closes_with_1009() -> None:
    async with serving(limits_frame_bytes="1024") as server, server.client() as client:
        await full(client)
        await client.send(d.AskText("x" * 2000), 1)
        assert await client.close_code() == 1009


async def test_a_text_message_before_the_id_closes_with_1003(server: Server) -> None:
    async with server.client() as client:
        await client.socket.send_str("hello")
        assert await client.close_code() == 1003


async def test_a_bad_hello_closes_with_4400(server: Server) -> None:
    async with server.client() as client:
        await client.send(d.Hello({"v": 9}))
        assert await client.close_code() == 4400


async def test_a_page_of_another_origin_is_refused_before_the_upgrade(server: Server) -> None:
    with pytest.raises(WSServerHandshakeError) as caught:
        async with server.client(Origin="https://evil.example"):
            pass
    assert caught.value.status == 403


async def test_a_full_server_refuses_before_the_upgrade() -> None:
    async with serving(limits_connections="1") as server, server.client():
        with pytest.raises(WSServerHandshakeError) as caught:
            async with server.client():
                pass
    assert caught.value.status == 503


async def test_who_finds_no_room_for_a_chat_is_closed_with_4503() -> None:
    async with serving(limits_chats="1") as server, server.client() as one, server.client() as two:
        await full(one)
        await ask(one)
        await two.send(d.Hello({"v": 1, "tab": "two"}))
        fault, _ = await two.receive()
        assert (fault.code, fault.fatal) == ("unavailable", True)
        assert await two.close_code() == 4503


async def test_who_never_says_hello_is_closed() -> None:
    async with serving(limits_hello_seconds="0.05") as server, server.client() as client:
        assert await client.close_code() == 4408


async def test_who_is_silent_is_closed_as_idle() -> None:
    async with serving(limits_idle_seconds="0.1") as server, server.client() as client:
        await full(client)
        assert await client.close_code() == 4408


async def test_a_ping_is_nothing_that_a_visitor_did() -> None:
    async with serving(limits_idle_seconds="0.1") as server, server.client() as client:
        await full(client)
        async with asyncio.timeout(10):
            while not client.socket.closed:
                await client.socket.send_bytes(encode(d.Ping(1)))
                await client.socket.receive()
    assert client.socket.close_code == 4408


async def test_an_answer_that_ends_is_as_good_as_a_word_of_the_visitor() -> None:
    clock, gate = Clock(), asyncio.Semaphore(0)
    limits = {"VOICECHAT_LIMITS_IDLE_SECONDS": "10", "VOICECHAT_LIMITS_HELLO_SECONDS": "0.01"}
    app = build(
        load(environment={"VOICECHAT_KNOWLEDGE_ON": "false", "VOICECHAT_STORE": "memory", **limits}),
        engines(brain=Brain(gate=gate)),
    )
    app[VISITORS] = Visitors(app[HOUSE].config.limits, clock)
    async with TestServer(app) as server, ClientSession() as http:
        url = server.make_url("/ws")
        async with http.ws_connect(url) as asking, http.ws_connect(url) as silent:
            client, other = Client(asking), Client(silent)
            await full(client, audio_out=[])
            await full(other, tab="other")
            await client.send(d.AskText("When?"), 1)
            await client.until(d.Accepted)
            clock.now = 8
            [gate.release() for _ in range(9)]
            await client.until(d.End)
            clock.now = 12
            assert await other.close_code() == 4408
            await client.send(d.Ping(1))
            assert (await client.receive())[0] == d.Pong(1)


async def test_a_ping_of_the_websocket_itself_is_answered(server: Server) -> None:
    async with server.http.ws_connect(server.url + "/ws", autoping=False) as socket:
        await socket.ping(b"still there?")
        message = await socket.receive(timeout=5)
    assert (message.type, message.data) == (WSMsgType.PONG, b"still there?")


async def test_a_client_that_answers_no_ping_is_closed() -> None:
    async with serving(limits_heartbeat_seconds="0.05") as server:
        async with server.http.ws_connect(server.url + "/ws", autoping=False) as socket:
            client = Client(socket)
            await client.send(d.Hello({"v": 1, "tab": "t"}))
            while not socket.closed:
                await socket.receive(timeout=5)
            assert socket.close_code == 4408


@contextlib.contextmanager
def told_in_the_log(words: str) -> Iterator[asyncio.Event]:
    """Give what is set by a line of the log that says *words*."""
    told = asyncio.Event()
    handler = logging.Handler()
    # A filter is asked of every record.
    handler.addFilter(lambda record: told.set() if words in record.getMessage() else None)
    log = logging.getLogger("voicechat")
    log.addHandler(handler)
    try:
        yield told
    finally:
        log.removeHandler(handler)


async def test_a_reader_that_is_too_slow_is_closed_and_others_are_not_held_up() -> None:
    brain = Brain(*["x" * 60_000] * 400)
    async with serving(engines(brain=brain, mute=True)) as server:
        host, port = server.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(UPGRADE)
        await reader.readuntil(b"\r\n\r\n")
        for frame in (b"\x01slow", b"\x02Hi"):
            writer.write(bytes((0x82, 0x80 | len(frame))) + bytes(4) + frame)
        async with server.basic("quick") as client:
            with told_in_the_log("A reader was too slow") as too_slow:
                await client.send(d.UserTextMessage("Hi"))
                quick = asyncio.create_task(client.until(d.TextEnd))
                await too_slow.wait()
            # It hears why, if it takes in what waits for it before the server's patience ends.
            sent = await reader.read(-1)
            assert len(text_of(await quick)) == 24_000_000
        writer.close()
    assert len(sent) < 24_000_000 and b"\x88" in sent[-200:] and b"slowly" in sent[-200:]


async def test_a_client_that_takes_no_part_in_the_close_is_cut() -> None:
    async with serving(limits_hello_seconds="0.05") as server:
        host, port = server.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(UPGRADE)
        await reader.readuntil(b"\r\n\r\n")
        assert (await reader.readexactly(4))[0] == 0x88  # a close frame, which is never answered
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionResetError):
                await reader.read(-1)
        writer.close()


async def test_a_stopping_server_tells_a_basic_client_that_its_answer_ends_before_it_says_goodbye() -> None:
    gate = asyncio.Semaphore(1)
    async with ClientSession() as http:
        async with serving(engines(brain=Brain("One ", "two.", gate=gate))) as server:
            client = Client(await http.ws_connect(server.url + "/ws"))
            await client.send(d.SetClientId("me"))
            await client.send(d.UserTextMessage("Count!"))
            await client.until(d.TextChunk)
        assert (await client.receive())[0] == d.Error("The connection is closed: restart.")
        assert await client.close_code() == 1012


async def test_a_stopping_server_leaves_the_end_of_an_answer_to_the_next_one() -> None:
    gate = asyncio.Semaphore(1)
    async with ClientSession() as http:
        async with serving(engines(brain=Brain("One ", "two.", gate=gate))) as server:
            client = Client(await http.ws_connect(server.url + "/ws"))
            await full(client)
            await client.send(d.AskText("Count!"), 1)
            await client.until(d.AnswerText)
        assert (await client.socket.receive(timeout=10)).data == 1012


async def test_a_stopping_server_says_goodbye_with_1012() -> None:
    async with ClientSession() as http:
        async with serving() as server:
            client = Client(await http.ws_connect(server.url + "/ws"))
            await full(client)
        assert await client.close_code() == 1012


async def test_a_flood_of_frames_leaves_others_their_turn(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(UPGRADE + bytes((0x82, 0x80, 0, 0, 0, 0)) * 40_000)  # all in one packet, or nearly so
    answered = 0
    while writer.transport.get_write_buffer_size() or answered < 3:  # type: ignore[attr-defined]
        async with server.http.get(server.url + "/api/config") as response:
            answered += response.status == 200
    assert answered >= 3
    writer.close()


# ── Many turns, and things that come together ─────────────────────────────────────────────────


async def test_a_chat_goes_on_after_many_questions() -> None:
    async with serving(engines(brain=Brain("Yes."))) as server, server.client() as client:
        await client.hello(audio_out=[])
        for turn in range(1, 25):
            assert text_of(await ask(client, f"{turn}?", turn)) == "Yes."


async def test_a_cancel_in_one_packet_with_a_played_is_heeded() -> None:
    brain = Brain(*[f"This is sentence number {i:02} of many. " for i in range(20)])
    async with serving(engines(brain=brain), limits_lead_ms="1000") as server, server.client() as client:
        await client.hello()
        await client.send(d.AskText("When?"), 1)
        await client.until(d.AnswerAudio, count=5)
        await client.send(d.Played(600), 1)
        await client.send(d.Cancel(700, d.CancelReason.BUTTON), 1)
        async with asyncio.timeout(5):
            messages = await client.until(d.End)
    assert messages[-1].flags == d.EndFlag.CUT


async def test_a_muted_tab_can_have_the_sound_of_a_running_turn_turned_on() -> None:
    gate = asyncio.Semaphore(1)
    brain = Brain("The shop opens at nine. ", "It closes again at six. ", "Bye.", gate=gate)
    voice = Voice()
    async with serving(engines(brain=brain, voice=voice)) as server, server.client() as client:
        await client.hello()
        await client.send(d.Set({"mute": True}))
        await client.send(d.AskText("When?"), 1)
        await client.until(d.AnswerText)
        await client.send(d.Speak(0, 0), 1)
        await client.send(d.Ping(1))
        await client.until(d.Pong)
        [gate.release() for _ in range(5)]
        messages = await follow(client, 1)
    assert any(isinstance(m, d.AnswerAudio) for m in messages)
    assert "It closes again at six." in voice.texts[-2]


@pytest.mark.parametrize("turn", [2, 10])
async def test_a_stored_answer_is_not_spoken_under_a_number_below_one_that_was_used(turn: int) -> None:
    async with serving(engines(brain=Brain("Yes."))) as server, server.client() as client:
        await client.hello(audio_out=["pcm16/24000"])
        for asked in (*range(1, 10), *range(11, 23)):  # more than the server has at hand
            await ask(client, f"{asked}?", asked)
        await client.send(d.Speak(0, 2), turn)
        fault, about = await client.receive()
        assert (fault.code, about) == ("bad_request", turn)
        if turn == 10:  # which has not had its end yet
            assert await client.receive() == (d.End(0, 0, d.EndFlag.FAILED), turn)
        assert await does_nothing(client)
        await client.send(d.Speak(0, 2), 23)
        assert (await follow(client, 23))[-1].flags == d.EndFlag.COMPLETE


async def test_answers_are_spoken_again_one_after_the_other_and_not_without_bound(server: Server) -> None:
    async with server.client() as client:
        welcome = await client.hello()
        await ask(client, turn=1)
        for turn in range(2, 12):
            await client.send(d.Speak(0, 2), turn)
        messages = await client.until(d.End, count=10)
        async with server.client() as later:
            again = await later.hello(chat=welcome["chat"])
    codes = [m.code for m in messages if isinstance(m, d.Fault)]
    assert codes == ["busy"] * 8
    assert again["running"] == [] and again["next_turn"] == 4
    assert [m["n"] for m in again["history"]["messages"]] == [1, 2]


async def test_a_number_in_use_is_not_taken_for_another_answer(server: Server) -> None:
    async with server.client() as client:
        await client.hello()
        await ask(client, turn=1)
        await client.send(d.Speak(0, 2), 1)
        assert (await client.receive())[0].code == "bad_request"
        assert await does_nothing(client)


async def test_an_ended_turn_that_is_asked_again_with_another_text_is_a_fault_and_no_second_end(
    server: Server,
) -> None:
    async with server.client() as client:
        await client.hello()
        await ask(client, "When?", turn=1)
        await client.send(d.AskText("Where?"), 1)
        fault, turn = await client.receive()
        assert (fault.code, turn) == ("key_reused", 1)
        assert await does_nothing(client)


@pytest.mark.parametrize("is_spoken", [False, True])
@pytest.mark.parametrize("is_live", [True, False])
async def test_over_a_new_connection_too_it_is_a_fault_and_no_second_end(
    server: Server, is_live: bool, is_spoken: bool
) -> None:
    async with server.client() as client:
        chat = (await client.hello())["chat"]
        answer = await ask(client, "When?", turn=1)
    if not is_live:
        await server.house.conversations.sweep(3600)
    async with server.client() as client:
        await client.hello(chat=chat, have=2)
        if is_spoken:
            await client.send(d.AskAudio(0, 1, WEBM), 1)
            await client.send(d.AskAudioEnd(len(WEBM)), 1)
            await client.until(d.AudioAck)
        else:
            await client.send(d.AskText("Where?"), 1)
        fault, turn = await client.receive()
        assert (fault.code, turn) == ("key_reused", 1)
        assert await does_nothing(client)
        again = await ask(client, "When?", turn=1)
    assert text_of(again) == text_of(answer) and isinstance(again[-1], d.End)


async def test_a_retry_under_a_number_of_before_is_a_fault_over_a_new_connection_and_no_second_end() -> None:
    brain = Brain("Well, ", ProviderFailed("It failed."))
    async with serving(engines(brain=brain)) as server:
        async with server.client() as client:
            chat = (await client.hello())["chat"]
            await ask(client, "When?", turn=1)
            await ask(client, "Where?", turn=2)
        async with server.client() as client:
            await client.hello(chat=chat, have=4)
            await client.send(d.ClientEvent({"type": "retry", "n": 1, "turn": 2}))
            fault, turn = await client.receive()
            assert (fault.code, turn) == ("key_reused", 2)
            assert await does_nothing(client)


async def test_bye_stops_what_the_tab_asked() -> None:
    brain = Brain("One ", "two.", gate=asyncio.Semaphore(1))
    async with serving(engines(brain=brain)) as server, server.client() as client:
        await client.hello()
        await client.send(d.AskText("Count!"), 1)
        await client.until(d.AnswerText)
        await client.send(d.Bye())
        assert await client.close_code() == 1000
        async with asyncio.timeout(5):
            await brain.closed.wait()


async def test_a_complete_answer_stays_complete_when_it_is_typed_over() -> None:
    async with serving() as server, server.client() as client:
        welcome = await client.hello()
        await client.send(d.AskText("When?"), 1)
        await client.until(d.AnswerAudio)
        await client.send(d.Cancel(0, d.CancelReason.TYPED_OVER), 1)
        await client.until(d.Cut)
        async with server.client() as later:
            history = (await later.hello(tab="later", chat=welcome["chat"]))["history"]["messages"]
    assert history[1]["status"] == "complete"


async def test_what_is_piped_behind_a_refused_id_is_not_acted_on(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    async with server.client() as client:
        await client.send(d.SetClientId("x" * 129))
        await client.send(d.UserTextMessage("Hi"))
        assert kinds([(await client.receive())[0]]) == [d.Error]
        assert await client.close_code() == 4400
    assert caplog.records == []


async def test_raw_sound_of_an_unknown_rate_is_a_fault_and_the_connection_goes_on(server: Server) -> None:
    async with server.client() as client:
        await full(client, audio_in=["pcm16/abc"])
        await client.send(d.AskAudio(0, 0, bytes(960)), 1)
        assert (await client.receive())[0].code == "bad_request"
        assert text_of(await ask(client)) == ANSWER


@pytest.mark.parametrize("profile", ["basic", "full"])
async def test_an_error_nobody_expected_is_told_in_frames_and_closes_with_1011(
    profile: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(MemoryStore):
        async def add_question(
            self, chat: str, key: d.Key, text: str, recording: Recording | None = None
        ) -> int:
            raise RuntimeError("secret detail")

    app = build(load(environment={"VOICECHAT_KNOWLEDGE_ON": "false", "VOICECHAT_STORE": "memory"}), engines())
    rooms = replace(app[HOUSE].rooms, store=Broken(time.monotonic, 10))
    app[HOUSE] = replace(app[HOUSE], rooms=rooms, conversations=Conversations(rooms))
    async with TestServer(app) as server, ClientSession() as http:
        async with http.ws_connect(server.make_url("/ws")) as socket:
            client = Client(socket)
            if profile == "basic":
                await client.send(d.SetClientId("me"))
                assert (await client.receive())[0] == d.Ok()
                await client.send(d.UserTextMessage("Hi"))
                told = (await client.receive())[0].text
            else:
                await full(client, chat="me")
                await client.send(d.AskText("Hi"), 1)
                fault = (await client.receive())[0]
                assert (fault.code, fault.fatal) == ("internal", True)
                told = fault.message
            assert told == "Something went wrong here."
            assert await client.close_code() == 1011
    assert "secret detail" in caplog.text


# ── What all recordings together may take ─────────────────────────────────────────────────────

FEW = {"limits_held_bytes": "65536", "limits_recording_bytes": "32768"}
"""What a server may hold: two recordings of `LONG`, and not three."""

LONG = WEBM.ljust(30_000, b".")


async def record(client: Client, turn: int = 1) -> list[Any]:
    """Ask with a recording, and return what came up to END."""
    await client.send(d.AskAudio(0, 1, LONG), turn)
    await client.send(d.AskAudioEnd(len(LONG)), turn)
    return await follow(client, turn)


def refusals(messages: list[Any]) -> list[str]:
    return [m.code for m in messages if isinstance(m, d.Fault)]


@contextlib.asynccontextmanager
async def holding(server: Server, tab: str) -> AsyncIterator[Client]:
    """A client of which the server holds a recording that has not ended."""
    async with server.client() as client:
        await full(client, tab=tab, audio_out=[])
        await client.send(d.AskAudio(0, 1, LONG), 1)
        assert await does_nothing(client)
        yield client


async def has_room_again(client: Client) -> None:
    """Return when the server takes a recording again."""
    async with asyncio.timeout(10):
        turn = 100
        while refusals(await record(client, turn)):
            turn += 1


async def test_a_recording_for_which_there_is_no_room_is_a_fault_and_the_connection_goes_on() -> None:
    async with serving(**FEW) as server, holding(server, "one"), holding(server, "two"):
        async with server.client() as client:
            await full(client, audio_out=[])
            messages = await record(client)
            assert refusals(messages) == ["unavailable"] and messages[0].retry_after_seconds
            assert messages[-1] == d.End(0, 0, d.EndFlag.FAILED)
            # Another one in its place ends it as well, and text needs no room.
            await client.send(d.AskAudio(0, 1, LONG), 2)
            await client.send(d.AskAudio(0, 1, LONG), 3)
            assert refusals(await follow(client, 2)) == ["unavailable"]
            assert text_of(await ask(client, turn=4)) == ANSWER
            status, reply = await server.message(audio=base64.b64encode(LONG).decode())
    assert (status, reply["error"]["code"]) == (503, "unavailable")


async def test_a_recording_for_which_there_is_no_room_is_a_basic_clients_error_in_its_order() -> None:
    gate = asyncio.Semaphore(0)
    async with serving(engines(brain=Brain("Yes.", gate=gate)), **FEW) as server:
        async with holding(server, "one"), holding(server, "two") as other, server.basic() as client:
            await client.send(d.UserTextMessage("One?"))
            for _ in range(3):
                await client.send(d.UserAudioChunk(LONG))
            await client.send(d.UserAudioEnd())
            await client.send(d.UserTextMessage("Two?"))
            [gate.release() for _ in range(2)]
            messages = await client.until(d.TextEnd, count=2)
            await other.send(d.AskAudioEnd(0, d.AudioEndFlag.DISCARD), 1)
            await other.until(d.End)
            gate.release()
            await client.send(d.UserAudioChunk(LONG))
            await client.send(d.UserAudioEnd())
            assert text_of(await client.until(d.TextEnd)) == "Yes."
    assert kinds(messages) == [d.TextChunk, d.TextEnd, d.Error, d.TextChunk, d.TextEnd]
    assert "as much sound as it can" in next(m.text for m in messages if isinstance(m, d.Error))


async def test_a_basic_client_that_floods_with_sound_for_which_there_is_no_room_is_closed() -> None:
    brain = Brain(gate=asyncio.Semaphore(0))
    async with serving(engines(brain=brain), **FEW) as server:
        async with holding(server, "one"), holding(server, "two"), server.basic() as client:
            await client.send(d.UserTextMessage("Hi"))
            for _ in range(65):
                await client.send(d.UserAudioChunk(LONG))
                await client.send(d.UserAudioEnd())
            assert await client.close_code() == 4429


@pytest.mark.parametrize(
    "how", ["answered", "discarded", "unheard", "unknown", "too large", "with a gap", "sent again", "bye"]
)
async def test_what_a_recording_took_is_given_back_however_it_ends(how: str) -> None:
    ears = Ears("" if how == "unheard" else "when are you open")
    async with serving(engines(ears), **FEW) as server, holding(server, "one"), server.client() as client:
        await full(client, tab="two", audio_out=[])
        if how == "sent again":
            await record(client)
        await client.send(d.AskAudio(0, 1, bytes(30_000) if how == "unknown" else LONG), 1)
        if how == "too large":
            await client.send(d.AskAudio(30_000, 1, LONG), 1)
        flags = d.AudioEndFlag.DISCARD if how == "discarded" else d.AudioEndFlag.NONE
        await client.send(d.AskAudioEnd(31_000 if how == "with a gap" else 30_000, flags), 1)
        await client.send(d.Bye()) if how == "bye" else await follow(client, 1)
        async with server.client() as other:
            await full(other, tab="three", audio_out=[])
            if how in ("bye", "sent again"):  # told before it is over
                await has_room_again(other)
            messages = await record(other)
    assert refusals(messages) == (["nothing_heard"] if how == "unheard" else [])


async def test_a_recording_that_makes_room_for_the_next_of_its_tab_takes_room_no_longer() -> None:
    async with serving(**FEW) as server, holding(server, "one"), holding(server, "two") as client:
        for turn in range(2, 6):
            await client.send(d.AskAudio(0, 1, LONG), turn)
        messages = await client.until(d.End, count=4)
        async with server.client() as other:
            await full(other, tab="three", audio_out=[])
            await other.send(d.AskAudio(0, 1, LONG[:5000]), 1)
            await other.send(d.AskAudioEnd(5000), 1)
            assert refusals(await follow(other, 1)) == []
        await client.send(d.AskAudioEnd(len(LONG)), 5)
        messages += await client.until(d.End)
    assert [m.flags for m in messages if isinstance(m, d.End)] == [d.EndFlag.CUT] * 4 + [d.EndFlag.COMPLETE]


async def test_sound_that_is_not_taken_hides_nothing_that_is_held() -> None:
    async with serving(**FEW) as server, holding(server, "one"), holding(server, "two") as client:
        await client.send(d.AskAudio(0, 9, b"ab"), 2)  # a format that HELLO did not name
        await client.send(d.AskAudio(2, 9, b"ab"), 2)
        await client.send(d.AskAudioEnd(0), 7)
        await client.send(d.AskAudio(0, 1, LONG), 0x8000)  # no turn of a client's
        async with server.client() as other:
            await full(other, tab="three", audio_out=[])
            assert refusals(await record(other)) == ["unavailable"]


async def test_a_number_that_is_no_clients_is_not_refused_as_a_recording() -> None:
    async with serving(**FEW) as server, holding(server, "one"), holding(server, "two"):
        async with server.client() as client:
            await full(client, audio_out=[])
            await client.send(d.AskAudio(0, 1, LONG), 0x8000)
            await client.send(d.AskAudioEnd(len(LONG)), 0x8000)
            faults = [await client.receive() for _ in range(2)]
            assert [(fault.code, turn) for fault, turn in faults] == [("malformed", 0)] * 2
            assert await does_nothing(client)


async def test_a_recording_counts_until_its_question_has_ended_whether_its_asker_stays_or_not() -> None:
    gate = asyncio.Semaphore(0)
    brain = Brain("Yes.", gate=gate)
    async with serving(engines(brain=brain), **FEW) as server, server.client() as other:
        await full(other, tab="three", audio_out=[])
        async with holding(server, "one"), server.client() as client:
            await full(client, tab="two", audio_out=[])
            await client.send(d.AskAudio(0, 1, LONG), 1)
            await client.send(d.AskAudioEnd(len(LONG)), 1)
            await client.until(d.Accepted)
            assert refusals(await record(other)) == ["unavailable"]
        async with holding(server, "one"):
            assert refusals(await record(other, 2)) == ["unavailable"]
            [gate.release() for _ in range(100)]
            await has_room_again(other)


async def test_of_a_body_only_the_recording_counts_while_it_is_answered() -> None:
    brain = Brain(gate=asyncio.Semaphore(0))
    async with serving(engines(brain=brain), **FEW) as server:
        body = {"id": "me", "audio": base64.b64encode(LONG).decode()}
        headers = {"Accept": "text/event-stream"}
        async with server.http.post(server.url + "/api/message", json=body, headers=headers):
            async with holding(server, "one") as client:
                await client.send(d.AskAudioEnd(len(LONG)), 1)
                assert kinds(await client.until(d.Accepted)) == [d.AudioAck, d.Accepted]


async def test_a_recording_that_failed_is_not_kept_in_memory_with_its_error(tmp_path: Path) -> None:
    mine = WEBM + b"no other test's"

    class Deaf(Ears):
        async def transcribe(self, recording: Recording, language: str | None) -> str:
            raise ProviderFailed("It failed.") from ValueError(len(recording.data))

    store = f"sqlite:{tmp_path / 'chats.db'}"
    async with serving(engines(Deaf()), store=store) as server, server.client() as client:
        await full(client)
        await client.send(d.AskAudio(0, 1, mine), 1)
        await client.send(d.AskAudioEnd(len(mine)), 1)
        assert refusals(await follow(client, 1)) == ["provider_failed"]
        assert await does_nothing(client)
        gc.collect()
        assert [one for one in gc.get_objects() if isinstance(one, Recording) and one.data == mine] == []


async def test_a_recording_that_is_never_ended_is_discarded_with_a_fault_and_an_end() -> None:
    async with serving(limits_recording_seconds="1") as server, server.client() as client:
        await full(client, audio_out=[])
        await client.send(d.AskAudio(0, 1, LONG), 1)
        fault, turn = await client.receive()
        assert (fault.code, turn) == ("bad_request", 1) and "within 2 seconds" in fault.message
        assert await client.receive() == (d.End(0, 0, d.EndFlag.FAILED), 1)
        await client.send(d.AskAudioEnd(len(LONG)), 1)
        assert (await client.receive())[0].code == "bad_request"  # and no second end
        assert text_of(await ask(client, turn=2)) == ANSWER


async def test_a_basic_clients_recording_that_took_too_long_is_told_at_its_end_marker() -> None:
    impatient = serving(limits_recording_seconds="1")
    async with impatient as server, server.basic() as client:
        await client.send(d.UserAudioChunk(LONG))
        await client.send(d.UserTextMessage("Hi"))
        await client.until(d.TextEnd)
        async with holding(server, "last") as other:
            await other.until(d.Fault)
        await client.send(d.UserAudioChunk(LONG))
        await client.send(d.UserAudioEnd())
        [error] = await client.until(d.Error)
        assert "not ended within 2 seconds" in error.text
        await client.send(d.UserTextMessage("Hi"))
        assert kinds(await client.until(d.TextEnd)) == [d.TextChunk, d.TextEnd]


async def test_a_recording_that_was_ended_or_discarded_in_time_is_left_in_peace() -> None:
    async with serving(limits_recording_seconds="1") as server:
        async with holding(server, "discards") as one, holding(server, "asks") as two:
            await one.send(d.AskAudioEnd(len(LONG), d.AudioEndFlag.DISCARD), 1)
            await two.send(d.AskAudioEnd(len(LONG)), 1)
            for client in (one, two):
                assert refusals(await follow(client, 1)) == []
            async with holding(server, "last") as other:
                await other.until(d.Fault)
            for client in (one, two):
                assert await does_nothing(client)
