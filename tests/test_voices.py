"""Which voice speaks which language."""

from __future__ import annotations

import pytest

from voicechat.config import Tts
from voicechat.engines.voices import Voices

VOICES = Voices(Tts(voice="alloy", voices=("de=onyx", "de-AT=sage", "zh-Hant=coral", "fr=onyx")))


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("de", "onyx"),
        ("de-CH", "onyx"),
        ("de-at", "sage"),
        ("de-AT-1996", "sage"),
        ("zh-Hant-TW", "coral"),
        ("zh-Hant-x-formal", "coral"),
        ("zh-Hans", "alloy"),
        ("en", "alloy"),
        ("d", "alloy"),
        ("", "alloy"),
        (None, "alloy"),
    ],
)
def test_the_most_specific_tag_chooses_the_voice(language: str | None, voice: str) -> None:
    assert VOICES.of(language) == voice


def test_a_voice_of_two_languages_is_one_voice() -> None:
    assert VOICES.by_language() == ("onyx", "sage", "coral")
