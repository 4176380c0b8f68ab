"""The embedded engine takes over what the provider lacks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from voicechat.audio import Recording
from voicechat.engines import EngineInfo, Job, Manner
from voicechat.engines.fallback import FallbackStt, FallbackTts
from voicechat.errors import (
    ConfigError,
    ProviderFailed,
    ProviderLacks,
    Unavailable,
    VoiceChatError,
    WarmingUp,
)

SOUND = Recording(b"", "wav")


class Engine:
    """Hears its own name and says it."""

    def __init__(
        self,
        name: str,
        job: Job,
        failure: VoiceChatError | None = None,
        load_failure: VoiceChatError | None = None,
    ) -> None:
        self.info = EngineInfo(job, name, "model", False, "somewhere")
        self.failure = failure
        self.load_failure = load_failure
        self.may_load = asyncio.Event()
        self.may_load.set()
        self.began_loading = asyncio.Event()
        self.calls = self.loads = self.closes = 0

    async def load(self) -> None:
        self.loads += 1
        self.began_loading.set()
        await self.may_load.wait()
        if self.load_failure:
            raise self.load_failure

    async def close(self) -> None:
        self.closes += 1

    async def transcribe(self, recording: Recording, language: str | None) -> str:
        self.calls += 1
        if self.failure:
            raise self.failure
        return self.info.name

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[bytes, None]:
        self.calls += 1
        if self.failure:
            raise self.failure
        yield self.info.name.encode()
        yield b"!!"


async def said(engine: FallbackTts) -> bytes:
    async with aclosing(engine.speak("hello", Manner())) as stream:
        return b"".join([piece async for piece in stream])


async def test_a_provider_that_can_do_the_job_does_it() -> None:
    primary, substitute = Engine("openai", "stt"), Engine("whisper", "stt")
    engine = FallbackStt(primary, substitute)
    await engine.load()

    assert await engine.transcribe(SOUND, None) == "openai"
    assert engine.info.name == "openai"
    assert (primary.loads, substitute.loads) == (1, 0)


async def test_a_provider_that_lacks_hearing_leaves_it_to_the_embedded_engine_from_then_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    primary, substitute = Engine("openai", "stt", ProviderLacks("no")), Engine("whisper", "stt")
    engine = FallbackStt(primary, substitute)

    assert [await engine.transcribe(SOUND, None) for _ in range(3)] == ["whisper"] * 3

    assert (primary.calls, substitute.loads) == (1, 1)
    assert engine.info.name == "whisper"
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1
    assert "whisper" in warnings[0].getMessage()


async def test_a_provider_that_lacks_speech_leaves_it_to_the_embedded_engine_from_then_on() -> None:
    primary, substitute = Engine("openai", "tts", ProviderLacks("no")), Engine("piper", "tts")
    engine = FallbackTts(primary, substitute)

    assert [await said(engine) for _ in range(2)] == [b"piper!!"] * 2

    assert (primary.calls, substitute.loads) == (1, 1)
    assert engine.info.name == "piper"


async def test_other_trouble_is_no_reason_to_change() -> None:
    stt = FallbackStt(Engine("openai", "stt", ProviderFailed("no")), Engine("whisper", "stt"))
    with pytest.raises(ProviderFailed):
        await stt.transcribe(SOUND, None)
    tts = FallbackTts(Engine("openai", "tts", ProviderFailed("no")), Engine("piper", "tts"))
    with pytest.raises(ProviderFailed):
        await said(tts)
    assert (stt.info.name, tts.info.name) == ("openai", "openai")


async def test_without_a_substitute_the_log_names_the_extra(caplog: pytest.LogCaptureFixture) -> None:
    stt = FallbackStt(Engine("openai", "stt", ProviderLacks("no")), None)
    tts = FallbackTts(Engine("openai", "tts", ProviderLacks("no")), None)
    for _ in range(2):
        with pytest.raises(Unavailable, match="not installed"):
            await stt.transcribe(SOUND, None)
        with pytest.raises(Unavailable, match="not installed"):
            await said(tts)
    assert caplog.text.count("pip install '.[local]'") == 2
    assert stt.info.name == "openai"
    await stt.close()
    await tts.close()


async def test_questions_that_come_together_wait_for_one_load() -> None:
    primary, substitute = Engine("openai", "stt", ProviderLacks("no")), Engine("whisper", "stt")
    substitute.may_load.clear()
    engine = FallbackStt(primary, substitute)
    questions = [asyncio.create_task(engine.transcribe(SOUND, None)) for _ in range(3)]
    await substitute.began_loading.wait()

    substitute.may_load.set()

    assert await asyncio.gather(*questions) == ["whisper"] * 3
    assert substitute.loads == 1


async def test_a_question_that_is_cancelled_does_not_stop_the_load_for_the_others() -> None:
    substitute = Engine("whisper", "stt")
    substitute.may_load.clear()
    engine = FallbackStt(Engine("openai", "stt", ProviderLacks("no")), substitute)
    first = asyncio.create_task(engine.transcribe(SOUND, None))
    await substitute.began_loading.wait()

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    substitute.may_load.set()

    assert await engine.transcribe(SOUND, None) == "whisper"
    assert substitute.loads == 1


async def test_a_substitute_that_cannot_be_loaded_is_unavailable_without_its_details() -> None:
    broken = Engine("whisper", "stt", load_failure=ConfigError("the file /secret/model.bin is damaged"))
    engine = FallbackStt(Engine("openai", "stt", ProviderLacks("no")), broken)
    for _ in range(2):
        with pytest.raises(Unavailable) as failure:
            await engine.transcribe(SOUND, None)
        assert "secret" not in str(failure.value)
    assert broken.loads == 1
    await engine.close()


async def test_a_substitute_that_loads_too_long_is_told_and_loads_on() -> None:
    substitute = Engine("whisper", "stt")
    substitute.may_load.clear()
    engine = FallbackStt(Engine("openai", "stt", ProviderLacks("no")), substitute, loading_seconds=0.05)
    with pytest.raises(WarmingUp) as failure:
        await engine.transcribe(SOUND, None)
    assert failure.value.retry_after_seconds

    substitute.may_load.set()

    assert await engine.transcribe(SOUND, None) == "whisper"
    assert substitute.loads == 1


async def test_both_are_closed_also_in_the_middle_of_a_load() -> None:
    primary, substitute = Engine("openai", "stt", ProviderLacks("no")), Engine("whisper", "stt")
    substitute.may_load.clear()
    engine = FallbackStt(primary, substitute)
    question = asyncio.create_task(engine.transcribe(SOUND, None))
    await substitute.began_loading.wait()

    await engine.close()

    assert (primary.closes, substitute.closes) == (1, 1)
    with pytest.raises(asyncio.CancelledError):
        await question
