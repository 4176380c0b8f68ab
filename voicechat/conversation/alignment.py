"""Which part of an answer's text sounds when, of what was made of its sound. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..dialogue import Mark, Span

ESTIMATES_ERR = 1.15
"""By how much a sentence may end later than it is estimated to, where it has to be whole."""


class Alignment:
    """Told of each mark, in order."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        """Of the pieces, as they were spoken."""
        self._words: list[Span] = []
        self._is_estimated = False
        """Whether the last mark was."""
        self._is_open = False
        """Whether the last piece is still spoken, and may end later than its mark has guessed."""

    def mark(self, mark: Mark) -> None:
        (self._words if mark.words else self._spans).extend(mark.spans)
        self._is_estimated = mark.estimated
        if not mark.words:
            self._is_open = mark.estimated

    def span_spoken(self, ms: int) -> None:
        """Set the end of the last piece, which may have been estimated, to *ms*, to which it came."""
        self._is_open = False
        if self._spans:
            guessed = self._spans[-1]
            spoken = self._spans[-1] = replace(guessed, audio_end_ms=ms)
            if self._is_estimated:
                self._words = [_moved(word, guessed, spoken) for word in self._words]

    def heard_bytes(self, heard_ms: int, made_ms: int) -> int:
        """
        Return how many bytes of the text were heard: of a piece that was begun, its whole words.

        Of *made_ms* in all. Where a piece has no words the voice is taken to run evenly; the caller cuts
        back to a word.
        """
        spans, words = self._as_made(made_ms)
        heard = 0
        for span in spans:
            if span.audio_end_ms <= heard_ms:
                heard = max(heard, span.text_end)
            elif span.audio_start_ms < heard_ms:
                heard = max(heard, _heard_within(span, words, heard_ms))
        return heard

    def begin_ms(self) -> int:
        """Return where the last piece begins."""
        return self._spans[-1].audio_start_ms

    def reached(self, starts: Sequence[int], made_ms: int) -> tuple[int, int]:
        """
        Return the last of *starts*, bytes of the last piece's text, before which all sounds, and until when.

        *made_ms* of sound were made, then the voice broke off. The first of *starts* is the piece's own.
        """
        begin_ms = self.begin_ms()
        self._spans, self._words = self._as_made(made_ms)
        reached = starts[0], begin_ms
        for start in starts[1:]:
            word_ms = next(
                (word.audio_start_ms for word in self._last_words() if word.text_start >= start), None
            )
            if word_ms is None:
                break
            if self._is_estimated:
                word_ms = begin_ms + round((word_ms - begin_ms) * ESTIMATES_ERR)
            if word_ms > made_ms:
                break
            reached = start, word_ms
        return reached

    def cut(self, ms: int) -> Span | None:
        """Let the last piece end at *ms*, with the last word that is whole there; return what is left."""
        piece = self._spans[-1]
        ends = [word.text_end for word in self._last_words() if word.audio_end_ms <= ms]
        del self._spans[-1]
        self._is_open = False
        self._words = [
            word
            for word in self._words
            if word.audio_end_ms <= ms or word.audio_start_ms < piece.audio_start_ms
        ]
        if ms <= piece.audio_start_ms:
            return None
        left = replace(piece, text_end=max(ends, default=piece.text_start), audio_end_ms=ms)
        self._spans.append(left)
        return left

    def _as_made(self, made_ms: int) -> tuple[list[Span], list[Span]]:
        """Return the pieces and their words, of which *made_ms* are made."""
        if not self._is_open:
            return self._spans, self._words
        # However long the last one was guessed to be, it was not over: not all of it was said.
        guessed = self._spans[-1]
        longer = replace(guessed, audio_end_ms=max(guessed.audio_end_ms, made_ms + 1))
        words = self._words
        if self._is_estimated:
            words = [_moved(word, guessed, longer) for word in words]
        return [*self._spans[:-1], longer], words

    def _last_words(self) -> list[Span]:
        """Return those of the last piece."""
        begin_ms = self.begin_ms()
        return [word for word in self._words if word.audio_start_ms >= begin_ms]


def _heard_within(piece: Span, words: Sequence[Span], heard_ms: int) -> int:
    begin, end = piece.audio_start_ms, piece.audio_end_ms
    words = [word for word in words if begin <= word.audio_start_ms < end]
    if words:
        ends = (word.text_end for word in words if word.audio_end_ms <= heard_ms)
        return max(ends, default=piece.text_start)
    part = (heard_ms - begin) / (end - begin)
    return piece.text_start + int((piece.text_end - piece.text_start) * part)


def _moved(word: Span, guessed: Span, spoken: Span) -> Span:
    """Return *word* where it lies when the piece that was *guessed* to be so long is as it was *spoken*."""
    if word.audio_start_ms < guessed.audio_start_ms:
        return word
    ratio = (spoken.audio_end_ms - spoken.audio_start_ms) / max(
        guessed.audio_end_ms - guessed.audio_start_ms, 1
    )
    begin = guessed.audio_start_ms
    start_ms, end_ms = (
        begin + round((ms - begin) * ratio) for ms in (word.audio_start_ms, word.audio_end_ms)
    )
    return replace(word, audio_start_ms=start_ms, audio_end_ms=end_ms)
