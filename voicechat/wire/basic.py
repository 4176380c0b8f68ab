"""The order of replies that the basic profile promises."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..dialogue import Error, TextChunk, TextEnd
from .frames import encode


@dataclass(slots=True)
class _Place:
    turn: int | None
    """None: a bad frame, which has its reply already."""
    frames: list[bytes] = field(default_factory=list)
    is_settled: bool = False


class BasicOrder:
    """
    Each question and each bad frame gets, in the order sent, exactly one TEXT_END or ERROR.

    Every method returns the frames that may leave now. What comes for a later place waits.
    """

    def __init__(self) -> None:
        # Few, and in every connection: an empty deque takes as much memory as thirteen lists.
        self._places: list[_Place] = []

    def __len__(self) -> int:
        return len(self._places)

    def ask(self, turn: int) -> None:
        self._places.append(_Place(turn))

    def error(self, text: str) -> list[bytes]:
        self._places.append(_Place(None, [encode(Error(text))], is_settled=True))
        return self._leaving()

    def chunk(self, turn: int, text: str) -> list[bytes]:
        if self._places and self._places[0].turn == turn:
            return [encode(TextChunk(text))]
        for place in self._places:
            if place.turn == turn:
                place.frames.append(encode(TextChunk(text)))
        return []

    def settle(self, turn: int, error: str | None) -> list[bytes]:
        """End *turn*: with TEXT_END, or with ERROR where *error* says what went wrong."""
        for place in self._places:
            if place.turn == turn and not place.is_settled:
                place.frames.append(encode(TextEnd() if error is None else Error(error)))
                place.is_settled = True
        return self._leaving()

    def settle_all(self, error: str) -> list[bytes]:
        """End every turn that has not ended with ERROR."""
        for place in self._places:
            if not place.is_settled:
                place.frames.append(encode(Error(error)))
                place.is_settled = True
        return self._leaving()

    def _leaving(self) -> list[bytes]:
        frames: list[bytes] = []
        while self._places:
            frames += self._places[0].frames
            self._places[0].frames.clear()
            if not self._places[0].is_settled:
                break
            self._places.pop(0)
        return frames
