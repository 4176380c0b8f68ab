"""All terms of a site's pages, and which of them a visitor's word may mean."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..words import (
    NEAR_GROUPS,
    NEAR_LIKENESS,
    PREFIX_CHARS,
    PREFIX_LIKENESS,
    SAME_GROUPS,
    SAME_LIKENESS,
    distance,
    is_light,
    stem,
)
from .vectors import Floats, Vectors, Word

FAR, CLOSE, MOST = 0.4, 0.75, 0.65
"""A cosine of FAR counts nothing, one of CLOSE and more counts MOST; tuned as those in `weighing` were."""

LETTERS_LIKELY = 0.3
"""Two words that begin alike are one if their vectors say no less: "customs" and "customer" are not."""

SLIP_CHARS, TWO_SLIPS_CHARS = 4, 8
"""Letters from which on a word may hold a slip of the finger, and two that leave its last letter be."""


class Vocabulary:
    def __init__(self, vectors: Vectors | None) -> None:
        self.terms: list[str] = []
        """As they stand in the pages, one for each stem, by number."""
        self._numbers: dict[str, int] = {}
        self._vectors = vectors
        self._directions: Floats | None = None
        self._sorted: list[str] = []
        self._same: Mapping[int, list[int]] = {}
        self._near: Mapping[int, list[int]] = {}

    def number(self, terms: Iterable[str]) -> list[int]:
        """Take *terms* in, and return their numbers, each once, rising."""
        numbers = set()
        for term in terms:
            number = self._numbers.setdefault(stem(term), len(self.terms))
            if number == len(self.terms):
                self.terms.append(term)
            numbers.add(number)
        return sorted(numbers)

    def close(self) -> None:
        """Make ready for `match`: no terms are taken in any more."""
        self._sorted = sorted(self._numbers)
        self._same = self._by_group(SAME_GROUPS)
        self._near = self._by_group(NEAR_GROUPS)
        if self._vectors:
            self._directions = self._vectors.encode([term.lstrip("#") for term in self.terms], keep=True)

    def _by_group(self, groups: Mapping[str, frozenset[int]]) -> Mapping[int, list[int]]:
        members: defaultdict[int, list[int]] = defaultdict(list)
        for stem_, number in self._numbers.items():
            for group in groups.get(stem_, ()):
                members[group].append(number)
        return members

    def match(self, terms: Sequence[str]) -> tuple[Floats, Floats]:
        """Return how likely each of *terms* means each of the site's, 0 to 1, and how telling it is."""
        known: Sequence[Word | None] = self._vectors.words(terms) if self._vectors else [None] * len(terms)
        rows = np.stack([self._row(term, word) for term, word in zip(terms, known, strict=True)])
        return rows, np.array([word.telling if word else 1.0 for word in known], np.float32)

    def _row(self, term: str, word: Word | None) -> Floats:
        row = np.zeros(len(self.terms), np.float32)
        if word is not None and self._directions is not None:
            row = np.clip((self._directions @ word.direction - FAR) / (CLOSE - FAR), 0, 1) * MOST
        akin_by_letters = row > LETTERS_LIKELY if word else np.ones(len(row), np.bool_)
        own = self._spelled(term, word)
        for members, groups, likeness in (
            (self._near, NEAR_GROUPS, NEAR_LIKENESS),
            (self._same, SAME_GROUPS, SAME_LIKENESS),
        ):
            for group in groups.get(own, ()):
                akin = members.get(group, [])
                row[akin] = np.maximum(row[akin], likeness)
        for number in self._longer_and_shorter(own):
            if akin_by_letters[number]:
                row[number] = max(row[number], PREFIX_LIKENESS)
        if own in self._numbers:
            row[self._numbers[own]] = 1
        return row

    def _longer_and_shorter(self, own: str) -> Iterable[int]:
        if len(own) < PREFIX_CHARS:
            return
        for length in range(PREFIX_CHARS, len(own)):
            if own[:length] in self._numbers:
                yield self._numbers[own[:length]]
        for longer in self._sorted[bisect_left(self._sorted, own) :]:
            if not longer.startswith(own):
                break
            yield self._numbers[longer]

    def _spelled(self, term: str, word: Word | None) -> str:
        """Return the stem of *term*, or the one it was meant to be where it looks like a slip."""
        own = stem(term)
        is_known = own in self._numbers or own in SAME_GROUPS or own in NEAR_GROUPS or is_light(term)
        if is_known or (word and word.is_common) or len(term) < SLIP_CHARS or not term.isalpha():
            return own
        most = 1 if len(term) < TWO_SLIPS_CHARS else 2
        spelled = [(self.terms[number], stem_) for stem_, number in self._alike(own)]
        spelled += [(stem_, stem_) for stem_ in _TABLED.get(own[0], ())]
        nearest = [(distance(term, word_, most), word_[-1] != term[-1], stem_) for word_, stem_ in spelled]
        slips, ends_otherwise, meant = min(nearest, default=(most + 1, True, own))
        return meant if slips == 1 or (slips == 2 <= most and not ends_otherwise) else own

    def _alike(self, own: str) -> Iterable[tuple[str, int]]:
        """Yield the stems that begin with the same letter: that one is seldom mistyped."""
        for stem_ in self._sorted[bisect_left(self._sorted, own[0]) :]:
            if stem_[0] != own[0]:
                break
            yield stem_, self._numbers[stem_]


def _by_letter(stems: Iterable[str]) -> dict[str, list[str]]:
    letters: defaultdict[str, list[str]] = defaultdict(list)
    for stem_ in stems:
        letters[stem_[0]].append(stem_)
    return letters


_TABLED = _by_letter({*SAME_GROUPS, *NEAR_GROUPS})
