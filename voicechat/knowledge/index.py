"""All pages of a site, searched: SQLite finds what has words in common, the terms' likeness ranks it."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..dialogue import Passage, Source
from ..words import Asked, asked, is_how_to, is_light, page_terms, terms
from .nearness import Near, nearness
from .pages import Page, Section
from .vectors import Floats, Vectors
from .vocabulary import Vocabulary
from .weighing import Weighed, bearings

CANDIDATES = 40
"""Passages that SQLite hands over to be weighed."""

SEARCHED_TERMS = 60
"""Terms of the site that one search asks SQLite for, the likeliest first."""

LIKELY = 0.3
"""A term of the site that is less likely meant is not searched for."""

NEAREST = 20
"""Passages nearest in meaning that are weighed beside them."""

LIGHT_WEIGHT = 0.5
CONTEXT_WEIGHT = 0.5

HEADING_BM25, ABOVE_BM25, BODY_BM25 = 4.0, 2.0, 1.0


@dataclass(frozen=True, slots=True)
class _Entry:
    """A section of a page, as numbers of its terms."""

    page: Page
    section: Section
    heading: list[int]
    all: list[int]
    lines: NDArray[np.intp]
    """The terms of every line, each with the heading's, one line after the other."""
    starts: NDArray[np.intp]
    """Where in `lines` each begins."""


class Index:
    """
    What one state of the pages says. Built once, never changed.

    Every call works for milliseconds, on an SQLite connection of its own: one thread at a time.
    """

    def __init__(self, pages: Sequence[Page], vectors: Vectors | None) -> None:
        self.pages = tuple(pages)
        self._vocabulary = Vocabulary(vectors)
        self._entries = [self._entry(page, section) for page in pages for section in page.sections]
        self._vocabulary.close()
        self._nearness = nearness([entry.section for entry in self._entries], vectors)
        self._rarity = self._rarities()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute(
            "CREATE VIRTUAL TABLE passages USING fts5(heading, above, body, content='',"
            " tokenize=\"porter unicode61 remove_diacritics 2 tokenchars '#'\")"
        )
        self._database.executemany(
            "INSERT INTO passages(rowid, heading, above, body) VALUES (?, ?, ?, ?)", self._rows()
        )

    def close(self) -> None:
        self._database.close()

    def search(self, question: str, earlier: Sequence[str], limit: int) -> tuple[Passage, ...]:
        """Return at most *limit* passages, best first."""
        ranked = self.weigh(asked(question, earlier))
        found = bearings([weighed for weighed, _, _ in ranked])
        if earlier and found[:1] != ["answers"]:
            # What looked like going on may have been a new subject.
            anew = self.weigh(asked(question))
            anew_found = bearings([weighed for weighed, _, _ in anew])
            if anew_found[:1] == ["answers"] or not ranked:
                ranked, found = anew, anew_found
        return tuple(
            Passage(Source(page.title, page.url), section.heading, "\n".join(section.lines), bearing)
            for (_, page, section), bearing in zip(ranked[:limit], found, strict=False)
        )

    def weigh(self, question: Asked) -> list[tuple[Weighed, Page, Section]]:
        """Return the passages that have something of *question*, the best first."""
        own = question.terms
        if not own or not self._vocabulary.terms:
            return []
        likely, telling = self._vocabulary.match((*own, *question.context))
        weights = self._weights(question, likely, telling)
        near = self._nearness.of(question.said, {*own, *question.context}) if self._nearness else None
        found = []
        for number in self._candidates(likely, near):
            entry = self._entries[number]
            weighed = _weigh(entry, likely, weights, question)
            if near is not None:
                cosines, met = near.cosines[number], near.met[number]
                weighed = replace(weighed, near=tuple(cosines.tolist()), met=tuple(met.tolist()))
            found.append((weighed, entry.page, entry.section))
        return sorted(found, key=lambda one: -one[0].rank)

    def _weights(self, question: Asked, likely: Floats, telling: Floats) -> Floats:
        """Return what each term of the question weighs: rare and telling ones most."""
        most = math.log(1 + 2 * len(self._entries))
        meant = likely.argmax(axis=1)
        match = likely[np.arange(len(likely)), meant]
        rarity = (self._rarity[meant] * match + most * (1 - match)) / most
        light = [LIGHT_WEIGHT if is_light(term) else 1.0 for term in question.terms]
        context = [CONTEXT_WEIGHT] * len(question.context)
        weights: Floats = rarity * telling * np.array(light + context)
        return weights

    def _candidates(self, likely: Floats, near: Near | None) -> list[int]:
        best = likely.max(axis=0)
        searched = [n for n in np.argsort(-best)[:SEARCHED_TERMS] if best[n] >= LIKELY]
        found = [] if near is None else np.argsort(-near.cosines.mean(axis=1))[:NEAREST].tolist()
        if not searched:
            return found
        query = " OR ".join(f'"{self._vocabulary.terms[n]}"' for n in searched)
        rows = self._database.execute(
            "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY bm25(passages, ?, ?, ?) LIMIT ?",
            (query, HEADING_BM25, ABOVE_BM25, BODY_BM25, CANDIDATES),
        )
        return list(dict.fromkeys([*found, *(number for (number,) in rows)]))

    def _entry(self, page: Page, section: Section) -> _Entry:
        number = self._vocabulary.number
        heading = number(terms(section.heading))
        above = number(terms(section.above))
        lines = [number(page_terms(line)) for line in section.lines]
        bodies = [sorted({*line, *heading}) for line in lines if line or heading]
        starts = np.cumsum([0, *map(len, bodies)])[:-1]
        everything = sorted({*heading, *above, *(n for line in lines for n in line)})
        flat = np.array([n for body in bodies for n in body], np.intp)
        return _Entry(page, section, heading, everything, flat, starts.astype(np.intp))

    def _rarities(self) -> Floats:
        """Return the inverse document frequency of each term of the site, as BM25 has it."""
        count = len(self._entries)
        having = np.zeros(len(self._vocabulary.terms), np.float32)
        for entry in self._entries:
            having[entry.all] += 1
        rarities: Floats = np.log(1 + (count - having + 0.5) / (having + 0.5))
        return rarities

    def _rows(self) -> Iterable[tuple[int, str, str, str]]:
        for number, entry in enumerate(self._entries):
            section = entry.section
            body = (term for line in section.lines for term in page_terms(line))
            yield number, " ".join(terms(section.heading)), " ".join(terms(section.above)), " ".join(body)


def _weigh(entry: _Entry, likely: Floats, weights: Floats, question: Asked) -> Weighed:
    seen = likely[:, entry.all].max(axis=1) if entry.all else np.zeros(len(likely), np.float32)
    by_line = np.maximum.reduceat(likely[:, entry.lines], entry.starts, axis=1) if len(entry.starts) else seen
    heading = float(likely[:, entry.heading].max(axis=0).mean()) if entry.heading else 0.0
    own = question.terms
    last = max((i for i, term in enumerate(own) if not is_light(term)), default=len(own) - 1)
    absent = weights * (1 - likely.max(axis=1))
    # "What time is it?" names no subject: only a heading that asks the same may answer.
    share = (1.0 if question.has_subject else heading**2) / float(weights.sum())
    return Weighed(
        covered=float(weights @ seen) * share,
        heading=heading,
        line=float((weights @ by_line).max()) * share,
        missing=float((weights * (1 - seen)).max()) if question.whether else 0.0,
        last=1 - float(seen[last]),
        whether=float(question.whether),
        absent=float(absent.max()),
        absent_share=float(absent.sum() / weights.sum()),
        how_to=float(is_how_to(question.said) and is_how_to(entry.section.heading)),
    )
