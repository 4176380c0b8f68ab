"""Mode v2 over a real socket, with engines of a few lines."""

import asyncio
import contextlib
import time
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from aiohttp.test_utils import TestServer

from voicechat import dialogue as d
from voicechat.api import HOUSE
from voicechat.app import build
from voicechat.audio import Recording, decode, identify, wav
from voicechat.config import load
from voicechat.conversation import Conversations
from voicechat.errors import NothingHeard, ProviderFailed
from voicechat.store import MemoryStore

from .conftest import Client, Server, serving
from .doubles import MS, Brain, Ears, Pages, Voice, engines

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
    marks = [m for m in messages if isinstance(m, d.Mark)]
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
    assert [m.pos for m in sounds] == [m.spans[0].audio_start_ms for m in messages if isinstance(m, d.Mark)]
    for sound in sounds:
        assert identify(sound.data) == "mp3"
        assert len(decode(Recording(sound.data, "mp3"), rate=24_000, max_seconds=5)) > 0


async def test_sources_are_an_event_of_the_turn() -> None:
    passage = d.Passage(d.Source("Hours", "/hours"), "Hours", "From nine to six.", confident=True)
    async with serving(pages=Pages(passage)) as server, server.client() as client:
        await full(client)
        messages = await ask(client, turn=3)
    [event] = [m for m in messages if isinstance(m, d.ServerEvent)]
    assert event.content == {
        "type": "sources",
        "turn": 3,
        "n": 2,
        "sources": [{"title": "Hours", "url": "/hours"}],
    }


async def test_nothing_heard_is_a_fault_and_the_end() -> None:
    async with serving(engines(Ears(""))) as server, server.client() as client:
        await full(client)
        await client.send(d.AskAudio(0, 1, WEBM), 1)
        await client.send(d.AskAudioEnd(len(WEBM)), 1)
        messages = await follow(client, 1)
    [fault] = [m for m in messages if isinstance(m, d.Fault)]
    assert fault.code == NothingHeard.code and messages[-1].flags == d.EndFlag.FAILED


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
        await client.send(d.Cancel(165, d.CancelReason.BUTTON), 1)
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
        await client.send(d.Cancel(165, d.CancelReason.SPOKEN_OVER), 1)
        assert [type(m) for m in await client.until(d.Cut)] == [d.Cut]
        await ask(client, "And then?", turn=2)
    assert [m.text for m in brain.prompts[1].history] == ["When?", "The shop opens", "And then?"]


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
    [mark] = [m for m in messages if isinstance(m, d.Mark)]
    assert (mark.spans[0].text_start, mark.spans[0].text_end, mark.spans[0].audio_start_ms) == (18, 31, 0)
    assert messages[-1].flags == d.EndFlag.COMPLETE and messages[-1].audio_ms > 0


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


async def test_who_never_says_hello_is_closed() -> None:
    async with serving(limits_hello_seconds="0.05") as server, server.client() as client:
        assert await client.close_code() == 4408


async def test_who_is_silent_is_closed_as_idle() -> None:
    async with serving(limits_idle_seconds="0.1") as server, server.client() as client:
        await full(client)
        assert await client.close_code() == 4408


async def test_a_client_that_answers_no_ping_is_closed() -> None:
    async with serving(limits_heartbeat_seconds="0.05") as server:
        async with server.http.ws_connect(server.url + "/ws", autoping=False) as socket:
            client = Client(socket)
            await client.send(d.Hello({"v": 1, "tab": "t"}))
            while not socket.closed:
                await socket.receive(timeout=5)
            assert socket.close_code == 4408


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
            await client.send(d.UserTextMessage("Hi"))
            assert len(text_of(await client.until(d.TextEnd))) == 24_000_000
        sent = await reader.read(-1)
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


async def test_a_stopping_server_ends_what_runs_before_it_says_goodbye() -> None:
    gate = asyncio.Semaphore(1)
    async with ClientSession() as http:
        async with serving(engines(brain=Brain("One ", "two.", gate=gate))) as server:
            client = Client(await http.ws_connect(server.url + "/ws"))
            await full(client)
            await client.send(d.AskText("Count!"), 1)
            await client.until(d.AnswerText)
        messages = await client.until(d.End)
        assert isinstance(messages[-1], d.End) and messages[-1].flags is d.EndFlag.CUT
        assert await client.close_code() == 1012


async def test_a_stopping_server_says_goodbye_with_1012() -> None:
    async with ClientSession() as http:
        async with serving() as server:
            client = Client(await http.ws_connect(server.url + "/ws"))
            await full(client)
        assert await client.close_code() == 1012


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
        messages = await client.until(d.End)
    assert [m.code for m in messages if isinstance(m, d.Fault)] == ["bad_request"]


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
        async def add_question(self, chat: str, key: d.Key, text: str) -> int:
            raise RuntimeError("secret detail")

    app = build(load(environment={"VOICECHAT_KNOWLEDGE_ON": "false"}), engines())
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
