"""How long v2 waits for the end of a recording while its client is connected."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from ..errors import BadRequest
from ..wire import OpenRecording, RecordingRules

PATIENCE = 2.0
"""
In how many times its longest length a recording must have arrived, from its first frame on.

It is sent while it is spoken, or in one go; the rest is for slow lines. Time without any line does
not count: how long a recording waits for its tab to come back is a limit of its own.
"""


class Patience:
    """Gives a recording up that never ends: it takes of what all others may have."""

    def __init__(
        self, recordings: RecordingRules, recording_seconds: float, say: Callable[[Iterable[bytes]], None]
    ) -> None:
        self._recordings = recordings
        self._seconds = PATIENCE * recording_seconds
        self._say = say
        self._recording: OpenRecording | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._since = 0.0
        self.last_seconds = 0.0
        """How long the last recording that was ended here took to arrive."""

    def look(self) -> None:
        """See which recording is open now; to be called after every frame, after WELCOME, and at the end."""
        if (recording := self._recordings.open) is self._recording:
            return
        now = asyncio.get_running_loop().time()
        if self._timer is not None and self._recording is not None:
            self._timer.cancel()
            # It may go on over another connection, with what is left of its time.
            self._recording.attended_seconds += now - self._since
            self.last_seconds = self._recording.attended_seconds
        self._recording, self._timer, self._since = recording, None, now
        if recording is not None:
            left = self._seconds - recording.attended_seconds
            self._timer = asyncio.get_running_loop().call_later(left, self._give_up)

    def _give_up(self) -> None:
        why = BadRequest(f"The recording was not ended within {self._seconds:g} seconds of its beginning.")
        self._say(self._recordings.give_up(why))
        self._timer = None
