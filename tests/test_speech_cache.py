"""A voice with a memory: what was said before is not made again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from voicechat.config import Tts
from voicechat.engines import Manner, Speech, TextToSpeech, TimedWord
from voicechat.engines.speech_cache import CachedVoice
from voicechat.engines.voices import Voices
from voicechat.errors import ProviderFailed

from .doubles import MS, Voice

ENGLISH = Manner("en")
VOICES = {voice: Voices(Tts(voice=voice, voices=("fr=onyx",))) for voice in ("alloy", "nova")}
WORDS = (TimedWord(0, 3, 0, 40), TimedWord(4, 7, 50, 90))


class Timed(Voice):
    """Tells words, and sound in two parts."""

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[Speech, None]:
        yield WORDS
        async with aclosing(super().speak(text, manner)) as parts:
            async for part in parts:
                yield part
        yield MS * 5


async def said(voice: TextToSpeech, text: str, manner: Manner = ENGLISH) -> list[Speech]:
    async with aclosing(voice.speak(text, manner)) as parts:
        return [part async for part in parts]


@pytest.fixture(params=["memory", "folder"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "speech" if request.param == "folder" else None


async def test_what_was_said_is_said_again_without_the_engine(folder: Path | None) -> None:
    engine = Timed()
    voice = CachedVoice(engine, VOICES["alloy"], "1 pcm", 1_000_000, folder)
    first = await said(voice, "Hello there.")
    assert await said(voice, "Hello there.") == first and first[0] == WORDS
    assert engine.texts == ["Hello there."]


async def test_the_folder_outlives_the_process(tmp_path: Path) -> None:
    first = await said(CachedVoice(Timed(), VOICES["alloy"], "1 pcm", 1_000_000, tmp_path), "Hello there.")
    engine = Timed()
    assert (
        await said(CachedVoice(engine, VOICES["alloy"], "1 pcm", 1_000_000, tmp_path), "Hello there.")
        == first
    )
    assert engine.texts == []


async def test_other_words_another_manner_and_other_settings_are_other_sounds(tmp_path: Path) -> None:
    engine = Voice()
    voice = CachedVoice(engine, VOICES["alloy"], "1 pcm", 1_000_000, tmp_path)
    await said(voice, "Hello.")
    await said(voice, "Hello!")
    await said(voice, "Hello.", Manner("fr"))
    await said(voice, "Hello.", Manner("en", 1.5))
    await said(CachedVoice(engine, VOICES["nova"], "1 pcm", 1_000_000, tmp_path), "Hello.")
    assert engine.texts == ["Hello.", "Hello!", "Hello.", "Hello.", "Hello."]


async def test_languages_that_one_voice_speaks_are_one_manner(folder: Path | None) -> None:
    engine = Voice()
    voice = CachedVoice(engine, VOICES["alloy"], "1 pcm", 1_000_000, folder)
    for language in ("en", "de", "de-AT", None, "fr", "fr-CA"):
        await said(voice, "Hello.", Manner(language))
    assert [manner.language for manner in engine.manners] == ["en", "fr"]


async def test_what_was_not_said_to_its_end_is_not_kept(folder: Path | None) -> None:
    engine = Timed()
    voice = CachedVoice(engine, VOICES["alloy"], "1 pcm", 1_000_000, folder)
    async with aclosing(voice.speak("Hello there.", Manner())) as parts:
        await anext(parts)
    await said(voice, "Hello there.", Manner())
    assert engine.texts == ["Hello there."]
    broken = Voice(error=(0, ProviderFailed("It failed.")))
    voice = CachedVoice(broken, VOICES["alloy"], "1 pcm", 1_000_000, folder)
    for _ in range(2):
        with pytest.raises(ProviderFailed):
            await said(voice, "Hello you.")
    assert broken.texts == ["Hello you."] * 2


async def test_the_oldest_goes_where_there_is_too_much(folder: Path | None) -> None:
    engine = Voice(ms_per_char=1)
    voice = CachedVoice(engine, VOICES["alloy"], "1 pcm", 30 * len(MS) + 200, folder)
    for letter in "abcddcba":
        await said(voice, letter * 10)
    assert [text[0] for text in engine.texts] == ["a", "b", "c", "d", "a"]


@pytest.mark.parametrize("is_closed_between", [False, True])
async def test_what_memory_answered_is_not_the_oldest_of_the_folder(
    tmp_path: Path, is_closed_between: bool
) -> None:
    def opened(engine: Voice) -> CachedVoice:
        return CachedVoice(engine, VOICES["alloy"], "1 pcm", 30 * len(MS) + 200, tmp_path)

    voice = opened(Voice(ms_per_char=1))
    for letter in "abca":
        await said(voice, letter * 10)
    if is_closed_between:
        await voice.close()
        voice = opened(Voice(ms_per_char=1))
    await said(voice, "d" * 10)
    engine = Voice(ms_per_char=1)
    voice = opened(engine)
    for letter in "acdb":
        await said(voice, letter * 10)
    assert [text[0] for text in engine.texts] == ["b"]


async def test_what_is_larger_than_all_of_it_is_said_and_not_kept() -> None:
    engine = Voice()
    voice = CachedVoice(engine, VOICES["alloy"], "1 pcm", 100)
    assert await said(voice, "Hello.") == await said(voice, "Hello.")
    assert len(engine.texts) == 2


async def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    engine = Timed()
    first = await said(CachedVoice(engine, VOICES["alloy"], "1 pcm", 1_000_000, tmp_path), "Hello there.")
    [file] = list(tmp_path.iterdir())  # noqa: ASYNC240  nothing else runs
    for damage in (b"", b"no json\n", file.read_bytes()[:-7], b"[7]\n", b'[[["a"]]]\n'):
        file.write_bytes(damage)
        assert (
            await said(CachedVoice(engine, VOICES["alloy"], "1 pcm", 1_000_000, tmp_path), "Hello there.")
            == first
        )
    assert len(engine.texts) == 6


async def test_a_folder_that_can_not_be_written_costs_no_word(tmp_path: Path) -> None:
    (tmp_path / "speech").write_text("no folder")
    voice = CachedVoice(Timed(), VOICES["alloy"], "1 pcm", 1_000_000, tmp_path / "speech")
    assert await said(voice, "Hello there.") == await said(voice, "Hello there.")
