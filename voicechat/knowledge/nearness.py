"""How near a question is in meaning to each of a site's sections, as a whole and word by word."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from ..words import MAX_SAID_CHARS, fold, is_light
from .pages import Section
from .vectors import Floats, Vectors

log = logging.getLogger("voicechat.knowledge")

MAX_SECTIONS = 600
"""Sections that are turned into vectors, half a minute's work; a larger site is searched by its words."""

LEAST_SPREAD = 1e-3
"""Of a cosine over a site's sections, in place of none."""


@dataclass(frozen=True, slots=True)
class Near:
    """A question beside all sections: a row each."""

    cosines: Floats
    """Of heading, whole, nearest line with its heading, nearest bare line."""
    met: Floats
    """How each section meets the question's words, and its cosines, both against the other sections."""


class Nearness:
    """
    The vectors of *sections*, made when it is built: that takes some 50 ms a section.

    A line alone is near what asks for just that; with its heading it keeps its subject ("Three years
    from the day you buy it."); the whole passage and the heading stand for what lies between the lines.
    """

    def __init__(self, sections: Sequence[Section], vectors: Vectors) -> None:
        self._vectors = vectors
        read = [[vectors.read(text, keep=True) for text in _headed(section)] for section in sections]
        lines = [line for section in sections for line in section.lines]
        self._line_starts = np.cumsum([0, *map(len, read)])[:-1]
        self._headings = vectors.encode([section.heading for section in sections], keep=True)
        self._wholes = vectors.encode([f"{s.heading}. {' '.join(s.lines)}" for s in sections], keep=True)
        self._headed = np.stack([one.sentence for each in read for one in each])
        self._lines = vectors.encode(lines, keep=True)
        counts = [sum(len(one.words) for one in each) for each in read]
        self._word_starts = np.cumsum([0, *counts])[:-1]
        # Half the memory, and no cosine that matters differs.
        self._words = np.concatenate([one.meanings for each in read for one in each], dtype=np.float16)

    def of(self, question: str, terms: Collection[str]) -> Near:
        """Return how near *question* is, *terms* being those of its words that carry its meaning."""
        asked = self._vectors.read(question[:MAX_SAID_CHARS])
        best = [
            np.maximum.reduceat(lines @ asked.sentence, self._line_starts)
            for lines in (self._headed, self._lines)
        ]
        cosines = np.stack([self._headings @ asked.sentence, self._wholes @ asked.sentence, *best], axis=1)
        meanings = asked.meanings[_telling(asked.words, terms)]
        every = self._words.astype(np.float32) @ meanings.T
        met = _met(np.maximum.reduceat(every, self._word_starts, axis=0).T)
        return Near(cosines, np.concatenate([met, _against_others(cosines.T).T], axis=1))


def _telling(words: Sequence[str], terms: Collection[str]) -> list[int]:
    """Return which of *words* tell what is asked: the terms that are not light, else the terms, else all."""
    folded = [fold(word) for word in words]
    chosen = [i for i, word in enumerate(folded) if word in terms]
    return [i for i in chosen if not is_light(folded[i])] or chosen or list(range(len(words)))


def _headed(section: Section) -> list[str]:
    return [f"{section.heading}: {line}" for line in section.lines]


def _met(words: Floats) -> Floats:
    """
    Return how each section meets *words*, a row for each word with its best cosine in every section.

    First the words it meets worst (the least, the next, the mean): by cosine, against the other
    sections, and as what it lacks to the section that meets the word best. Then how well the site as a
    whole meets them. Then the last and the first word, in English mostly what is asked for and how.
    """
    if not len(words):  # signs that the network has no words for
        words = np.zeros((1, words.shape[1]), np.float32)
    most = words.max(axis=1, keepdims=True)
    against = _against_others(words)
    everywhere = np.ones(words.shape[1])
    return np.stack(
        [
            *_worst(words),
            *_worst(against),
            *(-lack for lack in _worst(words - most)),
            most.min() * everywhere,
            most.mean() * everywhere,
            words[-1],
            against[-1],
            words[0],
            against[0],
        ],
        axis=1,
    )


def _worst(rows: Floats) -> tuple[Floats, Floats, Floats]:
    ordered = np.sort(rows, axis=0)
    return ordered[0], ordered[min(1, len(ordered) - 1)], ordered.mean(axis=0)


def _against_others(rows: Floats) -> Floats:
    """Return by how many spreads each is over its row's mean; a third of it, to be of a cosine's size."""
    spread = rows.std(axis=1, keepdims=True) + LEAST_SPREAD
    against: Floats = (rows - rows.mean(axis=1, keepdims=True)) / spread / 3
    return against


def nearness(sections: Sequence[Section], vectors: Vectors | None) -> Nearness | None:
    """Return the nearness to *sections*; None where there are no vectors, or too many sections."""
    if not vectors or not sections:
        return None
    if len(sections) > MAX_SECTIONS:
        log.info("%d sections are more than %d: they are searched by words.", len(sections), MAX_SECTIONS)
        return None
    return Nearness(sections, vectors)
