"""What a client's frames ask the server to do."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..dialogue import ClientMessage
from ..errors import VoiceChatError
from .hello import Introduction
from .recording import Room, Tap


@dataclass(frozen=True, slots=True)
class Ask:
    """
    A whole question, within the limits; or the end of a recording that there is not, or not all of.

    That one may be sent again for a question that was asked already, whose sound is wanted no more.
    """

    turn: int
    text: str | None = None
    audio: bytes | None = None
    format: str | None = None
    """Of *audio*, as HELLO named it; None: the bytes tell."""
    room: Room | None = field(default=None, compare=False)
    """What *audio* takes: whoever is given this gives it back."""
    tap: Tap | None = field(default=None, compare=False)
    """Who has heard *audio* while it came: whoever is given this stops it."""
    error: VoiceChatError | None = None
    """Why there is neither *text* nor *audio*: what is told where nothing was asked under this number."""


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
