"""The three interfaces: who listens, who thinks, who speaks."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, Protocol

from ..audio import Recording
from ..config import FASTEST, SLOWEST
from ..dialogue import Prompt

Job = Literal["stt", "chat", "tts"]

VERBS: dict[Job, str] = {"stt": "listens", "chat": "answers", "tts": "speaks"}
"""What the engine of each job does, as operators are told, in the order of a turn."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an operator wants to know of an engine before the first bill."""

    job: Job
    name: str
    """Its row in `ENGINES`."""
    model: str
    paid: bool
    """Whether a provider may send a bill for it."""
    place: str
    """Where the work is done: 'this machine' or the provider's base URL."""

    def __str__(self) -> str:
        return f"{self.name} ({self.model}) on {self.place}"


@dataclass(frozen=True, slots=True)
class TimedWord:
    """When a word of a text is said, as the engine knows it."""

    start: int
    """Characters of the text before it."""
    end: int
    start_ms: int
    """Milliseconds of the text's sound before it."""
    end_ms: int


@dataclass(frozen=True, slots=True)
class Manner:
    """How a text is to be said."""

    language: str | None = None
    """BCP 47; None: unknown."""
    speed: float = 1.0
    """Times the configured one, `tts.speed`."""

    def speed_of(self, configured: float) -> float:
        """Return what comes of *configured*, `tts.speed`, within the bounds of every voice."""
        return min(max(configured * self.speed, SLOWEST), FASTEST)


Speech = bytes | tuple[TimedWord, ...]
"""PCM of `audio.SPEECH_RATE`, 16 bit little-endian mono; or words that begin in what comes next of it."""


class Engine(Protocol):
    """What all three jobs have in common."""

    @property
    def info(self) -> EngineInfo: ...

    async def load(self) -> None:
        """
        Make ready what takes time: weights, connections.

        Called once, after the server listens; until it returns the job answers `WarmingUp`.

        Raises:
            ConfigError: If it can never work as configured; the text names the setting to change.
        """

    async def close(self) -> None:
        """Let go of everything. Called once, also when `load` was never called or failed."""


class SpeechToText(Engine, Protocol):
    async def transcribe(self, recording: Recording, language: str | None) -> str:
        """
        Return the words spoken in *recording*, stripped; empty if there are none.

        *language* is BCP 47, None: find out. Cancelling stops the work where that is possible.

        Raises:
            BadAudio, UnknownFormat, TooLong: If the recording can't be used.
            ProviderError, Unavailable: If the engine can't do it now.
        """
        ...


class ChatModel(Engine, Protocol):
    def reply(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        """
        Yield the answer piece by piece; no piece is empty.

        The caller closes the generator (`contextlib.aclosing`): that ends the work upstream at once.

        Raises:
            ProviderError, Unavailable: Before the first piece or after any.
        """
        ...


class TextToSpeech(Engine, Protocol):
    def speak(self, text: str, manner: Manner) -> AsyncGenerator[Speech, None]:
        """
        Yield *text* as PCM, in pieces of any size, and the times of its words where they are known.

        The pieces together are a whole number of samples and *not* of milliseconds: that is the
        caller's to arrange. The caller closes the generator (`contextlib.aclosing`).

        Raises:
            ProviderBusy: At once, for the caller to come again, with more text in one go where it has it.
            ProviderError, Unavailable: Before the first piece or after any.
        """
        ...


async def sound_of(voice: TextToSpeech, text: str, manner: Manner) -> bytes:
    """Return all of *text* as PCM; raises as `TextToSpeech.speak`."""
    async with aclosing(voice.speak(text, manner)) as speech:
        return b"".join([part async for part in speech if isinstance(part, bytes)])
