"""The hearing and the speaking engine behind an OpenAI-compatible API."""

from __future__ import annotations

import asyncio
import logging
import math
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from pydantic import SecretStr

from voicechat.audio import SPEECH_RATE, Recording, mp3, wav
from voicechat.config import Stt, Tts
from voicechat.engines import Manner
from voicechat.engines.openai import Http, OpenAiStt, OpenAiTts, Pauses
from voicechat.engines.openai.stt import iso_639_1
from voicechat.engines.openai.tts import split
from voicechat.errors import (
    BadAudio,
    ProviderError,
    ProviderFailed,
    ProviderLacks,
    ProviderTimeout,
    TooLarge,
    TooLong,
)

from .scripted_openai import (
    LACKING,
    Cut,
    Gate,
    Pause,
    ScriptedOpenAi,
    Stall,
    Step,
    Stream,
    page,
    plain,
    refusal,
    scripted_openai,
    speech,
    tone,
)
from .speech.encoding import recorded_by_chromium

TEXT = "We are open."
PCM = tone(TEXT)


@pytest.fixture
async def provider() -> AsyncIterator[ScriptedOpenAi]:
    async with scripted_openai() as running:
        yield running


async def at_once(_: float) -> None:
    """No pause between two tries."""


class Jobs:
    """Makes both engines, and closes them at the end."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = Http()
        self._made: list[OpenAiStt | OpenAiTts] = []
        self._pauses = Pauses(at_once)

    def stt(self, max_seconds: float = 120, **settings: Any) -> OpenAiStt:
        engine = OpenAiStt(Stt(**{"base_url": self._url, **settings}), self._http, max_seconds, self._pauses)
        self._made.append(engine)
        return engine

    def tts(self, **settings: Any) -> OpenAiTts:
        engine = OpenAiTts(Tts(**{"base_url": self._url, **settings}), self._http, self._pauses)
        self._made.append(engine)
        return engine

    async def close(self) -> None:
        for engine in self._made:
            await engine.close()


@pytest.fixture
async def jobs(provider: ScriptedOpenAi) -> AsyncIterator[Jobs]:
    jobs = Jobs(provider.url)
    yield jobs
    await jobs.close()


def recording(seconds: float = 0.5) -> Recording:
    count = int(16_000 * seconds)
    return Recording(wav(b"".join(struct.pack("<h", i % 2_000) for i in range(count)), 16_000), "wav")


async def spoken(stream: AsyncGenerator[bytes, None]) -> bytes:
    async with aclosing(stream):
        return b"".join([piece async for piece in stream])


def loudest_hz(pcm: bytes, candidates: range = range(100, 1_000, 20)) -> int:
    """The candidate that the sound has most of."""
    samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)[:4_800]

    def strength(hz: int) -> float:
        turn = 2 * math.pi * hz / SPEECH_RATE
        across = sum(sample * math.cos(turn * i) for i, sample in enumerate(samples))
        along = sum(sample * math.sin(turn * i) for i, sample in enumerate(samples))
        return math.hypot(across, along)

    return max(candidates, key=strength)


# ── Hearing ───────────────────────────────────────────────────────────────────────────────────


async def test_a_recording_reaches_the_provider_byte_for_byte(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    heard = await jobs.stt(key=SecretStr("sk-1")).transcribe(recording(), "de-AT")

    assert heard == "when are you open"
    request = await provider.request(0)
    assert request.recording == recording().data
    assert request.fields == {"model": "whisper-1", "response_format": "json", "language": "de"}
    assert (request.file_name, request.media_type) == ("speech.wav", "audio/wav")
    assert request.headers["Authorization"] == "Bearer sk-1"


async def test_a_container_keeps_its_name(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    sound = Recording(mp3(PCM), "mp3")
    await jobs.stt().transcribe(sound, None)

    request = await provider.request(0)
    assert request.recording == sound.data
    assert (request.file_name, request.media_type) == ("speech.mp3", "audio/mpeg")
    assert "language" not in request.fields


async def test_a_recording_of_megabytes_passes(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    long = Recording(wav(bytes(16_000 * 2 * 60), 16_000), "wav")
    await jobs.stt().transcribe(long, None)
    assert (await provider.request(0)).recording == long.data


async def test_what_a_browser_recorded_reaches_the_provider_byte_for_byte(
    provider: ScriptedOpenAi, jobs: Jobs
) -> None:
    sound = recorded_by_chromium(PCM, SPEECH_RATE)
    await jobs.stt().transcribe(sound, None)

    request = await provider.request(0)
    assert (request.recording, request.media_type) == (sound.data, "audio/webm")


@pytest.mark.parametrize("long", [recording(2), recorded_by_chromium(bytes(96_000), SPEECH_RATE)])
async def test_a_recording_that_is_too_long_is_not_sent(
    provider: ScriptedOpenAi, jobs: Jobs, long: Recording
) -> None:
    with pytest.raises(TooLong):
        await jobs.stt(max_seconds=1).transcribe(long, None)
    assert provider.requests == []


async def test_what_is_no_sound_is_not_sent(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    with pytest.raises(BadAudio):
        await jobs.stt().transcribe(Recording(b"RIFF....WAVE" + bytes(100), "wav"), None)
    assert provider.requests == []


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("de-AT", "de"),
        ("zh-Hant-TW", "zh"),
        ("EN_us", "en"),
        ("yue", None),
        ("x-", None),
        ("日本", None),
        ("", None),
        (None, None),
    ],
)
def test_the_language_is_sent_as_its_two_letters_or_not_at_all(tag: str | None, code: str | None) -> None:
    assert iso_639_1(tag) == code


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (refusal(400, message="Invalid file format. Supported formats: ['flac', 'wav']"), BadAudio),
        (refusal(400, "invalid_value", "It might be corrupted", param="file"), BadAudio),
        (plain({"detail": "audio file could not be decoded"}, 422), BadAudio),
        (refusal(415), BadAudio),
        (refusal(413), TooLarge),
        (refusal(400, message="invalid language", param="language"), ProviderFailed),
        (refusal(400, message="/audio/transcriptions: Invalid model name passed in model=w"), ProviderFailed),
        (refusal(401), ProviderFailed),
        (LACKING, ProviderLacks),
        (refusal(404, message="Invalid URL (POST /v1/audio/transcriptions)"), ProviderLacks),
        (plain({"detail": "Not Found"}, 404), ProviderLacks),
        (plain({"detail": "Method Not Allowed"}, 405), ProviderLacks),
        (refusal(501), ProviderLacks),
        (plain({"error": "Unexpected endpoint or method. (POST /v1/audio/transcriptions)"}), ProviderLacks),
        (refusal(404, "model_not_found", "The model `w` does not exist"), ProviderFailed),
        (plain({"error": {"code": "DeploymentNotFound", "message": "no"}}, 404), ProviderFailed),
        (plain({"detail": "Model 'w' is not installed locally."}, 404), ProviderFailed),
        (page(), ProviderFailed),
        (plain({"no": "text"}), ProviderFailed),
        (plain(["text"]), ProviderFailed),
        (Stream([b'{"text": "cut o', Cut()], 200, {"Content-Type": "application/json"}), ProviderFailed),
        (Stream([b" " * 2_000_000], 200, {"Content-Type": "application/json"}), ProviderFailed),
    ],
)
async def test_what_a_provider_says_of_a_recording_is_told_apart(
    provider: ScriptedOpenAi, jobs: Jobs, trouble: Stream, kind: type[Exception]
) -> None:
    provider.always("stt", trouble)
    with pytest.raises(kind) as failure:
        await jobs.stt().transcribe(recording(), None)
    assert type(failure.value) is kind


async def test_a_recording_too_short_to_hold_a_word_holds_none(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    provider.next("stt", refusal(400, "audio_too_short", "Audio file is too short.", param="file"))
    assert await jobs.stt().transcribe(recording(0.05), None) == ""


async def test_a_transcript_is_stripped(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    provider.next("stt", plain({"text": " hello \n"}))
    assert await jobs.stt().transcribe(recording(), None) == "hello"


async def test_the_whole_recording_is_sent_again_after_trouble(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    provider.next("stt", refusal(503), Stream([Cut()]))
    await jobs.stt().transcribe(recording(), None)
    assert [request.recording for request in provider.requests] == [recording().data] * 3


async def test_hearing_has_its_time(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    provider.next("stt", Stream([b'{"text":', Stall()], 200, {"Content-Type": "application/json"}))
    with pytest.raises(ProviderTimeout):
        await jobs.stt(timeout_seconds=0.3).transcribe(recording(), None)
    await asyncio.wait_for((await provider.request(0)).cut.wait(), 5)


async def test_cancelled_hearing_closes_the_request_upstream(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    gate = Gate()
    provider.next("stt", Stream([gate]))
    task = asyncio.create_task(jobs.stt().transcribe(recording(), None))
    await gate.reached.wait()

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for((await provider.request(0)).cut.wait(), 5)


# ── Speaking ──────────────────────────────────────────────────────────────────────────────────


async def test_pcm_passes_through(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    assert await spoken(jobs.tts().speak(TEXT, Manner("en"))) == PCM
    assert (await provider.request(0)).json == {
        "model": "tts-1",
        "input": TEXT,
        "voice": "alloy",
        "response_format": "pcm",
    }


async def test_settings_of_speech_are_sent(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    await spoken(jobs.tts(voice="nova", speed=1.5, format="mp3", model="kokoro").speak(TEXT, Manner()))
    request = (await provider.request(0)).json
    assert (request["voice"], request["speed"]) == ("nova", 1.5)
    assert (request["response_format"], request["model"]) == ("mp3", "kokoro")


async def test_the_language_chooses_the_voice(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    tts = jobs.tts(voice="nova", voices=("de=onyx", "pt-BR=coral"))
    for number, (language, voice) in enumerate([("de-AT", "onyx"), ("pt-BR", "coral"), ("pt", "nova")]):
        await spoken(tts.speak(TEXT, Manner(language)))
        assert (await provider.request(number)).json["voice"] == voice


async def test_the_wanted_speed_is_sent_within_what_the_api_takes(
    provider: ScriptedOpenAi, jobs: Jobs
) -> None:
    for number, (configured, wanted, sent) in enumerate([(1, 1.5, 1.5), (1.5, 4, 4), (0.5, 0.25, 0.25)]):
        await spoken(jobs.tts(speed=configured).speak(TEXT, Manner(speed=wanted)))
        assert (await provider.request(number)).json["speed"] == sent
    await spoken(jobs.tts(speed=2).speak(TEXT, Manner(speed=0.5)))
    assert "speed" not in (await provider.request(3)).json


@pytest.mark.parametrize(
    "no",
    [
        refusal(400, param="speed", message="Unsupported value."),
        plain({"detail": [{"loc": ["body", "speed"], "msg": "extra fields not permitted"}]}, 422),
    ],
)
async def test_a_server_that_takes_no_speed_speaks_at_its_own_and_is_asked_for_it_once(
    provider: ScriptedOpenAi, jobs: Jobs, no: Stream
) -> None:
    tts = jobs.tts()
    provider.next("tts", no)
    for _ in range(2):
        assert await spoken(tts.speak(TEXT, Manner(speed=2))) == PCM
    await spoken(tts.speak(TEXT, Manner(speed=1.5)))
    assert [request.json.get("speed") for request in provider.of("tts")] == [2, None, None, 1.5]


async def test_a_refusal_of_something_else_is_no_reason_to_leave_the_speed_out(
    provider: ScriptedOpenAi, jobs: Jobs
) -> None:
    provider.next("tts", refusal(400, param="voice", message="No such voice."))
    with pytest.raises(ProviderFailed):
        await spoken(jobs.tts().speak(TEXT, Manner(speed=2)))
    assert len(provider.of("tts")) == 1


async def test_sound_is_there_before_the_rest_of_it_is_sent(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    gate = Gate()
    provider.next("tts", Stream([PCM[:1_001], gate, PCM[1_001:]], 200, {"Content-Type": "audio/pcm"}))

    async with aclosing(jobs.tts().speak(TEXT, Manner())) as stream:
        first = await anext(stream)
        assert first == PCM[:1_000], "whole samples, however the network cut them"
        gate.open()
        assert first + b"".join([piece async for piece in stream]) == PCM


@pytest.mark.parametrize("cut", [1, 2, 3, 11, 12, 13])
async def test_pieces_are_whole_samples_wherever_the_network_cuts(
    provider: ScriptedOpenAi, jobs: Jobs, cut: int
) -> None:
    gate = Gate()
    steps: list[Step] = [PCM[:cut], gate, PCM[cut:-1], PCM[-1:]]
    provider.next("tts", Stream(steps, 200, {"Content-Type": "audio/pcm"}))
    gate.open()
    async with aclosing(jobs.tts().speak(TEXT, Manner())) as stream:
        pieces = [piece async for piece in stream]
    assert all(piece and len(piece) % 2 == 0 for piece in pieces)
    assert b"".join(pieces) == PCM


@pytest.mark.parametrize("form", ["wav", "mp3"])
async def test_files_are_decoded(jobs: Jobs, form: str) -> None:
    pcm = await spoken(jobs.tts(format=form).speak(TEXT, Manner()))
    assert abs(len(pcm) - len(PCM)) < 0.06 * SPEECH_RATE * 2
    assert loudest_hz(pcm) == 440


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("wav", None), ("wav", "audio/pcm"), ("mp3", None), ("mp3", "application/octet-stream")],
)
async def test_a_server_that_sends_a_file_where_pcm_was_asked_for_is_understood(
    provider: ScriptedOpenAi, jobs: Jobs, form: str, media_type: str | None
) -> None:
    answer = speech(PCM, form, media_type)
    if media_type and form == "mp3":  # with a tag the bytes tell; without, only the media type does
        tag = b"ID3\x04\x00\x00\x00\x00\x00\x00"
        answer = Stream([tag, *answer.steps], 200, answer.headers)
    provider.next("tts", answer)
    pcm = await spoken(jobs.tts(format="pcm").speak(TEXT, Manner()))
    assert abs(len(pcm) - len(PCM)) < 0.06 * SPEECH_RATE * 2
    assert loudest_hz(pcm) == 440


async def test_pcm_that_begins_like_an_mp3_frame_is_pcm(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    quiet = b"\xff\xfb\x90\x00" + PCM
    provider.next("tts", speech(quiet, "pcm"), speech(quiet, "pcm", "application/octet-stream"))
    for _ in range(2):
        assert await spoken(jobs.tts().speak(TEXT, Manner())) == quiet


@pytest.mark.parametrize(
    ("trouble", "kind", "asked"),
    [
        (LACKING, ProviderLacks, "pcm"),
        (plain({"error": "Unexpected endpoint or method. (POST /v1/audio/speech)"}), ProviderLacks, "pcm"),
        (refusal(404, "model_not_found", "The model `tts-1` does not exist"), ProviderFailed, "pcm"),
        (refusal(400, message="unknown voice"), ProviderFailed, "pcm"),
        (page(), ProviderFailed, "pcm"),
        (plain({"audio": "none"}), ProviderFailed, "pcm"),
        (Stream([], 200, {"Content-Type": "audio/pcm"}), ProviderFailed, "pcm"),
        (Stream([b"x"], 200, {"Content-Type": "audio/pcm"}), ProviderFailed, "pcm"),
        (Stream([b"ID3\x04" + b"garbage" * 99], 200, {"Content-Type": "audio/mpeg"}), ProviderFailed, "mp3"),
        (
            Stream([b"RIFF\xff\xff\xff\xffWAVE" + bytes(99)], 200, {"Content-Type": "audio/wav"}),
            ProviderFailed,
            "wav",
        ),
        (Stream([b"garbage" * 99], 200, {"Content-Type": "audio/mpeg"}), ProviderFailed, "mp3"),
    ],
)
async def test_what_is_no_speech_is_a_failure_of_the_provider(
    provider: ScriptedOpenAi, jobs: Jobs, trouble: Stream, kind: type[ProviderError], asked: str
) -> None:
    provider.always("tts", trouble)
    with pytest.raises(kind) as failure:
        await spoken(jobs.tts(format=asked).speak(TEXT, Manner()))
    assert type(failure.value) is kind


async def test_speech_that_breaks_off_fails_and_what_came_before_stays(
    provider: ScriptedOpenAi, jobs: Jobs
) -> None:
    provider.next("tts", Stream([PCM[:4_000], Cut()], 200, {"Content-Type": "audio/pcm"}))
    got = b""
    with pytest.raises(ProviderFailed):
        async with aclosing(jobs.tts().speak(TEXT, Manner())) as stream:
            async for piece in stream:
                got += piece
    assert got == PCM[:4_000]
    assert len(provider.requests) == 1


async def test_speech_is_tried_again_while_nothing_was_heard(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    provider.next("tts", refusal(500), Stream([Cut()]))
    assert await spoken(jobs.tts().speak(TEXT, Manner())) == PCM


async def test_speaking_has_its_time(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    provider.next("tts", Stream([PCM[:2_000], Stall()], 200, {"Content-Type": "audio/pcm"}))
    with pytest.raises(ProviderTimeout):
        await spoken(jobs.tts(timeout_seconds=0.3).speak(TEXT, Manner()))
    await asyncio.wait_for((await provider.request(0)).cut.wait(), 5)


async def test_waiting_for_speech_adds_up(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    steps: list[Step] = [step for _ in range(20) for step in (PCM[:100], Pause(0.03))]
    provider.next("tts", Stream(steps, 200, {"Content-Type": "audio/pcm"}))
    with pytest.raises(ProviderTimeout):
        await spoken(jobs.tts(timeout_seconds=0.3).speak(TEXT, Manner()))


async def test_a_listener_that_takes_its_time_costs_the_provider_none(
    provider: ScriptedOpenAi, jobs: Jobs
) -> None:
    gate = Gate()
    provider.next("tts", Stream([PCM[:100], gate, PCM[100:]], 200, {"Content-Type": "audio/pcm"}))
    async with aclosing(jobs.tts(timeout_seconds=0.3).speak(TEXT, Manner())) as stream:
        first = await anext(stream)
        waited = asyncio.Event()
        asyncio.get_running_loop().call_later(0.45, waited.set)
        await waited.wait()
        gate.open()
        assert first + b"".join([piece async for piece in stream]) == PCM


async def test_closed_speech_closes_the_request_upstream(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    provider.next("tts", Stream([PCM[:2_000], Stall()], 200, {"Content-Type": "audio/pcm"}))
    stream = jobs.tts().speak(TEXT, Manner())
    await anext(stream)
    await stream.aclose()
    await asyncio.wait_for((await provider.request(0)).cut.wait(), 5)


async def test_a_text_over_the_providers_limit_is_spoken_in_parts(
    provider: ScriptedOpenAi, jobs: Jobs
) -> None:
    provider.always("tts", speech(b"ab" * 10, "pcm"))
    text = "A sentence of some length. " * 200
    assert await spoken(jobs.tts().speak(text, Manner())) == b"ab" * 20
    inputs = [request.json["input"] for request in provider.requests]
    assert all(len(part) <= 4_096 and part.endswith(".") for part in inputs)
    assert " ".join(inputs) == text.strip()


async def test_no_text_is_no_request(provider: ScriptedOpenAi, jobs: Jobs) -> None:
    assert await spoken(jobs.tts().speak("  \n", Manner())) == b""
    assert provider.requests == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("short", ["short"]),
        ("One. Two. Three", ["One. Two.", "Three"]),
        ("aaaa bbbb cccc", ["aaaa bbbb", "cccc"]),
        ("aaaaaaaaaabbb", ["aaaaaaaaaa", "bbb"]),
        ("aaaaaaaaaa bbb", ["aaaaaaaaaa", "bbb"]),
        ("Why? Because!", ["Why?", "Because!"]),
        ("äöü🙂äöü🙂äöü🙂", ["äöü🙂äöü🙂äö", "ü🙂"]),
    ],
)
def test_a_long_text_is_cut_behind_a_sentence_else_at_a_space_else_anywhere(
    text: str, parts: list[str]
) -> None:
    assert list(split(text, max_chars=10)) == parts


async def test_only_the_operator_is_told_that_a_service_is_lacking_in_detail(
    provider: ScriptedOpenAi, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    provider.lack_audio()
    with pytest.raises(ProviderLacks) as failure:
        await spoken(jobs.tts().speak(TEXT, Manner()))
    assert "404 page not found" not in str(failure.value)
    assert any("404 page not found" in r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING)
