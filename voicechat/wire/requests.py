"""What a client's frames ask the server to do."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..dialogue import ClientMessage
from .hello import Introduction
from .recording import Room


@dataclass(frozen=True, slots=True)
class Ask:
    """A whole question, within the limits."""

    turn: int
    text: str | None = None
    audio: bytes | None = None
    format: str | None = None
    """Of *audio*, as HELLO named it; None: the bytes tell."""
    room: Room | None = field(default=None, compare=False)
    """What *audio* takes: whoever is given this gives it back."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message that only the conversation can act on: PLAYED, CANCEL, SPEAK, SET, EVENT, BYE …"""

    turn: int
    message: ClientMessage


@dataclass(frozen=True, slots=True)
class Close:
    code: int
    reason: str


Request = Introduction | Ask | Said | Close
