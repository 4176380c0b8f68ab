"""A server whose engines have others behind them: what a visitor gets while providers fail, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from voicechat import dialogue as d
from voicechat.engines import Manner
from voicechat.engines.link import Link
from voicechat.engines.relay import RelayTts
from voicechat.errors import ProviderFailed

from .conftest import Server, serving
from .doubles import MS, Brain, Voice, engines
from .scripted_openai import (
    Cut,
    Gate,
    Pause,
    ScriptedOpenAi,
    Stall,
    Step,
    Stream,
    answer,
    refusal,
    scripted_openai,
    tone,
)
from .test_v2 import follow, full

FIRST, SECOND = "The shop opens at nine o'clock. ", "It closes again at six in the evening."
PCM = {"Content-Type": "audio/pcm"}


@asynccontextmanager
async def served(**settings: str) -> AsyncIterator[tuple[Server, ScriptedOpenAi, ScriptedOpenAi]]:
    """Serve with two providers, of which the second takes over from the first."""
    async with scripted_openai() as first, scripted_openai() as second:
        addresses = {f"{job}_base_url": first.url for job in ("stt", "chat", "tts")}
        addresses |= {f"{job}_next_base_url": second.url for job in ("stt", "chat", "tts")}
        times = {"tts_handover_seconds": "0.3", "chat_retries": "0"}
        for provider in (first, second):
            provider.always("chat", answer(FIRST, SECOND))
        async with serving(as_configured=True, **addresses, **times, **settings) as server:
            yield server, first, second


async def asked(server: Server, **changes: Any) -> list[Any]:
    async with server.client() as client:
        await full(client, **changes)
        await client.send(d.AskText("When?"), 1)
        return await follow(client, 1)


def sound_of(messages: list[Any]) -> bytes:
    """Return the sound, which is without a gap."""
    pos = 0
    for message in messages:
        if isinstance(message, d.AnswerAudio):
            assert message.pos == pos
            pos += len(message.data) // 48
    return b"".join(message.data for message in messages if isinstance(message, d.AnswerAudio))


def said(provider: ScriptedOpenAi) -> list[str]:
    return [request.json["input"] for request in provider.of("tts")]


def padded(sound: bytes) -> bytes:
    """Fill up to whole milliseconds, as pieces are."""
    return sound.ljust(-(-len(sound) // 48) * 48, b"\0")


BREAKS: dict[str, tuple[Step, ...]] = {"cut": (Cut(),), "silent": (Stall(),)}


@pytest.mark.parametrize("how", BREAKS)
async def test_where_a_voice_breaks_off_the_next_one_says_the_sentence_and_all_the_rest(how: str) -> None:
    begun = tone(FIRST[:12])
    async with served() as (server, first, second):
        first.next("tts", Stream([begun[:9_600], begun[9_600:], *BREAKS[how]], headers=PCM))
        messages = await asked(server)
        request = await first.request(0, "tts")
        await request.ended.wait()
        assert first.open_streams == 0
        assert said(first) == [FIRST.strip()]
        assert said(second) == [FIRST.strip(), SECOND]
    end = messages[-1]
    assert end.flags == d.EndFlag.COMPLETE and not any(isinstance(m, d.Fault) for m in messages)
    sound = sound_of(messages)
    whole = padded(tone(FIRST.strip())) + padded(tone(SECOND))
    # What was sent before it broke off is heard, and then all of it from the next voice.
    assert sound.endswith(whole) and begun.startswith(sound[: -len(whole)])
    pieces = [mark.spans[0] for mark in messages if isinstance(mark, d.Mark) and not mark.words]
    assert [piece.text_start for piece in pieces][-2:] == [0, len(FIRST) - 1]
    assert pieces[-2].audio_start_ms == (len(sound) - len(whole)) // 48


async def test_what_was_made_and_not_sent_is_not_heard_twice() -> None:
    gate = Gate()
    begun = tone("x" * 100)
    async with served(limits_lead_ms="500") as (server, first, second), server.client() as client:
        first.next("tts", Stream([begun[:48_000], Pause(0.05), begun[48_000:], gate, Cut()], headers=PCM))
        await full(client)
        await client.send(d.AskText("When?"), 1)
        messages = await client.until(d.AnswerAudio)
        gate.open()
        await second.request(0, "tts")
        sound = sound_of(messages + await follow(client, 1))
    whole = padded(tone(FIRST.strip())) + padded(tone(SECOND))
    heard = sound.removesuffix(whole)
    # Of two seconds that were made only what the lead holds was sent, in whole messages.
    assert heard != sound and begun.startswith(heard) and 0 < len(heard) / 48 < 700


class BreaksOff(Voice):
    """Says the first of two sentences and a little of the second, where it is to say both in one go."""

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[bytes, None]:
        async with aclosing(super().speak(text, manner)) as parts:
            async for part in parts:
                if text.count(".") < 2:
                    yield part
                    continue
                first_ms = text.index(".") * self.ms_per_char
                for _ in range(0, round(first_ms * 1.4), 100):
                    yield part[: 100 * len(MS)]
                raise ProviderFailed("It broke off.")


async def test_of_sentences_that_were_said_in_one_go_those_that_were_whole_are_not_said_again() -> None:
    sentences = [f"This is the {number} of the sentences that are said. " for number in ("1st", "2nd", "3rd")]
    gate = asyncio.Semaphore(0)
    first, second = BreaksOff(ms_per_char=100), Voice(ms_per_char=100)
    relay: Any = RelayTts([Link(first, second.info, 5), Link(second, None, 5)])
    async with (
        serving(engines(brain=Brain(*sentences, gate=gate), voice=relay)) as server,
        server.client() as client,
    ):
        await full(client)
        await client.send(d.AskText("When?"), 1)
        [gate.release() for _ in sentences]
        messages = await client.until(d.AnswerAudio, count=20)
        # While the voice is well ahead, what waits goes along in one call.
        await client.send(d.Played(1_200), 1)
        messages += await follow(client, 1)
    assert [text.count(".") for text in first.texts] == [1, 2]
    assert second.texts == [sentences[2].strip()]
    pieces = [mark.spans[0] for mark in messages if isinstance(mark, d.Mark) and not mark.words]
    assert [piece.text_start for piece in pieces] == [0, len(sentences[0]) - 1, 2 * len(sentences[0]) - 1]
    assert messages[-1].flags == d.EndFlag.COMPLETE


async def test_mp3_is_said_anew_by_the_next_voice_and_nothing_twice() -> None:
    async with served() as (server, first, second):
        first.next("tts", Stream([tone("The shop"), Cut()], headers=PCM))
        messages = await asked(server, audio_out=["mp3"])
        assert said(second) == [FIRST.strip(), SECOND]
    pieces = [mark.spans[0] for mark in messages if isinstance(mark, d.Mark) and not mark.words]
    assert [piece.text_start for piece in pieces] == [0, len(FIRST) - 1]


async def test_where_no_voice_works_the_text_is_whole_and_the_visitor_is_told_once() -> None:
    async with served() as (server, first, second):
        for provider in (first, second):
            provider.always("tts", refusal(402))
        messages = await asked(server)
    assert [m.code for m in messages if isinstance(m, d.Fault)] == ["provider_quota"]
    assert messages[-1].flags == d.EndFlag.COMPLETE | d.EndFlag.UNSAID


async def test_an_answer_comes_from_the_next_chat_model_while_nothing_was_shown() -> None:
    async with served() as (server, first, _):
        first.always("chat", refusal(500))
        messages = await asked(server, audio_out=[])
    assert "".join(m.text for m in messages if isinstance(m, d.AnswerText)) == FIRST + SECOND
    assert messages[-1].flags == d.EndFlag.COMPLETE


async def test_an_answer_that_was_begun_ends_as_failed() -> None:
    async with served() as (server, first, second):
        first.next("chat", Stream([*answer(FIRST).steps[:2], Cut()]))
        messages = await asked(server, audio_out=[])
        assert second.of("chat") == []
    assert "".join(m.text for m in messages if isinstance(m, d.AnswerText)) == FIRST
    assert messages[-1].flags == d.EndFlag.FAILED


@pytest.mark.parametrize("job", ["chat", "tts"])
async def test_a_cancel_closes_the_stream_of_whoever_took_over(job: str) -> None:
    steps = answer(FIRST).steps[:2] if job == "chat" else [tone("The shop opens")]
    headers = {"Content-Type": "text/event-stream"} if job == "chat" else PCM
    async with served(tts_next_timeout_seconds="60") as (server, first, second):
        first.always(job, refusal(402))
        second.always(job, Stream([*steps, Stall()], headers=headers))
        async with server.client() as client:
            await full(client)
            await client.send(d.AskText("When?"), 1)
            request = await second.request(0, job)
            await client.until(d.AnswerText)
            await client.send(d.Cancel(0, d.CancelReason.BUTTON), 1)
            await client.until(d.End)
            await request.cut.wait()
    assert first.open_streams == second.open_streams == 0
