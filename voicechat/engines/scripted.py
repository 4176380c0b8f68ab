"""
Engines that do no work but take their time over it: for comparing and measuring all that is around them.

They say the same words each time, after delays that `model` sets, as in
`VOICECHAT_CHAT_MODEL="first_ms=400 gap_ms=20 tokens=40"`; what it does not name keeps its default.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import cycle, islice
from typing import TypeVar

import numpy as np

from ..audio import SPEECH_BYTES_PER_MS, SPEECH_RATE, Recording, duration_seconds
from ..dialogue import Prompt
from ..errors import ConfigError
from .interface import EngineInfo, Job, Manner

HEARD = "When are you open?"

ANSWER = (
    "We open at nine and close at six, from Monday to Saturday. "
    "On Sunday the shop is closed. "
    "Write to us at any time, and we answer on the next day. "
)

MS_PER_CHAR = 60
"""How long a character sounds: some fifteen a second, as people speak."""

CHUNK_MS = 200
"""Of speech, in one piece."""

LOUDNESS = 0.1
"""Of full scale: a tone that nobody minds."""


@dataclass(frozen=True, slots=True)
class Hearing:
    fixed_ms: float = 300
    """For any recording."""
    per_second_ms: float = 0
    """For each second of the recording on top."""


@dataclass(frozen=True, slots=True)
class Thinking:
    first_ms: float = 400
    """Until the first token."""
    gap_ms: float = 20
    """From one token to the next."""
    tokens: float = 40


@dataclass(frozen=True, slots=True)
class Speaking:
    first_ms: float = 200
    """Until the first sound of a sentence."""
    factor: float = 0.1
    """Seconds that a second of sound takes to be made."""
    tone_hz: float = 220
    """What is heard; 0: silence."""


Delays = TypeVar("Delays", Hearing, Thinking, Speaking)


def read_delays(model: str | None, defaults: Delays, job: Job) -> Delays:
    """
    Return *defaults* with what *model* says, such as `first_ms=400 gap_ms=20`.

    Raises:
        ConfigError: If it says anything else; the text names the setting and what is wanted.
    """
    values = {field.name: getattr(defaults, field.name) for field in fields(defaults)}
    for word in (model or "").replace(",", " ").split():
        name, _, number = word.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if name not in values or not 0 <= value < math.inf:
            wanted = " ".join(f"{field}={default:g}" for field, default in values.items())
            setting = f"{job}.model (VOICECHAT_{job.upper()}_MODEL)"
            raise ConfigError(f"{setting}: {word!r} is no delay; wanted are some of {wanted}.")
        values[name] = value
    return type(defaults)(**values)


class _Scripted:
    """What the three have in common."""

    _job: Job

    def __init__(self, delays: Hearing | Thinking | Speaking) -> None:
        self._model = " ".join(f"{field.name}={getattr(delays, field.name):g}" for field in fields(delays))

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(self._job, "scripted", self._model, paid=False, place="this machine")

    async def load(self) -> None:
        pass

    async def close(self) -> None:
        pass


class ScriptedStt(_Scripted):
    """Hears `HEARD` in every recording that can be decoded. Longer ones than *max_seconds* are refused."""

    _job: Job = "stt"

    def __init__(self, model: str | None, max_seconds: float) -> None:
        self._delays = read_delays(model, Hearing(), self._job)
        self._max_seconds = max_seconds
        super().__init__(self._delays)

    async def transcribe(self, recording: Recording, language: str | None) -> str:
        started = time.monotonic()
        # Decoding is part of the delay, so that a long recording does not take more than was said.
        seconds = await asyncio.to_thread(duration_seconds, recording, max_seconds=self._max_seconds)
        await _until(started, self._delays.fixed_ms + self._delays.per_second_ms * seconds)
        return HEARD


class ScriptedChat(_Scripted):
    """Says the words of `ANSWER`, from the start again where there are not enough."""

    _job: Job = "chat"

    def __init__(self, model: str | None) -> None:
        self._delays = read_delays(model, Thinking(), self._job)
        super().__init__(self._delays)

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        started = time.monotonic()
        tokens = islice(cycle(f"{word} " for word in ANSWER.split()), max(1, round(self._delays.tokens)))
        for number, token in enumerate(tokens):
            # From the start and not from the token before: a late one does not delay all that follow.
            await _until(started, self._delays.first_ms + number * self._delays.gap_ms)
            yield token


class ScriptedTts(_Scripted):
    """Speaks a tone as long as the words would sound."""

    _job: Job = "tts"

    def __init__(self, model: str | None) -> None:
        self._delays = read_delays(model, Speaking(), self._job)
        super().__init__(self._delays)

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[bytes, None]:
        if not any(character.isalnum() for character in text):
            return
        started = time.monotonic()
        made_ms = 0
        for pcm in _tone(round(len(text) * MS_PER_CHAR / manner.speed_of(1)), self._delays.tone_hz):
            await _until(started, self._delays.first_ms + made_ms * self._delays.factor)
            made_ms += len(pcm) // SPEECH_BYTES_PER_MS
            yield pcm


@lru_cache(maxsize=16)  # this work is not to be measured
def _tone(ms: int, hz: float) -> tuple[bytes, ...]:
    """Return *ms* of a tone as PCM of `SPEECH_RATE`, in pieces; it swells and fades: a sudden one clicks."""
    samples = np.arange(ms * SPEECH_RATE // 1000)
    loudness = LOUDNESS * np.sin(np.pi * samples / len(samples))
    wave = loudness * np.sin(2 * np.pi * hz * samples / SPEECH_RATE)
    pcm = (wave * 32_767).round().astype("<i2").tobytes()
    step = CHUNK_MS * SPEECH_BYTES_PER_MS
    return tuple(pcm[start : start + step] for start in range(0, len(pcm), step))


async def _until(started: float, ms: float) -> None:
    """Return *ms* after *started*; where that is past, the others still get their turn of the event loop."""
    await asyncio.sleep(max(0.0, started + ms / 1000 - time.monotonic()))
