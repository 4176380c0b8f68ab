"""What was pulled, cuts and all, hears and speaks; what was not is asked for by name."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest
from aiohttp import ClientSession

from voicechat.audio import SPEECH_RATE, Recording, wav
from voicechat.config import Stt, Tts
from voicechat.engines import Manner, sound_of
from voicechat.engines.piper import Piper
from voicechat.engines.whisper import Whisper
from voicechat.errors import ConfigError
from voicechat.models import JOE_WEIGHTS, TINY_WEIGHTS

from . import offline
from .hub import Behaviour, folder_of, hub
from .processes import serving, voicechat
from .speech import HERE as SPEECH
from .speech import word_error_rate
from .test_doctor import report

EARS, VOICE = "base.en", "de_DE-thorsten-medium"
NAMED = {"VOICECHAT_STT_MODEL": EARS, "VOICECHAT_TTS_MODEL": VOICE}
ENDS = (".onnx", ".onnx.json")
EMBEDDED = {"VOICECHAT_STT_ENGINE": "", "VOICECHAT_TTS_ENGINE": ""}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    A folder into which the command pulled the bundled models' files under other names, from a place whose
    connections broke off three times.
    """
    folder = tmp_path_factory.mktemp("pulled")

    async def fill() -> None:
        weights, voice = TINY_WEIGHTS.checked().parent, JOE_WEIGHTS.checked()
        async with hub() as stand_in:
            stand_in.add_ears("Systran/faster-whisper-base.en", folder_of(weights))
            files = folder_of(voice.parent)
            stand_in.add_voice(VOICE, {end: files[voice.name + end.removeprefix(".onnx")] for end in ENDS})
            stand_in.behaviours.extend(
                [
                    Behaviour(of="model.bin", cut_after=20_000_000),
                    Behaviour(of="model.bin", cut_after=30_000_000),
                    Behaviour(of=".onnx", cut_after=40_000_000),
                ]
            )
            process = await voicechat(
                *("models", "pull", EARS, VOICE, "--url", stand_in.url),
                folder=folder,
                VOICECHAT_MODELS=str(folder),
            )
            async with asyncio.timeout(120):
                out, _ = await process.communicate()
            print(out.decode())
            assert process.returncode == 0, out.decode()
            ranges = [int(value[6:-1]) for value in stand_in.ranges if value]
            assert len(ranges) == 3 and min(ranges) > 10_000_000, ranges

    asyncio.run(fill())
    return folder


async def test_the_pulled_ears_understand_the_pulled_voice(models: Path) -> None:
    voice, ears = Piper(Tts(model=VOICE), models), Whisper(Stt(model=EARS), 60, models)
    await asyncio.gather(voice.load(), ears.load())
    text = "On Sunday we are open from ten in the morning."
    sound = await sound_of(voice, text, Manner("en"))
    heard = await ears.transcribe(Recording(wav(sound, SPEECH_RATE), "wav"), "en")
    print(heard)
    assert word_error_rate(text.replace("ten", "10"), heard) <= 0.2
    bilingual = Piper(Tts(voices=(f"de={VOICE}",)), models)
    await bilingual.load()
    assert len(await sound_of(bilingual, "Hello.", Manner("de-AT"))) > SPEECH_RATE / 2
    await bilingual.close()
    assert (voice.info.model, ears.info.model) == (VOICE, EARS)
    await asyncio.gather(voice.close(), ears.close())


@pytest.mark.skipif(not offline.can_be_offline(), reason="Only Linux takes the network from a process.")
async def test_a_server_without_a_network_hears_and_speaks_with_what_was_pulled(
    models: Path, tmp_path: Path
) -> None:
    recording = base64.b64encode((SPEECH / "sunday.flac").read_bytes()).decode()
    settings = {**EMBEDDED, **NAMED, "VOICECHAT_KNOWLEDGE_ON": "true", "VOICECHAT_MODELS": str(models)}
    async with serving(tmp_path, is_offline=True, **settings) as (banner, url), ClientSession() as http:
        async with http.post(f"{url}/api/message", json={"id": "me", "audio": recording}) as response:
            reply = await response.json()
    assert f"whisper ({EARS})" in banner and f"piper ({VOICE})" in banner
    assert "Sunday" in reply["answer"] and reply["audio"], reply


async def test_the_doctor_examines_what_was_pulled(models: Path, tmp_path: Path) -> None:
    content = await report(tmp_path, VOICECHAT_MODELS=str(models), **EMBEDDED, **NAMED)
    found = [finding["text"] for finding in content["findings"] if finding["topic"] == "models"]
    assert any(f"piper ({VOICE}) is whole" in text for text in found), found
    assert any(f"whisper ({EARS}) is whole" in text for text in found), found


def missing(job: str, name: str) -> str:
    return rf"VOICECHAT_{job}_MODEL.*not on this machine\. To mend it: voicechat models pull {name}$"


@pytest.mark.parametrize("name", ["small", "turbo", "nobody/nothing"])
async def test_ears_that_were_not_pulled_are_asked_for_by_the_line_that_pulls_them(
    tmp_path: Path, name: str
) -> None:
    engine = Whisper(Stt(model=name), 60, tmp_path)
    with pytest.raises(ConfigError, match=missing("STT", name)):
        await engine.load()
    await engine.close()


async def test_a_voice_that_was_not_pulled_is_asked_for_by_the_line_that_pulls_it(tmp_path: Path) -> None:
    engine = Piper(Tts(model=VOICE), tmp_path)
    with pytest.raises(ConfigError, match=missing("TTS", VOICE)):
        await engine.load()
    await engine.close()


async def test_a_voice_that_was_not_pulled_for_a_language_is_asked_for_too(models: Path) -> None:
    other = VOICE.replace("thorsten", "eva")
    engine = Piper(Tts(voices=(f"de={other}",)), models)
    with pytest.raises(ConfigError, match=missing("TTS", other).replace("MODEL", "VOICES")):
        await engine.load()
    await engine.close()


@pytest.mark.parametrize(("name", "words"), [("smal", "Is small meant?"), ("no such model", "no model of")])
async def test_a_name_that_no_model_has_is_not_one_to_pull(tmp_path: Path, name: str, words: str) -> None:
    engine = Whisper(Stt(model=name), 60, tmp_path)
    with pytest.raises(ConfigError) as refused:
        await engine.load()
    assert words in str(refused.value) and "models pull" not in str(refused.value)
    await engine.close()


async def test_a_voice_of_the_wheel_has_a_name_too(models: Path) -> None:
    engine = Piper(Tts(model="en_US-joe-medium"), models)
    await engine.load()
    assert len(await sound_of(engine, "Hello.", Manner())) > SPEECH_RATE / 2
    await engine.close()


async def test_a_server_fetches_no_model_and_logs_the_line_that_does(tmp_path: Path) -> None:
    async with hub() as stand_in:
        stand_in.add_ears("Systran/faster-whisper-small", {"config.json": b"{}", "model.bin": b"m"})
        settings = {"VOICECHAT_MODELS": str(tmp_path), "VOICECHAT_MODELS_URL": stand_in.url}
        settings |= {"VOICECHAT_STT_ENGINE": "", "VOICECHAT_STT_MODEL": "small", "HF_ENDPOINT": stand_in.url}
        async with serving(tmp_path, **settings) as (_, url), ClientSession() as http:
            recording = base64.b64encode(wav(bytes(32_000), 16_000)).decode()
            async with http.post(f"{url}/api/message", json={"id": "me", "audio": recording}) as response:
                assert response.status == 503
    assert "To mend it: voicechat models pull small" in (tmp_path / "log").read_text()
    assert stand_in.asked == []


async def test_the_doctor_names_the_line_that_pulls(tmp_path: Path) -> None:
    content = await report(
        tmp_path,
        VOICECHAT_STT_ENGINE="",
        VOICECHAT_STT_MODEL="small",
        VOICECHAT_TTS_ENGINE="none",
        VOICECHAT_MODELS=str(tmp_path),
    )
    [finding] = [f for f in content["findings"] if f["topic"] == "models" and f["mark"] == "problem"]
    assert "'small' is not on this machine" in finding["text"]
    assert finding["mend"] == "voicechat models pull small"
