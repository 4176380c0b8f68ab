"""Live captions over real sockets: what is heard of a recording is told while it is spoken."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from voicechat import dialogue as d
from voicechat.api.holding import HOLDING
from voicechat.audio import Recording
from voicechat.engines import EngineInfo
from voicechat.errors import ProviderFailed

from .conftest import Client, Server, serving
from .doubles import Brain, Ears, engines
from .speech import pcm
from .speech.encoding import LIVE, encoded, recorded_by_chromium
from .test_hearing import CHUNK, RATE, silence, tone

WORDS = "when are you open on Sunday ?".split()


class Keen(Ears):
    """Hears one word more in each call, and is free at once."""

    def __init__(self, paid: bool = False) -> None:
        super().__init__()
        self.paid = paid
        self.calls = 0

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("stt", "double", "double", paid=self.paid, place="this machine")

    async def transcribe(self, recording: Recording, language: str | None) -> str:
        self.calls += 1
        await super().transcribe(recording, language)
        return " ".join(WORDS[: self.calls + 1])


class Spoken(list[Any]):
    """What was said while somebody spoke, and at which byte that ended."""

    end = 0


async def speak(
    client: Client, sound: bytes, start: int = 0, turn: int = 1, format: int = 0, chunk: int = CHUNK
) -> Spoken:
    """Send *sound* in pieces, each when the one before was taken in; return what was said meanwhile."""
    said = Spoken()
    for at in range(0, len(sound), chunk):
        await client.send(d.AskAudio(start + at, format, sound[at : at + chunk]), turn)
        for _ in range(3):  # what follows from it takes some turns of the event loop
            await client.send(d.Ping(at))
            said += await client.until(d.Pong)
    said.end = start + len(sound)
    return said


def partials(messages: list[Any]) -> list[d.Transcript]:
    return [one for one in messages if isinstance(one, d.Transcript) and not one.final]


def final(messages: list[Any]) -> str:
    [text] = [one.text for one in messages if isinstance(one, d.Transcript) and one.final]
    return str(text)


async def asked(client: Client, sound: bytes = tone(2_000) + silence(400)) -> list[Any]:
    """Return all that is said to a whole spoken question."""
    said = await speak(client, sound)
    await client.send(d.AskAudioEnd(said.end), 1)
    return said + await client.until(d.End)


async def test_what_is_heard_is_told_while_it_is_spoken_and_the_final_transcript_after_its_end() -> None:
    ears = Keen()
    async with serving(engines(ears)) as server, server.client() as client:
        await client.hello(captions=True, audio_out=[])
        said = await speak(client, tone(2_000) + silence(400))
        assert [(one.text, one.stable, one.final) for one in partials(said)][:2] == [
            ("when are", 0, False),
            ("when are you", len("when are"), False),
        ]
        await client.send(d.AskAudioEnd(said.end), 1)
        messages = await client.until(d.End)
    kinds = [type(one) for one in messages if isinstance(one, d.Accepted | d.Transcript | d.AnswerText)]
    first = kinds.index(d.Accepted)
    assert kinds[first + 1] is d.Transcript and final(messages).startswith("when are you")
    [timing] = [one.content for one in messages if isinstance(one, d.Timing)]
    assert timing["hypotheses"] == ears.calls  # none was needed at the end


@pytest.mark.parametrize("hello", [{}, {"captions": False}, {"captions": "yes"}])
async def test_who_does_not_want_captions_gets_none_and_is_heard_once(hello: dict[str, Any]) -> None:
    ears = Keen()
    async with serving(engines(ears)) as server, server.client() as client:
        await client.hello(audio_out=[], **hello)
        assert partials(await asked(client)) == []
    assert ears.calls == 1


async def test_a_paid_engine_is_asked_once_unless_the_setting_says_otherwise() -> None:
    for settings, most in (({}, 1), ({"stt_early_calls": "3"}, 4)):
        ears = Keen(paid=True)
        async with serving(engines(ears), **settings) as server, server.client() as client:
            await client.hello(captions=True, audio_out=[])
            messages = await asked(client, tone(9_000) + silence(400))
            assert bool(partials(messages)) == (most > 1)
        assert ears.calls <= most


async def test_a_free_engine_is_asked_once_where_the_setting_says_so() -> None:
    ears = Keen()
    async with serving(engines(ears), stt_early_calls="0") as server, server.client() as client:
        await client.hello(captions=True, audio_out=[])
        assert partials(await asked(client)) == []
    assert ears.calls == 1


@pytest.mark.parametrize("container", ["webm", "ogg"])
async def test_captions_come_of_containers_too(container: str) -> None:
    sound = pcm("parking.flac") + silence(400)
    data = recorded_by_chromium(sound, RATE).data if container == "webm" else encoded(sound, RATE, "ogg").data
    async with serving(engines(Keen())) as server, server.client() as client:
        await client.hello(captions=True, audio_out=[], audio_in=[f"{container}/opus"])
        said = await speak(client, data, chunk=400)
        if not partials(said):  # a thread decodes it
            await client.until(d.Transcript)
        await client.send(d.AskAudioEnd(said.end), 1)
        assert final(await client.until(d.End))


async def test_a_container_that_can_not_be_read_before_its_end_is_heard_then() -> None:
    data = encoded(pcm("parking.flac"), RATE, "mp4", options=LIVE["mp4"]).data
    ears = Keen()
    async with serving(engines(ears)) as server, server.client() as client:
        await client.hello(captions=True, audio_out=[], audio_in=["mp4/aac"])
        messages = await asked(client, data)
        assert partials(messages) == [] and final(messages) == "when are"
    assert ears.recordings == [Recording(data, "mp4")]


async def test_captions_go_on_over_the_next_connection() -> None:
    async with serving(engines(Keen())) as server:
        client = Client(await server.http.ws_connect(server.url + "/ws", max_msg_size=0))
        chat = (await client.hello(captions=True, audio_out=[]))["chat"]
        [first] = partials(await speak(client, tone(900)))
        cut(client)
        async with server.client() as again:
            welcome = await again.hello(captions=True, audio_out=[], chat=chat)
            assert welcome["recordings"][0]["turn"] == 1
            said = await speak(again, tone(1_500) + silence(300), welcome["recordings"][0]["bytes"])
            second = partials(said)[0]
            assert second.text.startswith(first.text) and second.stable >= len(first.text)
            await again.send(d.AskAudioEnd(said.end), 1)
            assert final(await again.until(d.End)).startswith("when are you")


async def test_a_tab_that_comes_back_and_wants_none_gets_none() -> None:
    async with serving(engines(Keen())) as server:
        client = Client(await server.http.ws_connect(server.url + "/ws", max_msg_size=0))
        chat = (await client.hello(captions=True, audio_out=[]))["chat"]
        assert partials(await speak(client, tone(900)))
        cut(client)
        async with server.client() as again:
            welcome = await again.hello(audio_out=[], chat=chat)
            said = await speak(again, tone(1_500) + silence(300), welcome["recordings"][0]["bytes"])
            await again.send(d.AskAudioEnd(said.end), 1)
            assert partials(said + await again.until(d.End)) == []


def cut(client: Client) -> None:
    connection = client.socket._response.connection
    assert connection is not None and connection.transport is not None
    connection.transport.abort()


class Slow(Ears):
    """Hears nothing until it is let; says when a call was stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.stopped = asyncio.Event(), asyncio.Event()

    async def transcribe(self, recording: Recording, language: str | None) -> str:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped.set()
        return ""


@pytest.mark.parametrize("how", ["discarded", "replaced", "left"])
async def test_a_recording_that_is_given_up_is_heard_no_longer(how: str, server: Server) -> None:
    ears = Slow()
    async with serving(engines(ears)) as running, running.client() as client:
        await client.hello(captions=True, audio_out=[])
        said = await speak(client, tone(1_000))
        await asyncio.wait_for(ears.begun.wait(), 10)
        match how:
            case "discarded":
                await client.send(d.AskAudioEnd(said.end, d.AudioEndFlag.DISCARD), 1)
            case "replaced":
                await client.send(d.AskAudio(0, 0, silence(100)), 2)
            case "left":
                await client.send(d.Bye())
        await asyncio.wait_for(ears.stopped.wait(), 10)


async def test_a_question_that_is_stopped_while_it_is_heard_stops_the_engine() -> None:
    ears = Slow()
    async with serving(engines(ears)) as server, server.client() as client:
        await client.hello(captions=True, audio_out=[])
        said = await speak(client, tone(1_000) + silence(300))
        await client.send(d.AskAudioEnd(said.end), 1)
        await client.until(d.Accepted)
        await client.send(d.Cancel(0, d.CancelReason.BUTTON), 1)
        await client.until(d.End)
        await asyncio.wait_for(ears.stopped.wait(), 10)


async def test_an_engine_that_fails_early_costs_the_captions_and_not_the_question() -> None:
    class Fickle(Keen):
        async def transcribe(self, recording: Recording, language: str | None) -> str:
            self.calls += 1
            if self.calls == 1:
                raise ProviderFailed("No.")
            return "when are you open"

    async with serving(engines(Fickle())) as server, server.client() as client:
        await client.hello(captions=True, audio_out=[])
        messages = await asked(client)
        assert partials(messages) == [] and final(messages) == "when are you open"


async def test_captions_take_room_for_what_they_decode_and_give_it_back() -> None:
    data = recorded_by_chromium(pcm("parking.flac"), RATE).data
    async with serving(engines(Keen())) as server, server.client() as client:
        budget = server.app[HOLDING].budget
        await client.hello(captions=True, audio_out=[], audio_in=["webm/opus"])
        if not partials(await speak(client, data)):
            await client.until(d.Transcript)
        assert budget.held_bytes > len(data) + 20_000
        await client.send(d.AskAudioEnd(len(data), d.AudioEndFlag.DISCARD), 1)
        await client.until(d.End)
        assert budget.held_bytes == 0


async def test_what_is_decoded_after_its_end_takes_no_room_that_nobody_gives_back() -> None:
    data = recorded_by_chromium(pcm("parking.flac") + silence(400), RATE).data
    gate, ears = asyncio.Semaphore(0), Keen()
    async with serving(engines(ears, Brain(gate=gate))) as server, server.client() as client:
        budget = server.app[HOLDING].budget
        await client.hello(captions=True, audio_out=[], audio_in=["webm/opus"])
        await client.send(d.AskText("Count!"), 1)
        await client.send(d.AskAudio(0, 0, data), 2)
        await client.send(d.AskAudioEnd(len(data)), 2)  # waits behind the first
        while not ears.calls:
            await client.send(d.Ping(1))
            await client.until(d.Pong)
        for _ in range(6):
            gate.release()
        await client.until(d.End, count=2)
        await client.send(d.Ping(2))
        await client.until(d.Pong)
        assert budget.held_bytes == 0
