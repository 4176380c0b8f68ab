"""Hearing a recording that is not over yet, in nobody's way."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ..audio import Recording
from .interface import SpeechToText


@runtime_checkable
class HearsEarly(Protocol):
    """An engine in which questions wait for each other: what is not a whole one must not be before them."""

    async def transcribe_if_idle(self, recording: Recording, language: str | None) -> str | None:
        """As `SpeechToText.transcribe`; None: others are being heard, and this was not begun."""
        ...


async def transcribe_early(engine: SpeechToText, recording: Recording, language: str | None) -> str | None:
    """
    Return what *engine* hears in a *recording* that goes on; None: it has no time for that now.

    Raises:
        As `SpeechToText.transcribe`.
    """
    if isinstance(engine, HearsEarly):
        return await engine.transcribe_if_idle(recording, language)
    return await engine.transcribe(recording, language)
