"""Real speech for the tests, and how well it was heard."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import soundfile

from voicechat.audio import Resampler, wav

HERE = Path(__file__).parent

RATE = 16_000
"""Samples a second of the recordings here."""

SENTENCES: dict[str, str] = json.loads((HERE / "sentences.json").read_text("utf-8"))
"""The words that each file says."""


def pcm(file: str) -> bytes:
    """Return *file*, a key of `SENTENCES`, as 16 bit mono samples of `RATE`."""
    samples, _ = soundfile.read(HERE / file, dtype="int16")
    return bytes(samples.tobytes())


def wav_48k(file: str, lead_seconds: float = 0.5, tail_seconds: float = 1.0) -> bytes:
    """Return *file* with silence around it, as Chromium's fake microphone wants it: WAV, 48 kHz, mono."""
    resampler = Resampler(RATE, 48_000)
    speech = resampler.push(pcm(file)) + resampler.flush()
    lead, tail = (bytes(2 * round(48_000 * seconds)) for seconds in (lead_seconds, tail_seconds))
    return wav(lead + speech + tail, 48_000)


def word_errors(expected: str, heard: str) -> tuple[int, int]:
    """Return how many words were left out, put in or mistaken, and how many there should have been."""
    wanted, found = _words(expected), _words(heard)
    distances = np.arange(len(found) + 1)  # Levenshtein, a row for each word that is wanted
    for row, word in enumerate(wanted, 1):
        last, distances = distances, np.full(len(found) + 1, row)
        for column, other in enumerate(found, 1):
            distances[column] = min(
                last[column] + 1, distances[column - 1] + 1, last[column - 1] + (word != other)
            )
    return int(distances[-1]), len(wanted)


def word_error_rate(expected: str, heard: str) -> float:
    """Return the errors per word of *expected*; over 1 where much was put in. Case and marks don't count."""
    errors, words = word_errors(expected, heard)
    return errors / words


def _words(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower().replace("’", "'"))
