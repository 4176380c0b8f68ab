"""TIMING: when one answer came to each of its stages, after its question was whole at the server."""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any

from voicechat import dialogue as d
from voicechat.conversation.stages import Stages
from voicechat.engines import Manner

from .conftest import Client, Server, serving
from .doubles import MS, Brain, Ears, Voice, engines

TYPED = [
    "accepted",
    "begun",
    "first_text",
    "first_clause",
    "first_sound",
    "first_sent",
    "whole_text",
    "first_heard",
    "whole_sound",
    "end",
]
SENTENCES = [f"This is sentence number {i:02} of many. " for i in range(10)]


async def timing(client: Client, played: d.PlayedFlag | None = d.PlayedFlag.NONE) -> dict[str, Any]:
    """Return what TIMING says of turn 1; all its sound is told as *played*, None: none of it."""
    while True:
        match await client.receive():
            case d.Timing(content), 1:
                return dict(content)
            case d.AnswerAudio(pos), 1 if played is not None:
                await client.send(d.Played(pos + 200, played), 1)


async def test_a_typed_answer_tells_all_its_stages() -> None:
    async with serving(engines(brain=Brain(*SENTENCES)), limits_lead_ms="1000") as server:
        async with server.client() as client:
            await client.hello()
            await client.send(d.AskText("When?"), 1)
            told = await timing(client)
    assert sorted(told["at"]) == sorted(TYPED)
    assert {"chat", "first_text", "first_sound", "tts", "total"} < set(told), "the old names stay"
    assert told["total"] == told["at"]["end"]


async def test_stages_of_one_answer_lie_in_their_order() -> None:
    async with serving(engines(brain=Brain(*SENTENCES)), limits_lead_ms="1000") as server:
        async with server.client() as client:
            await client.hello()
            await client.send(d.AskText("When?"), 1)
            at = (await timing(client))["at"]
    assert at["accepted"] <= at["begun"] <= at["first_text"] <= at["first_clause"] <= at["first_sound"]
    assert at["first_sound"] <= at["first_sent"] <= at["first_heard"] <= at["whole_sound"] <= at["end"]
    assert at["first_text"] <= at["whole_text"] <= at["end"]


async def test_a_spoken_question_tells_how_long_it_arrived_and_when_it_was_heard() -> None:
    async with serving(engines(Ears())) as server, server.client() as client:
        await client.hello()
        pcm = MS * 200
        began = time.monotonic()
        await client.send(d.AskAudio(0, 0, pcm[:3200]), 1)
        for nonce in range(50):  # each goes there and back, so that some time goes by
            await client.send(d.Ping(nonce))
            await client.until(d.Pong)
        await client.send(d.AskAudio(3200, 0, pcm[3200:]), 1)
        await client.send(d.AskAudioEnd(len(pcm)), 1)
        at = (await timing(client))["at"]
    assert -1000 * (time.monotonic() - began) < at["upload"] < 0
    assert at["accepted"] <= at["begun"] <= at["transcript"] <= at["first_text"]


async def test_a_question_that_waited_tells_when_its_turn_came() -> None:
    gate = asyncio.Semaphore(0)
    async with serving(engines(brain=Brain("One. ", "Two.", gate=gate))) as server:
        async with server.client() as client:
            await client.hello(audio_out=[])
            await client.send(d.AskText("When?"), 1)
            await client.send(d.AskText("And?"), 2)
            await client.until(d.Accepted, count=2)
            gate.release()
            gate.release()
            first = (await client.until(d.Timing))[-1].content["at"]
            gate.release()
            gate.release()
            second = (await client.until(d.Timing))[-1].content["at"]
    assert second["begun"] >= second["accepted"] and second["begun"] <= second["first_text"]
    assert set(first) == {"accepted", "begun", "first_text", "whole_text", "end"}


async def test_what_was_muted_was_not_heard() -> None:
    async with serving(engines(brain=Brain(*SENTENCES)), limits_lead_ms="1000") as server:
        async with server.client() as client:
            await client.hello()
            await client.send(d.AskText("When?"), 1)
            at = (await timing(client, d.PlayedFlag.MUTED))["at"]
    assert "first_sent" in at and "first_heard" not in at


async def test_an_answer_that_was_all_sent_before_it_was_heard_leaves_that_out(server: Server) -> None:
    async with server.client() as client:
        await client.hello()
        await client.send(d.AskText("When?"), 1)
        at = (await timing(client, None))["at"]
    assert "whole_sound" in at and "first_heard" not in at


async def test_a_cancel_tells_what_was_heard_too() -> None:
    async with serving(engines(brain=Brain(*SENTENCES)), limits_lead_ms="1000") as server:
        async with server.client() as client:
            await client.hello()
            await client.send(d.AskText("When?"), 1)
            await client.until(d.AnswerAudio)
            await client.send(d.Cancel(100, d.CancelReason.BUTTON), 1)
            at = (await timing(client))["at"]
    assert at["first_sent"] <= at["first_heard"] <= at["end"] and "whole_sound" not in at


async def test_an_answer_without_sound_has_no_stages_of_it() -> None:
    async with serving(engines(voice=Voice())) as server, server.client() as client:
        await client.hello(audio_out=[])
        await client.send(d.AskText("When?"), 1)
        at = (await timing(client))["at"]
    assert list(at) == ["accepted", "begun", "first_text", "whole_text", "end"]


class Halting(Voice):
    """Says the first half of a text, and the second when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = asyncio.Event()

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[bytes, None]:
        yield MS * 100
        await self.may_go_on.wait()
        yield MS * 100


async def test_the_first_sound_waits_for_no_second_piece_of_it() -> None:
    voice = Halting()
    async with serving(engines(brain=Brain("From nine to six."), voice=voice)) as server:
        async with server.client() as client:
            await client.hello()
            await client.send(d.AskText("When?"), 1)
            before = await client.until(d.AnswerAudio)
            voice.may_go_on.set()
            behind = await client.until(d.End)
    [piece] = [mark for mark in before if isinstance(mark, d.Mark) and not mark.words]
    assert piece.estimated and piece.spans[0].audio_end_ms >= 100
    assert [m.pos for m in behind if isinstance(m, d.AnswerAudio)] == [100]
    assert behind[-1].audio_ms == 200


async def test_a_voice_that_says_all_at_once_has_a_mark_that_is_exact() -> None:
    async with serving(engines(brain=Brain("From nine to six."))) as server, server.client() as client:
        await client.hello()
        await client.send(d.AskText("When?"), 1)
        before = await client.until(d.AnswerAudio)
    [piece] = [mark for mark in before if isinstance(mark, d.Mark) and not mark.words]
    assert not piece.estimated and piece.spans[0].audio_end_ms == 170


def test_a_stage_is_the_first_moment_of_it_and_never_before_the_one_it_follows() -> None:
    stages = Stages(time.monotonic() - 5.0, upload_seconds=1.25)
    stages.reached("first_text", ms_ago=3000)
    stages.reached("first_text")
    stages.reached("first_sent")
    stages.reached("first_heard", ms_ago=60_000, after="first_sent")
    at = stages.told().content["at"]
    assert at["upload"] == -1250
    assert 2000 <= at["first_text"] < 3000
    assert at["first_heard"] == at["first_sent"] >= 5000
