"""Live captions: what is heard of a v2 client's recording while it is spoken."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..dialogue import Transcript
from ..turn import Hearing, hear_early
from ..wire import OpenRecording, RecordingRules, encode
from .house import House


class Captions:
    """
    Has the open one of *recordings* heard, a question of *chat*, and tells it by *say*.

    *language* is the speaker's.
    """

    def __init__(
        self,
        house: House,
        chat: str,
        recordings: RecordingRules,
        language: str | None,
        say: Callable[[Iterable[bytes]], None],
    ) -> None:
        self._house = house
        self._chat = chat
        self._recordings = recordings
        self._language = language
        self._say = say
        self._recording: OpenRecording | None = None

    def look(self) -> None:
        """See which recording is open now; to be called after every frame, and after WELCOME."""
        recording = self._recordings.open
        if recording is self._recording:
            return
        self.leave()
        self._recording = recording
        if recording is None or recording.error is not None:
            return
        if recording.tap is None:
            hearing = hear_early(self._chat, recording.format, self._language, self._house.rooms)
            if hearing is None:
                return
            if recording.room is not None:
                hearing.grow = recording.room.grow
            recording.listen(hearing)
        if isinstance(recording.tap, Hearing):
            # Begun over an earlier connection, it goes on and tells this one.
            turn = recording.turn
            recording.tap.tell = lambda heard: self._tell(turn, heard)

    def leave(self) -> None:
        """Tell nothing more of the recording: it has ended, or goes on over another connection."""
        if self._recording is not None and isinstance(self._recording.tap, Hearing):
            self._recording.tap.hush()
        self._recording = None

    def _tell(self, turn: int, heard: Transcript) -> None:
        self._say([encode(heard, turn)])
