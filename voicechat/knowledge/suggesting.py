"""Questions to tap, taken from the pages' own headings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

from ..words import words
from .index import Index
from .pages import Page

MAX_SUGGESTIONS = 12
MAX_CHARS = 60
"""A longer one does not fit a button."""

# "How do I send it back?" says nothing away from its page.
_POINTING = frozenset(
    "it its this that they them their these those there here one ones er sie es das".split()
)


class Suggestion(NamedTuple):
    text: str
    url: str
    """Path of the page that answers it."""


def suggestions(index: Index) -> tuple[Suggestion, ...]:
    """
    Return headings to tap that *index* answers with the very passage below them, spread over the pages.

    Questions come first; where a site's headings are none, they are taken as they are.
    """
    inner = [page for page in index.pages if page.url != "/"]
    outer = [page for page in index.pages if page.url == "/"]
    rounds = chain(_spread(index, inner, True), _spread(index, outer, True))
    plain = chain(_spread(index, inner, False), _spread(index, outer, False))
    found: dict[str, Suggestion] = {}
    for suggestion in chain(rounds, plain):
        if len(found) == MAX_SUGGESTIONS:
            break
        found.setdefault(suggestion.text, suggestion)
    return tuple(found.values())


def follow_ups(known: Sequence[Suggestion], urls: Collection[str], said: Iterable[str]) -> tuple[str, ...]:
    """Return those of *known* that were not *said*, the ones of the pages at *urls* first."""
    over = {tuple(words(text)) for text in said}
    fresh = [one for one in known if tuple(words(one.text)) not in over]
    return tuple(one.text for one in sorted(fresh, key=lambda one: one.url not in urls))


def _spread(index: Index, pages: list[Page], questions: bool) -> Iterator[Suggestion]:
    """Yield one heading of every page, then a second of every page, and so on."""
    for headings in zip_longest(*(_headings(index, page, questions) for page in pages)):
        yield from filter(None, headings)


def _headings(index: Index, page: Page, questions: bool) -> Iterator[Suggestion]:
    for heading in dict.fromkeys(section.heading for section in page.sections):
        fits = len(heading) <= MAX_CHARS and _POINTING.isdisjoint(words(heading))
        if heading.endswith("?") is questions and fits and _answers(index, page, heading):
            yield Suggestion(heading, page.url)


def _answers(index: Index, page: Page, heading: str) -> bool:
    first = next(iter(index.search(heading, (), 1)), None)
    return bool(
        first and first.bearing == "answers" and first.heading == heading and first.source.url == page.url
    )
