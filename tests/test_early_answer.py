"""Answers begun before a spoken question is over, with a provider over HTTP that tells what it sees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from voicechat import dialogue as d
from voicechat.guard import parse_chat

from .conftest import Client, Server, serving
from .scripted_openai import (
    END,
    Received,
    ScriptedOpenAi,
    Stall,
    Stream,
    answer,
    plain,
    refusal,
    scripted_openai,
    tokens,
)
from .test_captions import final, partials, speak
from .test_hearing import silence, tone
from .test_v2 import text_of

GUESSED = Stream([*tokens("From nine ", "to six."), *END])
STUCK = Stream([*tokens("Guessed "), Stall()])


@asynccontextmanager
async def house(**settings: str) -> AsyncIterator[tuple[Server, ScriptedOpenAi]]:
    """A server whose ears, brain and voice are a provider's, and that begins answers early."""
    early = {"stt_early_calls": "40", "chat_early_answers": "2", "chat_retries": "0", "tts_engine": "none"}
    async with scripted_openai() as provider:
        addresses = {f"{job}_base_url": provider.url for job in ("stt", "chat")}
        async with serving(as_configured=True, **{**addresses, **early, **settings}) as server:
            yield server, provider


def hears(provider: ScriptedOpenAi, *texts: str) -> None:
    provider.next("stt", *(plain({"text": text}) for text in texts))


async def speaker(client: Client) -> str:
    """Introduce a client that wants captions; return its chat."""
    return str((await client.hello(captions=True, audio_out=[]))["chat"])


async def guessed(
    client: Client, provider: ScriptedOpenAi, sound: bytes, start: int = 0
) -> tuple[Any, Received]:
    """Say *sound* and wait until the provider is asked; return what was said, and what it was asked."""
    count = len(provider.of("chat"))
    said = await speak(client, sound, start)
    return said, await asyncio.wait_for(provider.request(count, "chat"), 10)


async def test_at_a_pause_the_answer_is_begun_and_at_the_end_it_is_there_and_asked_for_once() -> None:
    async with house() as (server, provider), server.client() as client:
        chat = await speaker(client)
        hears(provider, "When are you open?")
        provider.next("chat", GUESSED)
        said, request = await guessed(client, provider, tone(700) + silence(400))
        await asyncio.wait_for(request.ended.wait(), 10)
        # Nobody is told, and nothing is kept.
        assert {type(one) for one in said} <= {d.Pong, d.Transcript, d.AudioAck} and not text_of(said)
        assert await server.house.rooms.store.messages(parse_chat(chat).name) == ([], False)
        await client.send(d.AskAudioEnd(said.end), 1)
        messages = await client.until(d.End)
        assert (final(messages), text_of(messages)) == ("When are you open?", "From nine to six.")
        [timing] = [one.content for one in messages if isinstance(one, d.Timing)]
        assert (timing["early_answers"], timing["wasted_answers"]) == (1, 0)
        assert len(provider.of("chat")) == 1 and len(provider.of("stt")) == 1


async def test_an_answer_that_is_still_coming_goes_on_at_the_end() -> None:
    async with house() as (server, provider), server.client() as client:
        await speaker(client)
        hears(provider, "When are you open?")
        provider.next("chat", STUCK)
        said, request = await guessed(client, provider, tone(700) + silence(400))
        await client.send(d.AskAudioEnd(said.end), 1)
        assert text_of(await client.until(d.AnswerText)) == "Guessed "
        await client.send(d.Cancel(0, d.CancelReason.BUTTON), 1)
        await client.until(d.End)
        await asyncio.wait_for(request.cut.wait(), 10)


async def test_who_goes_on_speaking_has_it_closed_upstream_at_once_and_nothing_of_it_is_told() -> None:
    async with house() as (server, provider), server.client() as client:
        await speaker(client)
        hears(provider, "When are you open?", "When are you open on Sunday?")
        provider.next("chat", STUCK)
        said, request = await guessed(client, provider, tone(700) + silence(400))
        provider.next("chat", answer("From eleven."))
        more = await speak(client, tone(700), said.end)
        await asyncio.wait_for(request.cut.wait(), 10)  # before the end of the recording
        hears(provider, "When are you open on Sunday?", "When are you open on Sunday?")
        await client.send(d.AskAudioEnd(more.end), 1)
        messages = await client.until(d.End)
        assert final(messages) == "When are you open on Sunday?"
        assert "Guessed" not in text_of(said + more + messages)
        [timing] = [one.content for one in messages if isinstance(one, d.Timing)]
        assert timing["wasted_answers"] == 1
        assert provider.of("chat")[-1].json["messages"][-1]["content"].endswith("on Sunday?")
    assert provider.open_streams == 0


async def test_it_is_tried_twice_for_one_recording_and_no_more() -> None:
    async with house() as (server, provider), server.client() as client:
        await speaker(client)
        provider.always("chat", STUCK)
        end = 0
        for words in ("one", "one two", "one two three", "one two three four"):
            hears(provider, words)
            said = await speak(client, tone(500) + silence(500), end)
            end = said.end
            if not partials(said):
                await client.until(d.Transcript)
        first, second = provider.of("chat")
        await asyncio.wait_for(first.cut.wait(), 10)
        await asyncio.wait_for(second.cut.wait(), 10)
        provider.always("chat", answer("Four."))
        await client.send(d.AskAudioEnd(end), 1)
        assert text_of(await client.until(d.End)) == "Four."


async def test_a_recording_that_is_thrown_away_closes_it_upstream() -> None:
    async with house() as (server, provider), server.client() as client:
        await speaker(client)
        hears(provider, "When are you open?")
        provider.next("chat", STUCK)
        said, request = await guessed(client, provider, tone(700) + silence(400))
        await client.send(d.AskAudioEnd(said.end, d.AudioEndFlag.DISCARD), 1)
        await asyncio.wait_for(request.cut.wait(), 10)
        assert "Guessed" not in text_of(said + await client.until(d.End))


async def test_what_failed_early_is_asked_again_at_the_end() -> None:
    async with house() as (server, provider), server.client() as client:
        await speaker(client)
        hears(provider, "When are you open?")
        provider.next("chat", refusal(500), GUESSED)
        said, request = await guessed(client, provider, tone(700) + silence(400))
        await asyncio.wait_for(request.ended.wait(), 10)
        await client.send(d.AskAudioEnd(said.end), 1)
        assert text_of(await client.until(d.End)) == "From nine to six."


async def test_where_somebody_else_asked_meanwhile_it_is_not_used() -> None:
    async with house() as (server, provider), server.client() as client, server.client() as other:
        chat = await speaker(client)
        await other.hello(tab="tab-2", chat=chat, audio_out=[])
        hears(provider, "And on Sunday?")
        provider.next("chat", STUCK, answer("From nine."), answer("From eleven."))
        said, request = await guessed(client, provider, tone(700) + silence(400))
        await other.send(d.AskText("When are you open?"), 1)
        await other.until(d.End)
        await client.send(d.AskAudioEnd(said.end), 1)
        messages = await client.until(d.End, count=2)
        await asyncio.wait_for(request.cut.wait(), 10)
        assert "Guessed" not in text_of(messages) and text_of(messages).endswith("From eleven.")


async def test_by_default_no_answer_is_begun_early() -> None:
    async with house(chat_early_answers="0") as (server, provider), server.client() as client:
        await speaker(client)
        hears(provider, "When are you open?")
        said = await speak(client, tone(700) + silence(400))
        if not partials(said):
            await client.until(d.Transcript)
        assert provider.of("chat") == []
        await client.send(d.AskAudioEnd(said.end), 1)
        await client.until(d.End)
        assert len(provider.of("chat")) == 1
