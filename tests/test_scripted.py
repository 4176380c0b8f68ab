"""Engines of fixed delays; the contract of all engines is held by `test_engines.py`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, TypeVar

import numpy as np
import pytest

from voicechat.audio import Recording, wav
from voicechat.config import load
from voicechat.dialogue import Message, Prompt
from voicechat.engines import Engines, Manner, open_engines
from voicechat.errors import BadAudio, ConfigError, TooLong

T = TypeVar("T")

LATE_SECONDS = 1.0
"""How much later than told a timer may fire on a machine that has other work."""

PROMPT = Prompt("Be brief.", (Message(1, "user", "When are you open?", "running"),))


def scripted(stt: str = "", chat: str = "", tts: str = "", **settings: str) -> Engines:
    environment = {f"VOICECHAT_{job}_ENGINE": "scripted" for job in ("STT", "CHAT", "TTS")}
    environment |= {"VOICECHAT_STT_MODEL": stt, "VOICECHAT_CHAT_MODEL": chat, "VOICECHAT_TTS_MODEL": tts}
    return open_engines(load(environment=environment | settings))


async def timed(stream: AsyncGenerator[T, None]) -> list[tuple[float, T]]:
    """Return what comes, each with its seconds from the start."""
    started = time.monotonic()
    async with aclosing(stream):
        return [(time.monotonic() - started, item) async for item in stream]


def took(seconds: float, wanted: float) -> bool:
    # A timer of asyncio may fire as early as its clock is fine.
    return wanted - 0.001 <= seconds < wanted + LATE_SECONDS


async def hearing_seconds(engines: Engines, recording: Recording) -> float:
    assert engines.stt is not None
    started = time.monotonic()
    assert await engines.stt.transcribe(recording, None) == "When are you open?"
    return time.monotonic() - started


async def test_hearing_takes_a_fixed_time_and_some_for_each_second() -> None:
    engines = scripted(stt="fixed_ms=100 per_second_ms=50")
    assert took(await hearing_seconds(engines, Recording(wav(bytes(2 * 16_000), 16_000), "wav")), 0.150)
    assert took(await hearing_seconds(engines, Recording(wav(bytes(8 * 16_000), 16_000), "wav")), 0.300)


async def test_hearing_refuses_what_is_no_recording_and_what_is_too_long() -> None:
    stt: Any = scripted(VOICECHAT_LIMITS_RECORDING_SECONDS="1").stt
    with pytest.raises(BadAudio):
        await stt.transcribe(Recording(b"RIFF", "wav"), None)
    with pytest.raises(TooLong):
        await stt.transcribe(Recording(wav(bytes(2 * 32_000), 16_000), "wav"), None)


async def test_thinking_begins_after_a_delay_and_goes_on_in_even_steps() -> None:
    tokens = await timed(scripted(chat="first_ms=120, gap_ms=30, tokens=5").chat.reply(PROMPT))
    assert len(tokens) == 5
    assert all(took(at, 0.120 + 0.030 * number) for number, (at, _) in enumerate(tokens))


async def test_a_reader_that_holds_up_one_token_does_not_delay_the_last() -> None:
    started = time.monotonic()
    chat = scripted(chat="first_ms=0 gap_ms=400 tokens=4").chat
    async with aclosing(chat.reply(PROMPT)) as tokens:
        assert await anext(tokens)
        await asyncio.sleep(1.1)  # what a busy reader does; with gaps from token to token 2.3 s would pass
        assert len([token async for token in tokens]) == 3
    assert took(time.monotonic() - started, 1.2)


async def test_more_tokens_than_the_text_has_begin_it_again() -> None:
    chat = scripted(chat="first_ms=0 gap_ms=0 tokens=100").chat
    tokens = [token for _, token in await timed(chat.reply(PROMPT))]
    assert len(tokens) == 100 and "".join(tokens).count("We open at nine") > 1


async def test_speech_comes_after_a_delay_and_is_made_at_its_factor() -> None:
    tts: Any = scripted(tts="first_ms=100 factor=0.2").tts
    pieces = await timed(tts.speak("We open at nine.", Manner()))
    assert sum(len(pcm) for _, pcm in pieces) == 16 * 60 * 48
    assert took(pieces[0][0], 0.100)
    assert took(pieces[-1][0], 0.100 + 0.2 * 0.800)


@pytest.mark.parametrize(("model", "loudest"), [("", range(2_000, 4_000)), ("tone_hz=0", range(0, 1))])
async def test_speech_is_a_soft_tone_or_silence(model: str, loudest: range) -> None:
    tts: Any = scripted(tts=f"first_ms=0 factor=0 {model}").tts
    pcm = b"".join([pcm for _, pcm in await timed(tts.speak("We open at nine.", Manner()))])
    assert int(np.abs(np.frombuffer(pcm, "<i2")).max()) in loudest


async def test_marks_alone_are_not_spoken() -> None:
    tts: Any = scripted().tts
    assert await timed(tts.speak("…", Manner())) == []


@pytest.mark.parametrize(
    ("job", "model"),
    [
        ("stt", "fixed_ms"),
        ("stt", "fixed_ms=soon"),
        ("chat", "first_ms=-1"),
        ("chat", "gap_ms=nan"),
        ("tts", "factor=inf"),
        ("tts", "tiny.en"),
    ],
)
def test_a_delay_that_is_none_is_told_with_its_setting_and_what_is_wanted(job: str, model: str) -> None:
    with pytest.raises(ConfigError) as caught:
        scripted(**{job: model})
    told, _, wanted = str(caught.value).partition("wanted")
    assert f"VOICECHAT_{job.upper()}_MODEL" in told and "=" in wanted


def test_what_is_not_named_keeps_its_default_and_the_server_tells_all() -> None:
    models = [info.model for info in scripted(chat="gap_ms=5").infos()]
    assert models == [
        "fixed_ms=300 per_second_ms=0",
        "first_ms=400 gap_ms=5 tokens=40",
        "first_ms=200 factor=0.1 tone_hz=220",
    ]
