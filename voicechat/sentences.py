"""
Growing text -> pieces worth speaking, each with its place in the text.

A piece is a sentence, or a line; short ones are joined, for a voice reads three words better with
what follows, and long ones are cut at a comma or a space, for an engine takes only so much.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SHORTEST = 16
"""Characters under which a sentence waits for the next one."""

LONGEST = 300
"""Characters at which a sentence without an end is cut."""

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof sr jr st no vs etc e.g i.e approx dept est inc ltd co fig vol p pp "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun "
    "bzw ca d.h evtl ggf hr fr nr tel u.a usw z.b".split()
)

# A mark that ends a sentence, with quotes and brackets that close after it. Western marks need
# white space behind them ("3.50", "example.com"); Chinese and Japanese ones need nothing.
_END = re.compile(r"[.!?…]+[\"'”’»)\]*_]*(?=\s)|[。！？]+[」』”）]*|\n+")
_MARKUP = re.compile(
    r"!?\[([^\]]*)\]\([^)]*\)"  # a link or picture keeps its words
    r"|^[ \t]*(?:#{1,6}|[-*+>]|\d+\.(?=\s))[ \t]+"  # headings, lists, quotes
    r"|[*_`~|]+",
    re.MULTILINE,
)
_WORDS = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    """What the voice reads: the shown text without its markup."""
    start: int
    """UTF-8 bytes of the shown text before it."""
    end: int
    """UTF-8 bytes of the shown text up to its end."""


class Sentences:
    """
    Cuts a text that grows.

    Feed it every piece of the text in order, then `flush` once. The places of the pieces are
    those of the text fed, counted from *start* bytes.
    """

    def __init__(self, start: int = 0) -> None:
        self._rest = ""
        self._pos = start
        self._searched = 0

    def feed(self, text: str) -> list[Piece]:
        """Return the pieces that are complete now."""
        self._rest += text
        pieces = []
        while (cut := self._next_cut()) is not None:
            pieces += self._take(cut)
        return pieces

    def flush(self) -> list[Piece]:
        """Return what is left; the text is complete."""
        return self._take(len(self._rest))

    def _next_cut(self) -> int | None:
        for end in _END.finditer(self._rest, self._searched):
            # What comes next must be here already: a mark at the very end may still grow.
            if end.end() > LONGEST or end.end() == len(self._rest):
                break
            if end.end() >= SHORTEST and not self._is_inside_a_sentence(end):
                return end.end()
        if len(self._rest) > LONGEST:
            return self._cut_within(self._rest[:LONGEST])
        # Marks that close a sentence are few: none that can still grow began further back.
        self._searched = max(0, len(self._rest) - 8)
        return None

    @staticmethod
    def _cut_within(text: str) -> int:
        comma, space = text.rfind(", ") + 2, text.rfind(" ") + 1
        return comma if comma > SHORTEST else space or len(text)

    def _is_inside_a_sentence(self, end: re.Match[str]) -> bool:
        if not end.group().startswith("."):
            return False
        word = self._rest[: end.start()].rsplit(None, 1)[-1:] or [""]
        bare = word[0].lstrip("([\"'“‘«*_").lower()
        is_initial = len(bare) == 1 and bare.isalpha() and bare != "i"
        is_list_number = bare.isdigit() and self._begins_a_line(bare, end)
        return bare in _ABBREVIATIONS or is_initial or is_list_number

    def _begins_a_line(self, number: str, end: re.Match[str]) -> bool:
        before = self._rest[: end.start() - len(number)].rstrip(" \t")
        return not before or before.endswith("\n")

    def _take(self, cut: int) -> list[Piece]:
        shown, self._rest = self._rest[:cut], self._rest[cut:]
        self._searched = 0
        start = self._pos
        self._pos += len(shown.encode())
        spoken = speakable(shown)
        return [Piece(spoken, start, self._pos)] if _WORDS.search(spoken) else []


def speakable(text: str) -> str:
    """Return *text* without the markup that a voice must not read out."""
    return " ".join(_MARKUP.sub(lambda found: found.group(1) or "", text).split())


class Whole:
    """The same for a voice that speaks the text in one go."""

    def __init__(self, start: int = 0) -> None:
        self._start = start
        self._parts: list[str] = []

    def feed(self, text: str) -> list[Piece]:
        self._parts.append(text)
        return []

    def flush(self) -> list[Piece]:
        shown = "".join(self._parts)
        spoken = speakable(shown)
        return (
            [Piece(spoken, self._start, self._start + len(shown.encode()))] if _WORDS.search(spoken) else []
        )
