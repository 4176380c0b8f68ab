"""The tests' own measures: how speech is laid out for a fake microphone, and how errors are counted."""

from __future__ import annotations

import io
import wave

import pytest

from .speech import HERE, RATE, SENTENCES, pcm, wav_48k, word_error_rate


def test_every_sentence_has_its_file() -> None:
    assert {file.name for file in HERE.glob("*.flac")} == SENTENCES.keys()
    assert len(SENTENCES) == 10


def test_the_fake_microphones_file_has_silence_around_the_speech() -> None:
    with wave.open(io.BytesIO(wav_48k("pay.flac", lead_seconds=0.5, tail_seconds=1.0))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 48_000)
        sound = file.readframes(file.getnframes())

    assert len(sound) / 2 / 48_000 == pytest.approx(len(pcm("pay.flac")) / 2 / RATE + 1.5, abs=0.001)
    assert not any(sound[:48_000]) and not any(sound[-96_000:])
    assert any(sound[48_000:-96_000])


@pytest.mark.parametrize(
    ("expected", "heard", "rate"),
    [
        ("When are you open?", "when are you open", 0),
        ("When are you open?", "When you open", 0.25),
        ("When are you open?", "When are you you open", 0.25),
        ("When are you open?", "When were you open", 0.25),
        ("When are you open?", "", 1),
        ("Open?", "We are open today", 3),
        ("I don’t know", "I don't know", 0),
    ],
)
def test_words_left_out_put_in_and_mistaken_are_counted(expected: str, heard: str, rate: float) -> None:
    assert word_error_rate(expected, heard) == rate
