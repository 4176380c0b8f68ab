"""Which part of the text is said when: a piece, and each of its words, as known or as estimated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..dialogue import Mark, Span
from ..engines import TimedWord
from ..sentences import Piece
from .out import Out
from .pace import weight


class Marker:
    """Marks one *piece* of an answer, each time before the sound that it is about is put out."""

    def __init__(self, piece: Piece, out: Out) -> None:
        self._piece = piece
        self._out = out
        self._start_ms = out.made_ms

    def begin(self, ms: int, words: Sequence[TimedWord], *, estimated: bool) -> None:
        """Mark the piece, which takes *ms*, and its first *words*; where none are known, all, by *ms*."""
        piece, start_ms = self._piece, self._start_ms
        span = Span(piece.start, piece.end, start_ms, start_ms + ms)
        self._out.mark(Mark((span,), estimated=estimated))
        if words:
            self.words(words)
        elif spans := tuple(self._estimated(ms)):
            self._out.mark(Mark(spans, words=True, estimated=True))

    def words(self, words: Sequence[TimedWord]) -> None:
        """Mark *words*, of which the engine knows when they are said."""
        spans = (self._span(word.start, word.end, word.start_ms, word.end_ms) for word in words)
        self._out.mark(Mark(tuple(spans), words=True))

    def _estimated(self, ms: int) -> Iterator[Span]:
        text = self._piece.spoken.text
        ms_per_letter = ms / max(weight(text), 1)
        for start, end in self._piece.spoken.words():
            before, until = weight(text[:start]), weight(text[:end])
            yield self._span(start, end, round(before * ms_per_letter), round(until * ms_per_letter))

    def _span(self, start: int, end: int, start_ms: int, end_ms: int) -> Span:
        shown_start, shown_end = self._piece.shown(start, end)
        return Span(shown_start, shown_end, self._start_ms + start_ms, self._start_ms + end_ms)
