"""How long a v2 connection waits for the end of a recording."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from ..errors import BadRequest
from ..wire import Connection, OpenRecording

PATIENCE = 2.0
"""
In how many times its longest length a recording must have arrived, from its first frame on.

It is sent while it is spoken, or in one go; the rest is for slow lines.
"""


class Patience:
    """Gives a recording up that never ends: it takes of what all others may have."""

    def __init__(
        self, connection: Connection, recording_seconds: float, say: Callable[[Iterable[bytes]], None]
    ) -> None:
        self._connection = connection
        self._seconds = PATIENCE * recording_seconds
        self._say = say
        self._recording: OpenRecording | None = None
        self._timer: asyncio.TimerHandle | None = None

    def look(self) -> None:
        """See which recording is open now; to be called after every frame, and at the end."""
        if (recording := self._connection.recording) is self._recording:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._recording, self._timer = recording, None
        if recording is not None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._give_up)

    def _give_up(self) -> None:
        why = BadRequest(f"The recording was not ended within {self._seconds:g} seconds of its beginning.")
        self._say(self._connection.give_up_recording(why))
        self._timer = None
