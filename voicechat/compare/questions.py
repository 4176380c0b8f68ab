"""What is asked: the site's own suggestions, typed, and the same words spoken."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..audio import HEARING_RATE, SPEECH_RATE, Recording, decode, identify, wav
from ..config import Config, Stt
from ..dialogue import Json
from ..engines import Manner, TextToSpeech, open_engines, sound_of
from ..errors import ConfigError, VoiceChatError
from .asks import Kind
from .audible import quiet_seconds

MOST = 3
"""Questions of one kind."""

WITHOUT_SITE = ("When are you open?", "How much is shipping?", "Can I send something back?")
"""Asked where the server suggests none."""

SILENCE_SECONDS = 0.2
"""Before the first word, as people leave it."""

LONGEST_SECONDS = 600.0
"""Of a recording that is decoded here; how long a question may be is the server's to say."""


@dataclass(frozen=True, slots=True)
class Question:
    kind: Kind
    text: str
    """What it says; of a recording that was given, its file's name."""
    wav: bytes = b""
    """Of a spoken one: samples of `HEARING_RATE`, so that both modes are given the same sound."""
    seconds: float = 0.0
    quiet_seconds: float = 0.0
    """Of a spoken one: how long it goes on behind its last audible sample."""


def typed(facts: Json) -> list[Question]:
    """Return the first ones that the server of *facts* suggests to its visitors."""
    suggested = [text for text in facts["welcome"]["suggestions"] if isinstance(text, str)]
    return [Question("typed", text) for text in (suggested or WITHOUT_SITE)[:MOST]]


def read(paths: Sequence[Path]) -> list[Question]:
    """
    Return the recordings in *paths* as spoken questions. Blocks.

    Raises:
        ConfigError: If one is none.
    """
    questions = []
    for path in paths:
        try:
            data = path.read_bytes()
            questions.append(_spoken(path.name, Recording(data, identify(data))))
        except OSError as exc:
            raise ConfigError(f"--audio: {path} can't be read: {exc.strerror}.") from exc
        except VoiceChatError as exc:
            raise ConfigError(f"--audio: {path}: {exc}") from exc
    return questions


async def speak(texts: Sequence[str]) -> list[Question]:
    """
    Return *texts*, spoken by this machine's own voice; none where it has none.

    Raises:
        VoiceChatError: If the voice does not work.
    """
    # No settings but the defaults: no key, so nobody but this machine speaks.
    engines = open_engines(Config(stt=Stt(engine="none")))
    try:
        if engines.tts is None:
            return []
        await engines.tts.load()
        return [await _said(engines.tts, text) for text in texts]
    finally:
        await engines.close()


async def _said(voice: TextToSpeech, text: str) -> Question:
    pcm = await sound_of(voice, text, Manner("en"))
    lead = bytes(2 * int(SILENCE_SECONDS * SPEECH_RATE))
    return await asyncio.to_thread(_spoken, text, Recording(wav(lead + pcm, SPEECH_RATE), "wav"))


def _spoken(text: str, recording: Recording) -> Question:
    pcm = decode(recording, rate=HEARING_RATE, max_seconds=LONGEST_SECONDS)
    seconds = len(pcm) / 2 / HEARING_RATE
    return Question("spoken", text, wav(pcm, HEARING_RATE), seconds, quiet_seconds(pcm, HEARING_RATE))
