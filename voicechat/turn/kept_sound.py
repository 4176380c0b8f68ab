"""The sound of a recording that may still have to be transcribed."""

from __future__ import annotations

_BLOCK_BYTES = 65_536
_SMALL_BYTES = 1_024
"""Below this pieces are put together; larger ones are kept as they came, so that they take no room twice."""


class KeptSound:
    """16 bit mono samples, of which the first may be let go."""

    def __init__(self) -> None:
        self.start = 0
        """How many samples were let go."""
        self.end = 0
        """How many came."""
        self._pieces: list[bytes | bytearray] = []

    def add(self, pcm: bytes) -> None:
        """Add *pcm*, whole samples."""
        self.end += len(pcm) // 2
        if len(pcm) >= _SMALL_BYTES:
            self._pieces.append(pcm)
            return
        last = self._pieces[-1] if self._pieces else None
        if not isinstance(last, bytearray) or len(last) >= _BLOCK_BYTES:
            self._pieces.append(last := bytearray())
        last += pcm

    def all(self) -> bytes:
        """Return all that is kept."""
        return b"".join(self._pieces)

    def cut(self, sample: int) -> None:
        """Let go of what came before *sample*, which is one of those that are kept."""
        spare = 2 * (sample - self.start)
        self.start = sample
        while self._pieces and spare >= len(self._pieces[0]):
            spare -= len(self._pieces.pop(0))
        if spare:
            self._pieces[0] = self._pieces[0][spare:]

    def clear(self) -> None:
        self._pieces.clear()
        self.start = self.end
