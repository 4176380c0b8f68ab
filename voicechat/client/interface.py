"""What a client can do in either mode."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol, Self

from ..dialogue import Json, PlayedFlag
from .exchange import PATIENCE_SECONDS
from .moments import Moment
from .server import Mode
from .spoken import Spoken


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a client wants to talk."""

    chat: str | None = None
    """The id of the chat to go on with; None: a new one."""
    language: str | None = None
    """BCP 47."""
    speech: bool = True
    """Whether answers are to be spoken."""
    plays: bool = False
    """
    Whether who asks plays the sound and says how far it got with `played`.

    Else all that came counts as heard at once, so that v2 does not hold the rest back.
    """
    patience_seconds: float = PATIENCE_SECONDS


class Client(Protocol):
    """
    Talks with one server in one mode, one question at a time. An async context manager.

    `ask` and `ask_spoken` yield moments up to END and raise `ClientError`; closing them early
    (`contextlib.aclosing`) stops the answer.
    """

    mode: Mode
    sound_format: str
    """Of `AnswerAudio`: `pcm16/24000`, or `mp3`, each a file of its own."""
    chat: str
    """Its id: whoever has it goes on with the chat. It changes where the server has forgotten the chat."""
    facts: Json
    """What the server says of itself (`GET /api/config`), its `limits` among it."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    def ask(self, text: str) -> AsyncGenerator[Moment, None]: ...

    def ask_spoken(self, spoken: Spoken) -> AsyncGenerator[Moment, None]: ...

    async def cancel(self, heard_ms: int) -> None:
        """Stop the question or its answer, of which *heard_ms* sounded; END follows if it had not come."""

    async def played(self, ms: int, flags: PlayedFlag = PlayedFlag.NONE) -> None:
        """Say how far the sound of the last question has played."""
