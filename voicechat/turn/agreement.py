"""
Which words of a live caption stay: those on which two hypotheses in a row agree. Pure.

After "local agreement" (Liu et al. 2020; Macháček et al. 2023, "Turning Whisper into Real-Time
Transcription System"): an engine that hears a recording again and again, each time with more of it,
changes its mind about the last words and hardly ever about earlier ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_JOINED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
"""Thai and its neighbours, Chinese, Japanese and their marks: words are not set apart, so each is one."""

_WORD = re.compile(rf"[{_JOINED}]|[^\s{_JOINED}]+")
_MARKS = re.compile(r"\W+")
_LAST_MARKS = re.compile(r"\W+\Z")
_NO_SPACE_AFTER = re.compile(rf"[{_JOINED}]\Z")
_NO_SPACE_BEFORE = re.compile(rf"[{_JOINED}.,;:!?…]")

SURE_WORDS = 3
"""So many words in a row, at nearly the same place, are the same words of the speaker."""

SHIFTS = (0, 1, -1, 2, -2, 3, -3)
"""How many words more or less two hypotheses may have before them."""


@dataclass(frozen=True, slots=True)
class Word:
    bare: str
    """Without marks and capitals, which a hypothesis sets by what comes after."""
    end: int
    """Characters of the text up to its last letter: the marks behind it may still change."""
    end_of_marks: int


def words_of(text: str) -> list[Word]:
    """Return the words of *text*; what is nothing but marks is none."""
    found = []
    for match in _WORD.finditer(text):
        if bare := _MARKS.sub("", match[0]).casefold():
            end = match.start() + len(_LAST_MARKS.sub("", match[0]))
            found.append(Word(bare, end, match.end()))
    return found


def joined(text: str, more: str) -> str:
    """Return *text* and *more* behind it, with a space where words are set apart."""
    if not text or not more or _NO_SPACE_AFTER.search(text) or _NO_SPACE_BEFORE.match(more):
        return text + more
    return f"{text} {more}"


def end_in(text: str, earlier: str) -> int | None:
    """Return at which character of *text* the words of *earlier* end in it; None: not for sure in it."""
    words = words_of(text)
    count = count_of(words, words_of(earlier))
    return words[count - 1].end_of_marks if count else None


def count_of(words: list[Word], earlier: list[Word]) -> int | None:
    """Return how many of *words* are those of *earlier*, by the last of them; None: not for sure any."""
    last = [word.bare for word in earlier[-SURE_WORDS:]]
    if len(last) < SURE_WORDS:
        return None
    for count in (len(earlier) + shift for shift in SHIFTS):
        if count >= SURE_WORDS and [word.bare for word in words[count - SURE_WORDS : count]] == last:
            return count
    return None


def in_common(one: list[Word], other: list[Word]) -> int:
    """Return with how many same words both begin."""
    count = 0
    for ours, theirs in zip(one, other, strict=False):
        if ours.bare != theirs.bare:
            break
        count += 1
    return count


class Agreement:
    """Feed it each hypothesis of one recording, in order."""

    def __init__(self) -> None:
        self._stable = ""
        self._stable_words: list[Word] = []
        self._last: list[Word] = []

    def add(self, hypothesis: str) -> tuple[str, int]:
        """
        Return what to show, and how many bytes of it will begin all that is returned from now on.

        Where a hypothesis contradicts what is stable, that stays; the final transcript puts it right.
        """
        words = words_of(hypothesis)
        agreed = in_common(self._last, words)
        self._last = words
        known = count_of(words, self._stable_words) or len(self._stable_words)
        if known > len(words):
            return self._stable, len(self._stable.encode())
        rest_from = words[known - 1].end if known else 0
        text = self._stable + hypothesis[rest_from:]
        if agreed > known:
            self._stable += hypothesis[rest_from : words[agreed - 1].end]
            self._stable_words += words[known:agreed]
        return text, len(self._stable.encode())
