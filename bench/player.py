"""A visitor who plays what comes, in real time and without a loudspeaker, and tells how far it is."""

from __future__ import annotations

from voicechat.audio import SPEECH_BYTES_PER_MS

from .listener import END, HEADER, PLAYED, SOUND, Listener
from .visitor import masked

PLAYED_SECONDS = 0.25
"""Between two words to the server of how far the sound got (protocol, rule 7)."""

LATE_MS = 1.0
"""Sound that comes later than this when all before it has played is an underrun."""


class Player(Listener):
    """
    Plays each answer from the moment in which its first sound comes, without any head start.

    So an underrun counts here that a page, which starts 60 ms later, would not have.
    """

    def __init__(self) -> None:
        super().__init__()
        self.underruns = 0
        self.least_ahead_ms = float("inf")
        """Of what was here and not played yet, whenever more came."""
        self._began_at = 0.0
        """When the sound began, later by each gap in it."""
        self._here_ms = 0.0
        self._is_playing = False

    def hear(self, payload: bytes, now_ns: int) -> None:
        if payload[0] == SOUND:
            self._take_sound((len(payload) - HEADER.size) / SPEECH_BYTES_PER_MS)
        elif payload[0] == END:
            self._is_playing = False
        super().hear(payload, now_ns)

    @property
    def _played_ms(self) -> float:
        return min(self._here_ms, (self._loop.time() - self._began_at) * 1000)

    def _take_sound(self, ms: float) -> None:
        now = self._loop.time()
        if not self._is_playing:
            self._is_playing, self._began_at, self._here_ms = True, now, 0.0
            self._loop.call_later(PLAYED_SECONDS, self._tell)
        else:
            ahead_ms = self._here_ms - (now - self._began_at) * 1000
            self.least_ahead_ms = min(self.least_ahead_ms, ahead_ms)
            if ahead_ms < -LATE_MS:
                self.underruns += 1
                self._began_at -= ahead_ms / 1000
        self._here_ms += ms

    def _tell(self) -> None:
        if self._is_playing and not self.closed.is_set():
            self.send(masked(HEADER.pack(PLAYED, 0, self._turn, round(self._played_ms))))
            self._loop.call_later(PLAYED_SECONDS, self._tell)
