"""How near a question is in meaning to each of a site's sections, by the vectors of sentences."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from .pages import Section
from .vectors import Floats, Vectors

log = logging.getLogger("voicechat.knowledge")

MAX_SECTIONS = 600
"""Sections that are turned into vectors, half a minute's work; a larger site is searched by its words."""

MAX_QUESTION_CHARS = 400


class Nearness:
    """
    The vectors of *sections*, made when it is built: that takes some 50 ms a section.

    A line alone is near what asks for just that; with its heading it keeps its subject ("Three years
    from the day you buy it."); the whole passage and the heading stand for what lies between the lines.
    """

    def __init__(self, sections: Sequence[Section], vectors: Vectors) -> None:
        self._vectors = vectors
        lines = [(s.heading, line) for s in sections for line in s.lines]
        self._starts = np.cumsum([0, *(len(section.lines) for section in sections)])[:-1]
        self._headings = vectors.encode([section.heading for section in sections], keep=True)
        self._wholes = vectors.encode([f"{s.heading}. {' '.join(s.lines)}" for s in sections], keep=True)
        self._headed = vectors.encode([f"{heading}: {line}" for heading, line in lines], keep=True)
        self._lines = vectors.encode([line for _, line in lines], keep=True)

    def of(self, question: str) -> Floats:
        """Return a row for each section: the cosines of heading, whole, nearest headed and bare line."""
        (asked,) = self._vectors.encode([question[:MAX_QUESTION_CHARS]])
        best = [np.maximum.reduceat(lines @ asked, self._starts) for lines in (self._headed, self._lines)]
        return np.stack([self._headings @ asked, self._wholes @ asked, *best], axis=1)


def nearness(sections: Sequence[Section], vectors: Vectors | None) -> Nearness | None:
    """Return the nearness to *sections*; None where there are no vectors, or too many sections."""
    if not vectors or not sections:
        return None
    if len(sections) > MAX_SECTIONS:
        log.info("%d sections are more than %d: they are searched by words.", len(sections), MAX_SECTIONS)
        return None
    return Nearness(sections, vectors)
