"""The sound of a recording that may still have to be transcribed."""

from __future__ import annotations

from ..blocks import Blocks


class KeptSound:
    """16 bit mono samples, of which the first may be let go."""

    def __init__(self) -> None:
        self.start = 0
        """How many samples were let go."""
        self._pcm = Blocks()

    @property
    def end(self) -> int:
        """How many samples came."""
        return self.start + len(self._pcm) // 2

    def add(self, pcm: bytes) -> None:
        """Add *pcm*, whole samples."""
        self._pcm += pcm

    def all(self) -> bytes:
        """Return all that is kept."""
        return bytes(self._pcm)

    def cut(self, sample: int) -> None:
        """Let go of what came before *sample*, which is one of those that are kept."""
        self._pcm.cut(2 * (sample - self.start))
        self.start = sample

    def clear(self) -> None:
        """Let go of all; the count of samples stays."""
        self.start = self.end
        self._pcm.clear()
