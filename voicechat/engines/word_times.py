"""Which phonemes say which word of a text, and so when each word is said."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .interface import TimedWord

Phonemes = list[str]

_NO_SOUND = frozenset(" ,.;:!?…—-–\"'()¡¿“”«»ˈˌ")
"""What espeak puts among phonemes: gaps, marks and stress, which are not the same in a sentence as alone."""


@dataclass(frozen=True, slots=True)
class PlacedWord:
    start: int
    """Characters of the text before it."""
    end: int
    first: int
    """Phonemes of the text before the first of its own."""
    last: int
    """Phonemes of the text before the last of its own."""


def place_words(
    text: str,
    words: Sequence[tuple[int, int]],
    said: Sequence[str],
    phonemize: Callable[[str], Phonemes],
) -> list[PlacedWord]:
    """
    Find each of *words*, from which character to which it goes, among the phonemes that *text* is *said* by.

    In a sentence words run together, and a number is several: each is read alone by *phonemize* too, and
    both readings are laid side by side. A word of which nothing sounds there is left out.
    """
    alone: Phonemes = []
    owners: list[int] = []
    for number, (start, end) in enumerate(words):
        own = [phoneme for phoneme in phonemize(text[start:end]) if phoneme not in _NO_SOUND]
        alone += own
        owners += [number] * len(own)
    sounding = [at for at, phoneme in enumerate(said) if phoneme not in _NO_SOUND]
    found: dict[int, list[int]] = {}
    for before, behind, from_, to in _stretches(alone, [said[at] for at in sounding]):
        # What sounds otherwise than alone belongs to the words it stands for, in equal parts.
        for nth, at in enumerate(sounding[from_:to]):
            owner = owners[min(before + nth * (behind - before) // (to - from_), behind - 1)]
            found.setdefault(owner, []).append(at)
    return [PlacedWord(*words[number], places[0], places[-1]) for number, places in sorted(found.items())]


def _stretches(alone: Phonemes, said: Phonemes) -> Iterator[tuple[int, int, int, int]]:
    """Yield which stretch of *alone* is said by which of *said*: from where to where in both."""
    for kind, before, behind, from_, to in SequenceMatcher(None, alone, said, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from ((before + n, before + n + 1, from_ + n, from_ + n + 1) for n in range(to - from_))
        elif kind == "replace":
            yield before, behind, from_, to
        elif kind == "insert" and alone:
            # It goes with what is said before it.
            at = max(before - 1, 0)
            yield at, at + 1, from_, to


def phoneme_ends(
    phonemes: Sequence[str], ids: Mapping[str, Sequence[int]], samples: Sequence[int]
) -> list[int] | None:
    """
    Return how many samples of a sentence there are up to the end of each of its *phonemes*.

    *samples* are those of each id that went into the model: an id to begin with, then those of each
    phoneme, each followed by one of a gap, and one to end with (Piper's `phonemes_to_ids`). None: they
    do not fit.
    """
    counts = [len(ids.get(phoneme, ())) for phoneme in phonemes]
    widths = [count + 1 if count else 0 for count in counts]
    if 2 + sum(widths) + 1 != len(samples):
        return None
    ends = list(itertools.accumulate(samples))
    return [ends[1 + width] for width in itertools.accumulate(widths)]


class WordTimes:
    """Tells when the *placed* words of a text are said, while its sound is made part by part."""

    def __init__(self, placed: Sequence[PlacedWord]) -> None:
        self._placed = list(placed)
        self._phonemes = 0
        """Of the parts before."""
        self._ms = 0.0

    def of(self, ends_ms: Sequence[float], length_ms: float) -> Iterator[TimedWord]:
        """Yield the words of the next part, *length_ms* long, whose phonemes end at *ends_ms* of it."""
        begin, behind = self._phonemes, self._phonemes + len(ends_ms)
        while self._placed and self._placed[0].first < behind:
            word = self._placed.pop(0)
            first, last = max(word.first - begin, 0), min(word.last - begin, len(ends_ms) - 1)
            start_ms = ends_ms[first - 1] if first else 0.0
            yield TimedWord(word.start, word.end, round(self._ms + start_ms), round(self._ms + ends_ms[last]))
        self._phonemes, self._ms = behind, self._ms + length_ms
