"""
Growing text -> pieces worth speaking, each with its place in the text.

The first piece is the first clause, for somebody waits for it; the others are sentences, or lines.
Short ones are joined, for a voice reads three words better with what follows, and long ones are cut
at a comma or a space, for an engine takes only so much.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .spoken import FENCE, Spoken, spoken

SHORTEST = 16
"""Characters under which a sentence waits for the next one."""

LONGEST = 300
"""Characters at which a sentence without an end is cut."""

SHORTEST_CLAUSE = 12
"""Letters of a clause that is worth speaking alone, as RealtimeVoiceChat's ten and a little; those of
scripts in which one is a syllable or a word count twice."""

LONGEST_CLAUSE = 120
"""Characters at which a first clause without an end is cut, as RealtimeVoiceChat has it."""

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof sr jr st no nos vs etc e.g i.e approx ca dept est inc ltd co fig vol p pp ed tel ext "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun "
    "bzw d.h evtl ggf hr fr nr str u.a usw z.b inkl zzgl mio mrd sog vgl "
    "av bd mme mlle env ex c.-à-d sra srta ud uds núm pág sig dott sigg prof.ssa n art cfr".split()
)

# What may end a piece. Western marks need white space behind them ("3.50", "example.com"); Chinese and
# Japanese ones need nothing. Quotes and brackets that close, and marks of Markdown, go along.
_MARK = re.compile(
    r"""
      (?P<stop>   [.!?…]+[\"'”’»)\]*_]* (?=\s))
    | (?P<wide>   [。！？]+[」』”）]*)
    | (?P<clause> [,;:–—]+[\"'”’»)\]*_]* (?=\s) | [、，；：])
    | (?P<line>   \n+)
    """,
    re.VERBOSE,
)
_SAID = re.compile(r"\w")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
_FURTHEST = 8
"""Spaces behind a mark after which nothing is looked for that goes on with its sentence."""
_OPEN_MARKS = "([\"'“‘«*_"


@dataclass(frozen=True, slots=True)
class Piece:
    spoken: Spoken
    start: int
    """UTF-8 bytes of the shown text before it."""
    end: int
    """UTF-8 bytes of the shown text up to its end."""

    def shown(self, start: int, end: int) -> tuple[int, int]:
        """Return from which byte of the shown text to which its spoken characters *start* to *end* stand."""
        first, last = self.spoken.shown(start, end)
        return self.start + first, self.start + last

    def joined(self, following: Piece) -> Piece:
        """Return this piece and *following*, which comes next, as one."""
        distance, size = following.start - self.start, self.end - self.start
        places = ((start + distance, end + distance) for start, end in following.spoken.places)
        text = f"{self.spoken.text} {following.spoken.text}"
        return Piece(Spoken(text, (*self.spoken.places, (size, size), *places)), self.start, following.end)


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
        self._is_first = True
        """Whether nothing is spoken yet."""
        self._begins_line = True

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
        code = self._code_at()
        if code == 0:
            return self._code_end()
        longest = LONGEST_CLAUSE if self._is_first else LONGEST
        undecided = None
        for mark in _MARK.finditer(self._rest, self._searched, code or len(self._rest)):
            if mark.end() > longest:
                break
            following = self._following(mark)
            if following is None:
                undecided = mark.start()
                break
            if self._ends_piece(mark, following):
                return mark.end()
        if code is not None:
            return code
        if undecided is None and len(self._rest) > longest:
            return self._cut_within(self._rest[:longest])
        # Marks that end a piece are few: none that can still grow began further back.
        self._searched = max(0, len(self._rest) - 8) if undecided is None else undecided
        return None

    def _code_at(self) -> int | None:
        """Return where a block of code begins; None: none does."""
        fences = (found.start() for found in FENCE.finditer(self._rest))
        return next((at for at in fences if at or self._begins_line), None)

    def _code_end(self) -> int | None:
        """Return the end of the block of code with which the rest begins; None: it is not here yet."""
        opening = FENCE.match(self._rest)
        assert opening is not None
        closing = re.compile(rf"^[ ]{{0,3}}{re.escape(opening[1])}[`~]*[ \t]*\n", re.MULTILINE)
        found = closing.search(self._rest, opening.end())
        return found and found.end()

    def _following(self, mark: re.Match[str]) -> str | None:
        """Return what can be seen first after *mark*, "" for the line's end; None: it is not here yet."""
        if mark["line"]:
            return "" if mark.end() < len(self._rest) else None
        behind = self._rest[mark.end() : mark.end() + _FURTHEST]
        gap = len(behind) - len(behind.lstrip())
        if "\n" in behind[:gap] or gap == _FURTHEST:
            return ""
        return behind[gap] if gap < len(behind) else None

    def _ends_piece(self, mark: re.Match[str], following: str) -> bool:
        text = self._rest[: mark.end()]
        size = sum(2 if _DENSE.match(character) else character.isalnum() for character in text)
        is_long = size >= SHORTEST_CLAUSE if self._is_first else len(text) + size // 2 >= SHORTEST
        if not is_long:
            return False
        if mark["clause"]:
            # Times, prices and rows of numbers are read better in one go.
            return self._is_first and not following.isdigit()
        return not (mark["stop"] and self._is_inside_a_sentence(mark, following))

    def _is_inside_a_sentence(self, stop: re.Match[str], following: str) -> bool:
        if stop.group()[0] not in ".…":
            return False
        if following.islower():
            # A unit or an abbreviation that nobody listed; a sentence that begins so waits for its next one.
            return True
        word = self._rest[: stop.start()].rsplit(None, 1)[-1:] or [""]
        bare = word[0].lstrip(_OPEN_MARKS).lower()
        is_initial = len(bare) == 1 and bare.isalpha() and bare != "i"
        is_list_number = bare.isdigit() and self._begins_a_line(bare, stop)
        return bare in _ABBREVIATIONS or is_initial or is_list_number

    def _begins_a_line(self, number: str, end: re.Match[str]) -> bool:
        before = self._rest[: end.start() - len(number)].rstrip(" \t")
        return not before or before.endswith("\n")

    @staticmethod
    def _cut_within(text: str) -> int:
        comma, space = text.rfind(", ") + 2, text.rfind(" ") + 1
        return comma if comma > SHORTEST else space or len(text)

    def _take(self, cut: int) -> list[Piece]:
        shown, self._rest = self._rest[:cut], self._rest[cut:]
        self._searched = 0
        pieces = _piece(shown.rstrip(), self._pos, begins_line=self._begins_line)
        self._pos += len(shown.encode())
        self._begins_line = shown.endswith("\n")
        self._is_first = self._is_first and not pieces
        return pieces


class Whole:
    """The same for a voice that speaks the text in one go."""

    def __init__(self, start: int = 0) -> None:
        self._start = start
        self._parts: list[str] = []

    def feed(self, text: str) -> list[Piece]:
        self._parts.append(text)
        return []

    def flush(self) -> list[Piece]:
        return _piece("".join(self._parts), self._start, begins_line=True)


def _piece(shown: str, start: int, *, begins_line: bool) -> list[Piece]:
    """Return the piece that *shown* is; none where there is nothing to say."""
    read = spoken(shown, begins_line=begins_line)
    return [Piece(read, start, start + len(shown.encode()))] if _SAID.search(read.text) else []
