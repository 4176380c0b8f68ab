"""One contract for every row of the table of engines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

import pytest

from voicechat.audio import Recording, wav
from voicechat.config import load
from voicechat.dialogue import Message, Passage, Prompt, Source
from voicechat.engines import (
    ENGINES,
    ChatModel,
    Engine,
    Engines,
    Job,
    Manner,
    SpeechToText,
    TextToSpeech,
    open_engines,
    sound_of,
)
from voicechat.errors import ConfigError, Unavailable, VoiceChatError, WarmingUp

from .doubles import Brain
from .scripted_openai import refusal, scripted_openai
from .speech import pcm

QUESTION = Recording(wav(pcm("saturday.flac"), 16_000), "wav")
HOURS = Passage(Source("Hours", "/hours"), "When are you open?", "We open at nine.", bearing="answers")
PROMPT = Prompt("Be brief.", (Message(1, "user", "When are you open?", "running"),), (HOURS,), ("Hours",))


def rows(*jobs: str) -> list[tuple[str, ...]]:
    """Every engine alone, and as the one that takes over from a provider which does not work."""
    alone = [(job, name) for job in jobs for name in ENGINES[job]]  # type: ignore[index]
    return [*alone, *((job, "openai", name) for job, name in alone)]


@pytest.fixture
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """The engine of one row, not loaded; the scripted provider stands behind those that want one."""
    job, first, *names = request.param
    others = {"stt": "none", "chat": "site", "tts": "none"} | {job: first}
    async with scripted_openai() as provider, scripted_openai() as broke:
        broke.always(job, refusal(402))
        environment = {f"VOICECHAT_{other}_ENGINE".upper(): chosen for other, chosen in others.items()}
        environment[f"VOICECHAT_{job}_BASE_URL".upper()] = broke.url if names else provider.url
        for name in names:
            environment[f"VOICECHAT_{job}_NEXT_ENGINE".upper()] = name
            environment[f"VOICECHAT_{job}_NEXT_BASE_URL".upper()] = provider.url
        engines = open_engines(load(environment=environment))
        yield cast(Engine, getattr(engines, job))
        await engines.close()


@pytest.mark.parametrize("engine", rows("stt", "chat", "tts"), indirect=True, ids="-".join)
async def test_an_engine_says_who_it_is(engine: Engine, request: pytest.FixtureRequest) -> None:
    info = engine.info
    assert f"{info.job}-{info.name}" in request.node.name
    assert info.model and info.place


@pytest.mark.parametrize("engine", rows("stt", "chat", "tts"), indirect=True, ids="-".join)
async def test_an_engine_can_be_closed_without_ever_being_loaded(engine: Engine) -> None:
    await engine.close()


@pytest.mark.parametrize("engine", rows("stt"), indirect=True, ids="-".join)
async def test_a_listener_returns_words(engine: SpeechToText) -> None:
    await engine.load()
    text = await engine.transcribe(QUESTION, "en")
    assert text == text.strip() and "open" in text.lower()


@pytest.mark.parametrize("engine", rows("stt"), indirect=True, ids="-".join)
async def test_a_listener_that_is_cancelled_returns_at_once(engine: SpeechToText) -> None:
    await engine.load()
    hearing = asyncio.create_task(engine.transcribe(QUESTION, "en"))
    await asyncio.sleep(0)
    hearing.cancel()
    async with asyncio.timeout(0.2):
        await asyncio.wait([hearing])
    assert hearing.cancelled()
    assert await engine.transcribe(QUESTION, "en")


@pytest.mark.parametrize("engine", rows("chat"), indirect=True, ids="-".join)
async def test_a_thinker_answers_in_pieces(engine: ChatModel) -> None:
    await engine.load()
    async with aclosing(engine.reply(PROMPT)) as pieces:
        said = [piece async for piece in pieces]
    assert len(said) > 1 and all(said)
    assert "nine" in "".join(said)


@pytest.mark.parametrize("engine", rows("chat"), indirect=True, ids="-".join)
async def test_a_thinker_can_be_stopped_after_any_piece_and_asked_again(engine: ChatModel) -> None:
    await engine.load()
    for _ in range(2):
        async with aclosing(engine.reply(PROMPT)) as pieces:
            assert await anext(pieces)


@pytest.mark.parametrize("engine", rows("tts"), indirect=True, ids="-".join)
async def test_a_speaker_yields_whole_samples(engine: TextToSpeech) -> None:
    await engine.load()
    sound = await sound_of(engine, "We open at nine.", Manner("en"))
    assert len(sound) % 2 == 0
    assert 0.2 < len(sound) / 48_000 < 10


@pytest.mark.parametrize("engine", rows("tts"), indirect=True, ids="-".join)
async def test_a_speaker_takes_every_speed(engine: TextToSpeech) -> None:
    await engine.load()
    for speed in (0.25, 1.37, 4):
        assert await sound_of(engine, "We open at nine.", Manner("en", speed))


@pytest.mark.parametrize("engine", rows("tts"), indirect=True, ids="-".join)
async def test_a_speaker_that_knows_when_words_are_said_tells_it_before_their_sound(
    engine: TextToSpeech,
) -> None:
    await engine.load()
    text, words, made_ms = "We open at nine. Come and see us!", [], 0.0
    async with aclosing(engine.speak(text, Manner("en"))) as pieces:
        async for piece in pieces:
            if isinstance(piece, bytes):
                made_ms += len(piece) / 48
            else:
                assert all(word.end_ms > made_ms for word in piece)
                words += [text[word.start : word.end] for word in piece]
    assert words in ([], text.split())


@pytest.mark.parametrize("engine", rows("tts"), indirect=True, ids="-".join)
async def test_a_speaker_can_be_stopped_after_any_piece_and_asked_again(engine: TextToSpeech) -> None:
    await engine.load()
    for _ in range(2):
        async with aclosing(engine.speak("We open at nine. We close at six.", Manner("en"))) as pieces:
            assert await anext(pieces)


# ── Which engine is opened ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({}, ["whisper", "site", "piper"]),
        ({"OPENAI_API_KEY": "sk-1"}, ["openai", "openai", "openai"]),
        ({"OPENAI_API_KEY": "sk-1", "VOICECHAT_TTS_ENGINE": "piper"}, ["openai", "openai", "piper"]),
        ({"VOICECHAT_CHAT_BASE_URL": "http://localhost:1/v1"}, ["whisper", "openai", "piper"]),
        ({"VOICECHAT_STT_ENGINE": "none", "VOICECHAT_TTS_ENGINE": "none"}, ["site"]),
    ],
)
async def test_a_key_or_an_address_chooses_the_provider(
    environment: dict[str, str], names: list[str]
) -> None:
    engines = open_engines(load(environment=environment))
    assert [info.name for info in engines.infos()] == names
    await engines.close()


@pytest.mark.parametrize(
    ("address", "key", "is_paid"),
    [
        ("https://provider.example/v1", "sk-1", True),
        ("https://me:password@provider.example/v1", "", True),
        ("https://provider.example/v1", "", False),
        ("http://localhost:1/v1", "sk-1", False),
        ("http://me:password@127.0.0.1:1/v1", "", False),
    ],
)
async def test_a_key_or_a_name_in_the_address_may_cost_money_where_it_is_told_to_others(
    address: str, key: str, is_paid: bool
) -> None:
    engines = open_engines(load(environment={"OPENAI_BASE_URL": address, "OPENAI_API_KEY": key}))
    assert {info.paid for info in engines.infos()} == {is_paid}
    assert "password" not in repr(engines.infos())
    await engines.close()


async def test_engines_that_take_over_are_opened_in_their_order() -> None:
    environment = {
        "OPENAI_API_KEY": "sk-1",
        "VOICECHAT_CHAT_NEXT_ENGINE": "site",
        "VOICECHAT_TTS_NEXT_MODEL": "tts-1-hd",
        "VOICECHAT_TTS_NEXT_NEXT_ENGINE": "piper",
        "VOICECHAT_STT_NEXT_ENGINE": "none",
    }
    engines = open_engines(load(environment=environment))
    assert [info.name for info in engines.infos()] == ["openai"] * 3
    successors = [(info.job, info.name, info.model) for info in engines.successors()]
    assert successors == [
        ("chat", "site", engines.successors()[0].model),
        ("tts", "openai", "tts-1-hd"),
        ("tts", "piper", "en_US-joe-medium"),
    ]
    await engines.close()


def test_a_name_in_no_row_is_told_with_its_place_in_the_list() -> None:
    with pytest.raises(ConfigError, match=r"tts\.next\.next\.engine \(VOICECHAT_TTS_NEXT_NEXT_ENGINE\)"):
        open_engines(load(environment={"VOICECHAT_TTS_NEXT_NEXT_ENGINE": "parrot"}))


@pytest.mark.parametrize(("job", "name"), [("stt", "parrot"), ("chat", "none"), ("tts", "whisper")])
def test_a_name_that_is_in_no_row_is_told_with_those_that_are(job: str, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_engines(load(environment={f"VOICECHAT_{job.upper()}_ENGINE": name}))
    assert "openai" in str(caught.value) and name in str(caught.value)


# ── Loading beside the server's work ──────────────────────────────────────────────────────────


class Slow(Brain):
    """Loads when the test says so; with *error*, it can't."""

    def __init__(self, error: VoiceChatError | None = None) -> None:
        super().__init__()
        self.may_load = asyncio.Event()
        self._error = error

    async def load(self) -> None:
        await self.may_load.wait()
        if self._error:
            raise self._error


def starting(brain: Brain, **options: Any) -> Engines:
    engines = Engines(None, brain, None, **options)
    engines.start({})
    return engines


async def test_what_loads_is_waited_for() -> None:
    brain = Slow()
    engines = starting(brain)
    waiting = asyncio.create_task(engines.ready("chat"))
    await asyncio.sleep(0)
    assert engines.warming() == ("chat",) and not waiting.done()
    brain.may_load.set()
    await waiting
    assert engines.warming() == ()
    await engines.close()


async def test_what_loads_too_long_is_told() -> None:
    engines = starting(Slow(), loading_seconds=0.01)
    with pytest.raises(WarmingUp):
        await engines.ready("chat")
    await engines.close()


async def test_what_cannot_load_is_told_in_the_log_and_is_unavailable(
    caplog: pytest.LogCaptureFixture,
) -> None:
    brain = Slow(ConfigError("the weights are missing"))
    engines = starting(brain)
    brain.may_load.set()
    with pytest.raises(Unavailable) as caught:
        await engines.ready("chat")
    assert "weights" in caplog.text and "weights" not in str(caught.value)
    await engines.close()


@pytest.mark.parametrize("job", ["stt", "tts"])
def test_the_name_of_a_providers_model_is_not_handed_to_the_engine_that_takes_over(job: Job) -> None:
    environment = {"OPENAI_API_KEY": "k", f"VOICECHAT_{job.upper()}_MODEL": "theirs"}
    environment["VOICECHAT_TTS_CACHE_BYTES"] = "0"
    engines = open_engines(load(environment=environment))
    engine: Any = engines.stt if job == "stt" else engines.tts
    assert engine.info.model == "theirs"
    assert engine._substitute.info.model in ("tiny.en", "en_US-joe-medium")
