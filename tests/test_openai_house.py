"""The whole server with a scripted OpenAI-compatible provider behind it, over HTTP on both sides."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from voicechat import dialogue as d
from voicechat.audio import identify, wav

from .conftest import Server, serving
from .scripted_openai import (
    ANSWER,
    END,
    TRANSCRIPT,
    Cut,
    Gate,
    ScriptedOpenAi,
    Stall,
    Stream,
    answer,
    refusal,
    scripted_openai,
    tokens,
)
from .speech import HERE as SPEECH
from .test_v2 import follow, kinds, text_of

SUNDAY = (SPEECH / "sunday.flac").read_bytes()
QUESTION = base64.b64encode(wav(bytes(32_000), 16_000)).decode()


@asynccontextmanager
async def house(**settings: str) -> AsyncIterator[tuple[Server, ScriptedOpenAi]]:
    async with scripted_openai() as provider:
        addresses = {f"{job}_base_url": provider.url for job in ("stt", "chat", "tts")}
        async with serving(as_configured=True, **{**addresses, "chat_retries": "0", **settings}) as server:
            yield server, provider


async def test_v1_hears_thinks_and_speaks_by_the_provider() -> None:
    async with house() as (server, provider):
        status, reply = await server.message(audio=QUESTION)
    assert (status, reply["transcript"], reply["answer"]) == (200, TRANSCRIPT, "".join(ANSWER))
    assert identify(base64.b64decode(reply["audio"])) == "mp3"
    assert [received.job for received in provider.requests if received.job != "models"] == [
        "stt",
        "chat",
        "tts",
    ]


async def test_v2_hears_thinks_and_speaks_by_the_provider() -> None:
    async with house() as (server, _), server.client() as client:
        await client.hello()
        await client.send(d.AskAudio(0, 0, bytes(32_000)), 1)
        await client.send(d.AskAudioEnd(32_000), 1)
        messages = await follow(client, 1)
    assert text_of(messages) == "".join(ANSWER)
    assert messages[-1].flags == d.EndFlag.COMPLETE and messages[-1].audio_ms > 0


@pytest.mark.parametrize("profile", ["basic", "full", "v1"])
async def test_the_recording_reaches_the_provider_byte_for_byte(profile: str) -> None:
    recording = SUNDAY
    async with house() as (server, provider):
        if profile == "v1":
            await server.message(audio=base64.b64encode(recording).decode())
        elif profile == "basic":
            async with server.basic() as client:
                for i in range(0, len(recording), 4096):
                    await client.send(d.UserAudioChunk(recording[i : i + 4096]))
                await client.send(d.UserAudioEnd())
                await client.until(d.TextEnd)
        else:
            async with server.client() as client:
                await client.hello(audio_in=["anything"], audio_out=[])
                for i in range(0, len(recording), 4096):
                    await client.send(d.AskAudio(i, 0, recording[i : i + 4096]), 1)
                await client.send(d.AskAudioEnd(len(recording)), 1)
                await client.until(d.End)
    [received] = provider.of("stt")
    assert received.recording == recording


async def test_tokens_arrive_one_by_one() -> None:
    gates = [Gate() for _ in range(4)]
    steps: list[Any] = [
        step for gate, token in zip(gates, tokens("a", "b", "c", "d"), strict=True) for step in (gate, token)
    ]
    async with house() as (server, provider), server.basic() as client:
        provider.next("chat", Stream([*steps, *END]))
        await client.send(d.UserTextMessage("Count!"))
        for gate, letter in zip(gates, "abcd", strict=True):
            await gate.reached.wait()
            gate.open()
            assert (await client.receive())[0] == d.TextChunk(letter)
        assert (await client.receive())[0] == d.TextEnd()


async def test_a_cancel_closes_the_request_to_the_provider() -> None:
    async with house() as (server, provider), server.client() as client:
        provider.next("chat", Stream([*tokens("Well, "), Stall()]))
        await client.hello(audio_out=[])
        await client.send(d.AskText("When?"), 1)
        await client.until(d.AnswerText)
        await client.send(d.Cancel(0, d.CancelReason.BUTTON), 1)
        await client.until(d.End)
        async with asyncio.timeout(5):
            await provider.of("chat")[0].cut.wait()


async def test_a_cancel_closes_the_request_that_thinks_and_the_one_that_speaks() -> None:
    async with house() as (server, provider), server.client() as client:
        provider.next("chat", Stream([*tokens("We open at nine. And "), Stall()]))
        provider.next("tts", Stream([bytes(48_000), Stall()], headers={"Content-Type": "audio/pcm"}))
        await client.hello()
        await client.send(d.AskText("When?"), 1)
        await client.until(d.AnswerAudio)
        await client.send(d.Cancel(100, d.CancelReason.BUTTON), 1)
        await client.until(d.End)
        async with asyncio.timeout(5):
            for job in ("chat", "tts"):
                await provider.of(job)[0].cut.wait()


async def test_a_client_without_a_key_that_goes_away_closes_the_request_to_the_provider() -> None:
    async with house() as (server, provider):
        provider.next("chat", Stream([*tokens("Well, "), Stall()]))
        asking = asyncio.create_task(server.message(message="When?"))
        received = await provider.request(0, "chat")
        asking.cancel()
        async with asyncio.timeout(5):
            await received.cut.wait()


@pytest.mark.parametrize("behaviour", [refusal(500), Stream([*tokens("Well, "), Cut()]), answer()])
async def test_a_provider_that_fails_is_one_error_to_a_basic_client(behaviour: Stream) -> None:
    async with house() as (server, provider), server.basic() as client:
        provider.next("chat", behaviour)
        await client.send(d.UserTextMessage("When?"))
        assert kinds(await client.until(d.Error, d.TextEnd))[-1] is d.Error
        await client.send(d.UserTextMessage("When?"))
        assert kinds(await client.until(d.Error, d.TextEnd)) == [d.TextChunk, d.TextEnd]


async def test_a_provider_without_audio_leaves_it_to_the_embedded_engines() -> None:
    async with house() as (server, provider):
        provider.lack_audio()
        status, reply = await server.message(audio=base64.b64encode(SUNDAY).decode())
        assert (status, reply["answer"]) == (200, "".join(ANSWER))
        assert "sunday" in reply["transcript"].lower()
        assert identify(base64.b64decode(reply["audio"])) == "mp3"
        async with server.http.get(server.url + "/api/config") as response:
            facts = await response.json()
    assert [engine["engine"] for engine in facts["engines"]] == ["whisper", "openai", "piper"]


async def test_a_key_appears_in_no_log_and_no_reply(caplog: pytest.LogCaptureFixture) -> None:
    async with house(chat_key="sk-canary") as (server, provider):
        provider.always("chat", refusal(401, "invalid_api_key", "Incorrect key: sk-canary"))
        _, reply = await server.message(message="When?")
        assert provider.of("chat")[0].headers["Authorization"] == "Bearer sk-canary"
    assert "sk-canary" not in caplog.text + str(reply)


async def test_the_history_goes_along_and_the_system_prompt_stands_first() -> None:
    async with house(chat_system_prompt="Be brief.") as (server, provider):
        await server.message(message="One?")
        await server.message(message="Two?")
    asked = [(m["role"], m["content"]) for m in provider.of("chat")[1].json["messages"]]
    assert asked == [
        ("system", "Be brief."),
        ("user", "One?"),
        ("assistant", "".join(ANSWER)),
        ("user", "Two?"),
    ]
