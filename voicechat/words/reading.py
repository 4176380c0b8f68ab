"""Text -> the terms in it that carry meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .kinship import likeness
from .stems import stem
from .tables import LIGHT_WORDS, PHRASES, STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´", "'"))
"""Those that keyboards and telephones put in place of the plain one."""

LONGEST_WORD_CHARS = 40
"""What is read of a word: no language's words need more, and longer ones would fill the memory of stems."""
_PHRASE = re.compile(rf"(?<!\S)(?:{'|'.join(sorted(PHRASES, key=len, reverse=True))})(?!\S)")

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = r"(mon|tue|wed|thu|fri|sat|sun)(?:s|rs|day|sday|rsday|nesday|urday)?s?\.?"
_DAY_RANGE = re.compile(rf"\b{_DAY}\s*(?:to|till|until|through|-|–|—)\s*{_DAY}\b")

_SHOWN = (
    (re.compile(r"[£$€¥]\s?\d|\d\s?(?:[£$€¥]|eur|usd|gbp|chf)\b"), "#price"),
    (re.compile(r"\b\d{1,2}[:.]\d\d\b|\b\d{1,2}\s?[ap]\.?m\b|\b\d{1,2}\s?uhr\b|\b\d{1,2}\s?h\b"), "#time"),
    (re.compile(r"\b(?:minute|hour|day|week|month|year)s?\b"), "#duration"),
    (re.compile(r"\+?\d[\d ()/-]{7,}\d"), "#phone"),
    (re.compile(r"\S@\S"), "email"),
    (re.compile(r"\d\s?°"), "temperature"),
)

_WHETHER = re.compile(
    r"(?:(?:hi|hello|hey|so|and) )?(?:do|does|is|are|have|has|can|could|will|would|may|r) "
    r"(?:you|u|there|i|we|it|they|your|the)\b"
)
_HOW_TO = re.compile(
    r"\b(?:how (?:do|can|could|should|would|to|does|must|might|am)|wie (?:kann|konnen|mache|soll|muss|darf)"
    r"|comment (?!ca va)|como (?:puedo|se|hago|debo))\b"
)
_GOES_ON = re.compile(
    r"(?:and|or|but|also|what about|how about|then|und|oder|aber|was ist mit|et|ou|mais|y|o|pero) "
)
_POINTING = frozenset(
    "it that this they them there those these one ones es das dort il elle ca eso ese alli".split()
)

MAX_SAID_CHARS = 400
"""Of a question and those before it, to read their meaning by: about what the sentence encoder takes in."""

MAX_TERMS = 24
"""A question's terms that are looked at; a longer one is a story, and its start tells the subject."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question is about."""

    terms: tuple[str, ...]
    said: str = ""
    """The question as it was asked, and before it those that it goes on from, where there is room."""
    context: tuple[str, ...] = ()
    """Terms of earlier questions that this one goes on from."""
    whether: bool = False
    """Whether it asks if something is so ("do you have …"): then all of it must be found."""

    @property
    def has_subject(self) -> bool:
        return not all(map(is_light, (*self.terms, *self.context)))


def fold(text: str) -> str:
    """Return *text* in lower case without accents, as SQLite's `unicode61` sees it."""
    # Decomposed first: some signs come apart into capitals.
    decomposed = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Return the words of *text*, folded, in order: what people leave out too ("whats") has no apostrophe."""
    return [word.replace("'", "")[:LONGEST_WORD_CHARS] for word in _WORD.findall(fold(text))]


def terms(text: str) -> tuple[str, ...]:
    """Return what *text* is about, each once, in order: phrases as one, without stop words."""
    meant = _PHRASE.sub(lambda said: PHRASES[said.group()], " ".join(words(text))).split()
    return tuple(dict.fromkeys(word for word in meant if word not in STOP_WORDS))


def page_terms(text: str) -> tuple[str, ...]:
    """Return the terms of a page's *text*, and what it shows: prices, times, the days between two days."""
    folded = fold(text)
    shown = [term for pattern, term in _SHOWN if pattern.search(folded)]
    days = [day for found in _DAY_RANGE.finditer(folded) for day in _between(*found.groups())]
    return tuple(dict.fromkeys((*terms(text), *shown, *days)))


def _between(first: str, last: str) -> Sequence[str]:
    short = [day[:3] for day in _DAYS]
    start, end = short.index(first), short.index(last)
    return (*_DAYS[start:], *_DAYS[: end + 1]) if end < start else _DAYS[start : end + 1]


@lru_cache(maxsize=10_000)
def is_light(term: str) -> bool:
    """Tell whether *term* shapes a question more than it tells its subject."""
    return term.isdecimal() or stem(term) in _LIGHT_STEMS


_LIGHT_STEMS = frozenset(map(stem, LIGHT_WORDS))


def asked(question: str, earlier: Sequence[str] = ()) -> Asked:
    """
    Return what *question* is about; *earlier* are the visitor's questions before it, the newest last.

    "And on Sunday?" takes along what "Are you open on Saturday?" was about, but for the Saturday.
    """
    own = terms(question)[:MAX_TERMS]
    whether = _WHETHER.match(" ".join(words(question))) is not None
    context: list[str] = []
    # "And how long does it take?" asks anew what is wanted to know: the price asked before is dropped.
    asks_anew = any(map(is_light, own))
    said, latest = question, question
    for before in reversed(earlier):
        # Earlier ones come without end, and every term is held against all others.
        room = MAX_SAID_CHARS - len(said) - 1
        if room <= 0 or len(own) + len(context) >= MAX_TERMS or not _goes_on(latest):
            break
        known = (*own, *context)
        whether = whether or _WHETHER.match(" ".join(words(before))) is not None
        said = f"{before[:room]} {said}"
        context += [
            term
            for term in terms(before)[:MAX_TERMS]
            if not (asks_anew and is_light(term)) and all(_differ(term, other) for other in known)
        ]
        latest = before
    return Asked(own, said, tuple(context[: MAX_TERMS - len(own)]), whether)


def is_how_to(text: str) -> bool:
    """Tell whether *text* asks for the steps of something: "how do I ...", not "how much"."""
    return _HOW_TO.search(" ".join(words(text))) is not None


def _goes_on(question: str) -> bool:
    said = words(question)
    subjects = sum(not is_light(term) for term in terms(question))
    points = not _POINTING.isdisjoint(said)
    return (
        bool(_GOES_ON.match(" ".join(said) + " "))
        or len(said) <= 2
        or subjects == 0
        or (points and subjects <= 1)
    )


def _differ(one: str, other: str) -> bool:
    return not likeness(stem(one), stem(other))
