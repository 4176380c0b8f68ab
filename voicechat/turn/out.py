"""What a turn needs of the conversation it belongs to, and what it is asked to do."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from ..audio import Recording
from ..dialogue import Mark, Phase, Source
from ..errors import VoiceChatError
from .hearing import Hearing

SoundFormat = Literal["pcm16/24000", "mp3"]


@dataclass(frozen=True, slots=True)
class Wish:
    """How an answer is to be spoken."""

    format: SoundFormat
    whole: bool = False
    """Speak the text in one go when it is complete, for an asker who waits for all of it anyway."""
    speed: float = 1.0
    """Times the configured one, `tts.speed`."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a visitor asked. Both *text* and *recording* None: the recording is in the store."""

    text: str | None = None
    recording: Recording | None = None
    language: str | None = None
    """BCP 47; None: unknown."""
    speech: Wish | None = None
    """None: no sound is wanted."""
    hearing: Hearing | None = None
    """What has heard *recording* while it was spoken."""
    can_come_back: bool = True
    """Whether who asked it can ask for it again, by its key."""
    asked_at: float = field(default_factory=time.monotonic, compare=False)
    """When all of it was here, by the monotonic clock."""
    upload_seconds: float = 0.0
    """How long a recording took to arrive."""


class Out(Protocol):
    """Where a turn puts the pieces of its answer, in the order in which they come about."""

    @property
    def made_ms(self) -> int:
        """Milliseconds of sound put out so far."""

    @property
    def ahead_ms(self) -> int:
        """Milliseconds of it that were not heard yet."""

    @property
    def speed(self) -> float:
        """Times the configured one, at which it wants to hear what is spoken from now on."""

    def phase(self, phase: Phase) -> None: ...

    def timed(self, stage: str, ms: float) -> None:
        """Note how long a stage took: `stt`, `first_text`, `chat`, `first_sound`, `tts`."""

    def reached(self, stage: str) -> None:
        """Note that it came to a stage that nobody else is told of: `first_clause`."""

    def counted(self, what: str, count: int) -> None:
        """Note how often something was done: `hypotheses`, `early_answers`, `wasted_answers`."""

    async def heard(self, text: str) -> None:
        """Keep what was transcribed as the question's text."""

    def text(self, piece: str) -> None: ...

    async def text_complete(self, sources: Sequence[Source], suggestions: Sequence[str]) -> None:
        """Keep the answer; nothing of its text follows. *suggestions* are questions to go on with."""

    async def room_for_sound(self) -> bool:
        """Wait until more sound is wanted; False: nobody wants to hear what comes now."""

    def mark(self, mark: Mark) -> None: ...

    def audio(self, data: bytes, ms: int) -> None: ...

    def span_spoken(self) -> None:
        """The last mark's sound is complete."""

    def take_back(self, starts: Sequence[int]) -> int:
        """
        The last mark's sound broke off; take back what of it can be. Return where in the text to go on.

        That is one of *starts*, bytes of the text: where the pieces under that mark begin.
        """

    def speech_failed(self, error: VoiceChatError) -> None:
        """Nothing more will be said; the text goes on."""

    def speech_left_unsaid(self) -> None: ...
