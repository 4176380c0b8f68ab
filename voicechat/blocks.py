"""Bytes that grow: a recording, or its sound, while it arrives."""

from __future__ import annotations

from typing import Self

_BLOCK_BYTES = 65_536
"""Small pieces are put together up to this: a larger `bytearray` is copied as it grows."""
_SMALL_BYTES = 1_024
"""Below this a piece is copied, rather than kept as an object of its own that takes a twentieth more."""


class Blocks:
    """
    Bytes that grow, a piece at a time.

    Not one `bytearray`: as it grows it is copied, nine times by the end. Not a list of all pieces:
    one of two bytes would cost as an object what fifty bytes do, so the small ones are put together.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes | bytearray] = []
        self._small = bytearray()
        """Small pieces, behind all that is full."""
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iadd__(self, data: bytes) -> Self:
        self._size += len(data)
        if len(data) < _SMALL_BYTES:
            self._small += data
        else:
            self._close_small()
            self._pieces.append(data)
        if len(self._small) >= _BLOCK_BYTES:
            self._close_small()
        return self

    def _close_small(self) -> None:
        if self._small:
            self._pieces.append(self._small)
            self._small = bytearray()

    def __bytes__(self) -> bytes:
        return b"".join((*self._pieces, self._small))

    def cut(self, size: int) -> None:
        """Let go of the first *size* bytes, of those that there are."""
        self._size -= size
        while self._pieces and size >= len(self._pieces[0]):
            size -= len(self._pieces.pop(0))
        if size and self._pieces:
            self._pieces[0] = self._pieces[0][size:]
        elif size:
            del self._small[:size]

    def clear(self) -> None:
        self._pieces.clear()
        self._small = bytearray()
        self._size = 0
