"""Engines of a few lines: they do what the test says, when it says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing

from voicechat.audio import Recording
from voicechat.dialogue import Passage, Prompt
from voicechat.engines import EngineInfo, Engines, Job, Manner
from voicechat.errors import VoiceChatError

MS = b"\x01\x00" * 24
"""A millisecond of speech."""


class _Double:
    job: Job

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(self.job, "double", "double", paid=False, place="this machine")

    async def load(self) -> None:
        pass

    async def close(self) -> None:
        pass


class Ears(_Double):
    """Hears *words* in every recording, and keeps the recordings."""

    job: Job = "stt"

    def __init__(self, words: str | VoiceChatError = "when are you open") -> None:
        self.words = words
        self.recordings: list[Recording] = []

    async def transcribe(self, recording: Recording, language: str | None) -> str:
        self.recordings.append(recording)
        if isinstance(self.words, VoiceChatError):
            raise self.words
        return self.words


class Brain(_Double):
    """
    Says *tokens*, an error among them is raised; keeps the prompts.

    With *gate* set, each token waits until the test lets one through.
    """

    job: Job = "chat"

    def __init__(self, *tokens: str | VoiceChatError, gate: asyncio.Semaphore | None = None) -> None:
        self.tokens: Sequence[str | VoiceChatError] = tokens or ("From nine ", "to six. ", "See you then!")
        self.gate = gate
        self.prompts: list[Prompt] = []
        self.closed = asyncio.Event()
        """Set when an answer was stopped or came to its end."""

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        self.prompts.append(prompt)
        self.closed.clear()
        try:
            for token in self.tokens:
                if self.gate:
                    await self.gate.acquire()
                if isinstance(token, VoiceChatError):
                    raise token
                yield token
                # As from a network: never all in one turn of the event loop.
                await asyncio.sleep(0)
        finally:
            self.closed.set()


class Stuck(Brain):
    """Says its first token and no more where it is asked to count, and all of them to other questions."""

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        is_stuck = prompt.history[-1].text == "Count!"
        self.gate = asyncio.Semaphore(1) if is_stuck else None
        async with aclosing(super().reply(prompt)) as pieces:
            async for piece in pieces:
                yield piece


class Voice(_Double):
    """
    Speaks *ms_per_char* for each character; keeps the texts and manners.

    *error* is raised in place of a text.
    """

    job: Job = "tts"

    def __init__(self, ms_per_char: int = 10, error: tuple[int, VoiceChatError] | None = None) -> None:
        self.ms_per_char = ms_per_char
        self.error = error
        self.texts: list[str] = []
        self.manners: list[Manner] = []

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[bytes, None]:
        self.texts.append(text)
        self.manners.append(manner)
        if self.error and len(self.texts) > self.error[0]:
            raise self.error[1]
        yield MS * round(self.ms_per_char * len(text) / manner.speed)


class Pages:
    """Knows one passage."""

    def __init__(self, *passages: Passage) -> None:
        self._passages = passages

    async def passages(self, question: str, earlier: Sequence[str]) -> tuple[Passage, ...]:
        return self._passages

    def topics(self) -> tuple[str, ...]:
        return ()

    def follow_ups(self, passages: Sequence[Passage], asked: Iterable[str]) -> tuple[str, ...]:
        return tuple(
            question for question in ("When are you open?", "Where are you?") if question not in asked
        )

    def suggestions(self) -> tuple[str, ...]:
        return ("When are you open?",)

    def pages(self) -> tuple[()]:
        return ()

    async def load(self) -> None:
        pass

    async def close(self) -> None:
        pass


def engines(
    ears: Ears | None = None,
    brain: Brain | None = None,
    voice: Voice | None = None,
    *,
    deaf: bool = False,
    mute: bool = False,
) -> Engines:
    """Return a set of doubles; *deaf* and *mute* leave ears and voice out."""
    return Engines(None if deaf else ears or Ears(), brain or Brain(), None if mute else voice or Voice())
