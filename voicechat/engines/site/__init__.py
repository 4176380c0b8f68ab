"""
The site's own pages as a chat engine: it quotes the passage that answers, and names the page.

No language model: it says nothing about the site that does not stand there, and `phrases` holds all
that it says of its own.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from itertools import groupby

from ...dialogue import Bearing, Message, Passage, Prompt
from ...words import SAME_LIKENESS, Asked, asked, is_how_to, is_light, likeness, page_terms, stem, terms
from ..interface import EngineInfo
from .phrases import PHRASES, Phrases
from .small_talk import small_talk

QUOTE_CHARS = 300
"""A quote ends with the line that reaches it: some twenty seconds of speech."""

QUOTES: dict[Bearing, int] = {"answers": 2, "near": 3, "aside": 0}
"""
Passages that are quoted at most.

A second one that answers as well as the first is quoted too, for it may be the right one. Where none
answers for certain, the right one is mostly among three.
"""

SHORT_CHARS = 120
"""A shorter quote takes the next sentence along."""

NEAR_SHARE = 0.7
"""Of the best line's score: lines from there on are quoted too."""

LESS_WEIGHT = 0.5
"""Of words that only shape a question, and of those taken along from an earlier one."""

OFFERED_TOPICS = 8

_PIECE = re.compile(r"\s*\S+(?:\s+\S+){0,2}\s*")
_ROW = re.compile(r"[^.:]{1,60}: \S")
_LEANS_BACK = re.compile(
    r"(?:it|they|this|these|that|those|he|she|then|er|sie|es|dies|das)\b|there ", re.IGNORECASE
)
"""Of a line that speaks of the one before; "There's" mostly begins something new."""
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_YES_OR_NO = re.compile(r"(?:yes|no|ja|nein|oui|non|sí|si)\b", re.IGNORECASE)


class Site:
    """Answers from the passages it is given, at once and for nothing."""

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("chat", "site", "the site's own pages", paid=False, place="this machine")

    async def load(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        for piece in _PIECE.findall(_answer(prompt)):
            yield piece


def _answer(prompt: Prompt) -> str:
    language, _, _ = (prompt.language or "").lower().replace("_", "-").partition("-")
    phrases = PHRASES.get(language, PHRASES["en"])
    said = [message.text for message in prompt.history if message.role == "user"] or [""]
    *earlier, question = said
    offer = _offer(phrases, prompt.topics)
    match small_talk(question):
        case "greeting":
            return f"{phrases.greeting} {phrases.ask} {offer}"
        case "thanks":
            return phrases.thanks
        case "farewell":
            return phrases.farewell
        case "well":
            return f"{phrases.well} {phrases.ask}"
        case "who":
            return f"{phrases.who} {offer}"
        case "offer":
            return offer
        case "continue":
            return _rest(prompt.history, phrases) or f"{phrases.finished} {offer}"
        case "repeat" if before := _last_answer(prompt.history):
            return before.text
    about = asked(question, earlier)
    if not (told := quoted(prompt.passages)):
        return f"{phrases.unknown if about.terms else phrases.ask} {offer}"
    quotes = _quotes(told, about, phrases)
    return " ".join([phrases.near, *quotes] if told[0].bearing == "near" else quotes)


def _last_answer(history: Sequence[Message]) -> Message | None:
    return next((message for message in reversed(history) if message.role == "assistant"), None)


def _rest(history: Sequence[Message], phrases: Phrases) -> str:
    """Return what was not heard of the last answer, from the sentence on that was stopped; blank: nothing."""
    before = _last_answer(history)
    if before is None or not before.unheard_text.strip():
        return ""
    begun = _SENTENCE_END.split(before.known_text)[-1]
    return f"{phrases.resumed} {(begun + before.unheard_text).strip()}"


def _quotes(told: Sequence[Passage], about: Asked, phrases: Phrases) -> Iterator[str]:
    chars = QUOTE_CHARS // len(told)
    for page, passages in groupby(told, key=lambda passage: passage.source.title):
        text = " ".join(quote(passage, about, chars) for passage in passages)
        yield phrases.quote.format(page=page, text=text)


def quoted(passages: Sequence[Passage]) -> Sequence[Passage]:
    """Return the passages that a reply quotes: what answers, else what comes nearest to that."""
    bearing = passages[0].bearing if passages else "aside"
    return [passage for passage in passages if passage.bearing == bearing][: QUOTES[bearing]]


def _offer(phrases: Phrases, topics: Sequence[str]) -> str:
    if not topics:
        return phrases.nothing
    *most, last = topics[:OFFERED_TOPICS]
    listed = f"{', '.join(most)} {phrases.and_} {last}" if most else last
    return phrases.offer.format(topics=listed)


def quote(passage: Passage, about: Asked, chars: int = QUOTE_CHARS) -> str:
    """Return the lines of *passage* that bear most on what is asked, in their order, some *chars* in all."""
    lines = passage.text.splitlines()
    scores = _scores([[stem(term) for term in page_terms(line)] for line in lines], about)
    best = max(scores, default=0.0)
    chosen = {i for i, score in enumerate(scores) if score >= NEAR_SHARE * best}
    for i in sorted(chosen):
        if i and _LEANS_BACK.match(lines[i]):
            chosen.add(i - 1)
    if lines and _YES_OR_NO.match(lines[0]):
        chosen.add(0)
    if 2 * len(chosen) > len(lines):
        chosen.update(range(len(lines)))  # "Monday: closed" among the rows that show a time
    if is_how_to(about.said) and is_how_to(passage.heading):
        chosen.update(range(len(lines)))  # steps: none of them may be left out
    if set(terms(about.said)) == set(terms(passage.heading)):
        chosen.update(range(len(lines)))  # the very question that the passage answers as a whole
    following = max(chosen, default=0) + 1
    is_short = sum(len(lines[i]) for i in chosen) < SHORT_CHARS
    if is_short and following < len(lines) and not _ROW.match(lines[following]):
        chosen.add(following)
    return " ".join(_up_to(chars, [lines[i] for i in sorted(chosen)]))


def _scores(lines: Sequence[Sequence[str]], about: Asked) -> list[float]:
    """Return how much of the question each line has; where one has a word itself, its kin count nothing."""
    scores = [0.0] * len(lines)
    for term in (*about.terms, *about.context):
        weight = LESS_WEIGHT if is_light(term) or term in about.context else 1.0
        own = stem(term)
        alike = [max((likeness(own, other) for other in line), default=0.0) for line in lines]
        least = SAME_LIKENESS if max(alike, default=0.0) >= SAME_LIKENESS else 0.0
        for i, value in enumerate(alike):
            scores[i] += weight * value * (value >= least)
    return scores


def _up_to(chars: int, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield line
        chars -= len(line)
        if chars <= 0:
            break
