"""The embedded ears: real speech in every container, and what is not speech."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Iterator
from threading import Event
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from voicechat.audio import Container, Recording, wav
from voicechat.config import Stt
from voicechat.engines.whisper import Whisper, hear
from voicechat.errors import BadAudio, ConfigError, ProviderTimeout, TooLong, WarmingUp
from voicechat.models import TINY_WEIGHTS

from .speech import RATE, SENTENCES, pcm, word_error_rate, word_errors
from .speech.encoding import FORMATS, LIVE, encoded

SATURDAY = Recording(wav(pcm("saturday.flac"), RATE), "wav")


@pytest.fixture(scope="module")
def whisper() -> Iterator[Whisper]:
    engine = Whisper(Stt(parallel=2, waiting=20), max_seconds=60)
    asyncio.run(engine.load())
    yield engine
    asyncio.run(engine.close())


@pytest.mark.parametrize("container", [name for name in FORMATS if name != "flac"])
async def test_ten_sentences_are_understood_in_every_container(
    whisper: Whisper, container: Container
) -> None:
    recordings = [encoded(pcm(file), RATE, container, options=LIVE.get(container)) for file in SENTENCES]

    heard = await asyncio.gather(*(whisper.transcribe(recording, "en") for recording in recordings))

    counts = [word_errors(words, found) for words, found in zip(SENTENCES.values(), heard, strict=True)]
    errors, words = (sum(column) for column in zip(*counts, strict=True))
    print(f"{container}: {errors} of {words} words misheard ({errors / words:.1%})")
    for wanted, found in zip(SENTENCES.values(), heard, strict=True):
        if word_error_rate(wanted, found):
            print(f"    {wanted!r} was heard as {found!r}")
    assert errors / words <= 0.15


async def test_one_question_is_transcribed_in_a_moment(whisper: Whisper) -> None:
    started = time.perf_counter()

    heard = await whisper.transcribe(SATURDAY, None)

    print(f"{len(pcm('saturday.flac')) / 2 / RATE:.1f} s of speech in {time.perf_counter() - started:.2f} s")
    assert heard == "When are you open on Saturday?"


async def test_a_recording_that_goes_on_is_heard_only_where_nobody_is_waiting(whisper: Whisper) -> None:
    assert await whisper.transcribe_if_idle(SATURDAY, "en") == "When are you open on Saturday?"
    question = asyncio.create_task(whisper.transcribe(SATURDAY, "en"))
    await asyncio.sleep(0)
    assert await whisper.transcribe_if_idle(SATURDAY, "en") is None
    assert await question == "When are you open on Saturday?"


CLOCK = np.arange(4 * RATE) / RATE
CHANCE = np.random.default_rng(1)


@pytest.mark.parametrize(
    "loudness",
    [
        pytest.param(np.zeros(0), id="nothing"),
        pytest.param(np.zeros(RATE // 20), id="a click on the button"),
        pytest.param(np.zeros(40 * RATE), id="silence longer than a window"),
        pytest.param(CHANCE.standard_normal(4 * RATE) * 0.002, id="a quiet room"),
        pytest.param(CHANCE.standard_normal(4 * RATE) * 0.1, id="a waterfall"),
        pytest.param(np.cumsum(CHANCE.standard_normal(4 * RATE)) * 0.001, id="traffic"),
        pytest.param(np.sin(CLOCK * 2 * math.pi * 50) * 0.2, id="mains hum"),
        pytest.param(np.sin(CLOCK * 2 * math.pi * 440) * 0.3, id="a tone"),
        pytest.param((CLOCK % 0.25 < 0.001) * 0.8, id="typing"),
    ],
)
async def test_what_is_no_speech_has_no_words(whisper: Whisper, loudness: npt.NDArray[np.float64]) -> None:
    sound = (loudness.clip(-1, 1) * 32_767).astype("<i2").tobytes()

    assert await whisper.transcribe(Recording(wav(sound, RATE), "wav"), "en") == ""


async def test_speech_in_a_noisy_room_between_silences_is_understood(whisper: Whisper) -> None:
    speech = np.frombuffer(bytes(3 * 2 * RATE) + pcm("sunday.flac") + bytes(5 * 2 * RATE), np.int16)
    noisy = (speech + CHANCE.standard_normal(len(speech)) * 500).clip(-32_768, 32_767)

    heard = await whisper.transcribe(Recording(wav(noisy.astype("<i2").tobytes(), RATE), "wav"), "en")

    assert word_error_rate(SENTENCES["sunday.flac"], heard) <= 0.15


async def test_a_recording_longer_than_one_window_is_understood_to_its_end(whisper: Whisper) -> None:
    pause = bytes(RATE * 2)
    whole = pause.join(pcm(file) for file in SENTENCES) + pause
    assert len(whole) > 30 * 2 * RATE

    heard = await whisper.transcribe(Recording(wav(whole, RATE), "wav"), "en")

    assert word_error_rate(" ".join(SENTENCES.values()), heard) <= 0.15


async def test_too_long_a_recording_is_refused(whisper: Whisper) -> None:
    with pytest.raises(TooLong, match="60 seconds"):
        await whisper.transcribe(Recording(wav(bytes(62 * 2 * RATE), RATE), "wav"), None)


async def test_a_damaged_recording_is_the_clients_error(whisper: Whisper) -> None:
    with pytest.raises(BadAudio):
        await whisper.transcribe(Recording(b"OggS" + bytes(1_000), "ogg"), None)


async def test_a_language_that_the_model_does_not_know_is_warned_of_once(
    caplog: pytest.LogCaptureFixture, whisper: Whisper
) -> None:
    with caplog.at_level(logging.WARNING):
        assert await whisper.transcribe(SATURDAY, "en-GB")
        assert not caplog.records
        for _ in range(2):
            assert await whisper.transcribe(SATURDAY, "de-CH")

    assert [record.getMessage() for record in caplog.records] == [
        "tiny.en was not made for the language 'de'; stt.model takes another."
    ]


async def test_what_takes_too_long_is_given_up() -> None:
    engine = Whisper(Stt(timeout_seconds=0.01, parallel=1, waiting=1), max_seconds=60)
    await engine.load()
    with pytest.raises(ProviderTimeout):
        await engine.transcribe(SATURDAY, None)
    await engine.close()


def test_the_rest_of_a_recording_that_nobody_wants_any_more_is_not_worked_on() -> None:
    unwanted = Event()
    asked_for: list[str] = []

    def segments() -> Iterator[Any]:
        for text in (" One", " two", " three"):
            asked_for.append(text)
            yield SimpleNamespace(text=text, compression_ratio=1.0)
            unwanted.set()

    model = SimpleNamespace(transcribe=lambda samples, **options: (segments(), None))

    hear(model, SATURDAY, "en", 60, unwanted)

    assert asked_for == [" One", " two"]


def test_what_is_said_again_and_again_and_again_is_no_words() -> None:
    segments = [
        SimpleNamespace(text=" Beep beep beep beep", compression_ratio=29.3),
        SimpleNamespace(text=" Hello.", compression_ratio=0.6),
    ]
    model = SimpleNamespace(transcribe=lambda samples, **options: (iter(segments), None))

    assert hear(model, SATURDAY, "en", 60, Event()) == "Hello."


async def test_before_it_is_loaded_it_is_warming_up() -> None:
    engine = Whisper(Stt(), max_seconds=60)
    with pytest.raises(WarmingUp):
        await engine.transcribe(SATURDAY, None)
    await engine.close()


async def test_a_folder_may_hold_the_model_and_its_path_is_not_told() -> None:
    folder = TINY_WEIGHTS.checked().parent
    engine = Whisper(Stt(model=str(folder)), max_seconds=60)
    await engine.load()

    assert await engine.transcribe(SATURDAY, "en") == "When are you open on Saturday?"
    assert (engine.info.model, engine.info.paid, engine.info.place) == (folder.name, False, "this machine")
    await engine.close()


async def test_a_model_that_does_not_exist_is_a_wrong_setting(tmp_path: Any) -> None:
    for model in ("no such model", str(tmp_path)):
        engine = Whisper(Stt(model=model), max_seconds=60)
        with pytest.raises(ConfigError, match=r"stt\.model \(VOICECHAT_STT_MODEL\)"):
            await engine.load()
        await engine.close()


def test_the_bundled_model_is_told_by_name() -> None:
    assert Whisper(Stt(), max_seconds=60).info.model == "tiny.en"
