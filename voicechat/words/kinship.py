"""How near two stems are in meaning, by the tables."""

from __future__ import annotations

from collections import defaultdict

from .stems import stem
from .synonyms import NEAR, SAME

SAME_LIKENESS = 0.9
NEAR_LIKENESS = 0.6
PREFIX_LIKENESS = 0.8
"""Tuned with the weights of `knowledge.weighing`, on the questions in `tests/sites`."""

PREFIX_CHARS = 6
"""Letters that two words must begin with to pass for one: "Öffnungszeit" and "Öffnungszeiten"."""


def _groups(table: str) -> dict[str, frozenset[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for number, line in enumerate(table.strip().splitlines()):
        for word in line.split():
            found[stem(word)].add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


SAME_GROUPS = _groups(SAME)
NEAR_GROUPS = _groups(NEAR)
"""Stem -> the numbers of the lines it stands in."""

_NONE: frozenset[int] = frozenset()


def likeness(one: str, other: str) -> float:
    """Return 1 for equal stems, 0 for those that the tables know nothing in common of."""
    if one == other:
        return 1.0
    if not SAME_GROUPS.get(one, _NONE).isdisjoint(SAME_GROUPS.get(other, _NONE)):
        return SAME_LIKENESS
    if min(len(one), len(other)) >= PREFIX_CHARS and (one.startswith(other) or other.startswith(one)):
        return PREFIX_LIKENESS
    if not NEAR_GROUPS.get(one, _NONE).isdisjoint(NEAR_GROUPS.get(other, _NONE)):
        return NEAR_LIKENESS
    return 0.0
