"""A recording while it arrives, and the format it is in."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Protocol

from ..blocks import Blocks
from ..config import Limits
from ..errors import BadRequest, TooLarge, TooLong, Unavailable, VoiceChatError
from .hello import RECORDING_FORMATS

ACK_BYTES = 32_768
"""
After so many more a client is told that they are safe: it need not keep more than that for a resend.

A second of raw sound at 16 kHz, some seconds of Opus. The ten bytes of an AUDIO_ACK are a
three-thousandth of that.
"""

_PCM_BYTES_PER_SECOND = {"pcm16/16000": 32_000, "pcm16/24000": 48_000}


def format_of(formats: Sequence[str], index: int) -> str | None:
    """
    Return which of HELLO's *formats* AUDIO is in; None: it has a name unknown here, so the bytes tell.

    Raises:
        BadRequest: If there is none at *index*, or it can't be read.
    """
    if index >= len(formats):
        raise BadRequest("The flags of AUDIO are an index in HELLO's audio_in.")
    format = formats[index]
    if format in RECORDING_FORMATS:
        return format
    if format.startswith("pcm16/"):
        # Raw sound has no header that could tell.
        raise BadRequest("Raw sound is taken as pcm16/16000 or pcm16/24000.")
    return None


class Room(Protocol):
    """What one recording takes of the bytes that may be held at once, by all together."""

    def grow(self, size: int) -> None:
        """
        Take *size* bytes more.

        Raises:
            Unavailable: If there are no more.
        """

    def give_back(self) -> None: ...

    def hand_over(self) -> Room:
        """Return all that it has taken as one of its own, which somebody else gives back."""


class Tap(Protocol):
    """Who hears a recording while it arrives."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""

    def stop(self) -> None:
        """They won't be asked: the recording is dropped."""


class OpenRecording:
    """
    Gathers chunks up to the limits, and as far as there is *room*; None: for all.

    Past a limit, or after a gap, it drops what it has and takes nothing more: `finish` then says
    why, once, however much is sent after that.

    *turn* 0: a basic client's, which is told of nothing before the end.
    """

    def __init__(self, turn: int, format: str | None, limits: Limits, room: Room | None = None) -> None:
        self.turn = turn
        self.format = format
        self.room = room
        self._limits = limits
        pcm_bytes = _PCM_BYTES_PER_SECOND.get(format or "", inf) * limits.recording_seconds
        self._most_bytes = min(limits.recording_bytes, pcm_bytes)
        self._data = Blocks()
        self.error: VoiceChatError | None = None
        """Why nothing more is taken; None: it is."""
        self.ack_at = ACK_BYTES if turn else inf
        """How many bytes it has when its client is told so next."""
        self.attended_seconds = 0.0
        """How long its client was connected while it was open; counted when that ends."""
        self.tap: Tap | None = None
        """Whom `listen` has named."""
        self.away_seconds = 0.0
        """How long its client was not; counted when it comes back."""

    @property
    def is_basic(self) -> bool:
        """Whether it is a basic client's."""
        return self.turn == 0

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self._data)

    def listen(self, tap: Tap) -> None:
        """Let *tap* hear what came so far, and all that comes."""
        self.tap = tap
        tap.feed(bytes(self._data))

    def add(self, data: bytes, pos: int | None = None) -> int:
        """
        Add *data*, which begins at byte *pos*, None: at the end; what is here already is skipped.

        Return how many bytes there are now.
        """
        if self.error is not None:
            return 0
        if pos is not None and pos != len(self._data):
            if pos > len(self._data):
                self.refuse(BadRequest("Some of the recording is missing. Please record it again."))
                return 0
            data = data[len(self._data) - pos :]
        try:
            if self.room is not None:
                self.room.grow(len(data))
        except Unavailable as exc:
            self.refuse(exc)
            return 0
        self._data += data
        size = len(self._data)
        if size > self._most_bytes:
            self.refuse(self._over_limit())
            return 0
        if self.tap is not None:
            self.tap.feed(data)
        return size

    def finish(self, pos: int | None = None) -> bytes:
        """
        Return the whole recording; *pos* is its length as the client counts it.

        Raises:
            TooLarge, TooLong, BadRequest: If it was over a limit, has a gap or is empty.
            Unavailable: If there was no room for it.
        """
        if self.error is None and pos is not None and pos != len(self._data):
            self.refuse(BadRequest("Some of the recording is missing. Please record it again."))
        if self.error is None and not self._data:
            self.refuse(BadRequest("The recording is empty."))
        if self.error is not None:
            raise self.error
        return bytes(self._data)

    def _over_limit(self) -> TooLarge | TooLong:
        limits = self._limits
        if len(self._data) > limits.recording_bytes:
            return TooLarge(f"A recording has at most {limits.recording_bytes:,} bytes.")
        return TooLong(f"A recording has at most {limits.recording_seconds:g} seconds.")

    def refuse(self, error: VoiceChatError) -> None:
        """Take nothing more: *error* is why."""
        self.error = error
        self.drop()

    def drop(self) -> None:
        self._data.clear()
        if self.tap is not None:
            self.tap.stop()
            self.tap = None
        if self.room is not None:
            self.room.give_back()
