"""Which part of the text is said when: a piece, and each of its words, as known or as estimated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..dialogue import Mark, Span
from ..engines import TimedWord
from ..sentences import FIRST_UNSPACED, Piece
from .out import Out

MS_PER_LETTER = 65
"""How long a voice takes until something is known of it: some 15 characters a second."""

PRIOR_LETTERS = 60
"""How many letters of a voice are to be heard before what it is known to take counts as much as that."""

_PAUSES = dict.fromkeys(",;:–—、，；：", 4) | dict.fromkeys(".!?…。！？", 6)
_DIGIT, _DENSE = 3, 3
"""Of a dense script a character is a syllable or a word."""


class Pace:
    """How long one voice takes for a text, learnt from what it has said."""

    def __init__(self) -> None:
        self._letters = float(PRIOR_LETTERS)
        self._ms = self._letters * MS_PER_LETTER

    def learn(self, text: str, ms: int) -> None:
        """The voice took *ms* for *text*."""
        # What was said last counts most: half of it is forgotten with each piece.
        self._letters = self._letters / 2 + weight(text)
        self._ms = self._ms / 2 + ms

    def ms_of(self, text: str) -> int:
        return round(weight(text) * self._ms / self._letters)


def weight(text: str) -> int:
    """Return how long *text* sounds, counted in letters."""
    return sum(map(_weight_of, text))


def _weight_of(character: str) -> int:
    if character in _PAUSES:
        return _PAUSES[character]
    if character.isdigit():
        return _DIGIT
    return _DENSE if character >= FIRST_UNSPACED else 1


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
