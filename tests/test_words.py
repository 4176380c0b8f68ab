"""What the words of a question and of a page have in common, and that no row of the tables is idle."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import combinations

import pytest

from voicechat.words import (
    MAX_SAID_CHARS,
    NEAR_LIKENESS,
    PREFIX_LIKENESS,
    SAME_LIKENESS,
    asked,
    is_light,
    likeness,
    page_terms,
    stem,
    terms,
    words,
)
from voicechat.words.reading import LONGEST_WORD_CHARS, MAX_TERMS
from voicechat.words.synonyms import NEAR, SAME
from voicechat.words.tables import LIGHT_WORDS, PHRASES, STOP_WORDS


def stems_of(table: str) -> list[list[str]]:
    return [[stem(word) for word in line.split()] for line in table.strip().splitlines()]


def pairs(lines: Iterable[Iterable[str]]) -> set[frozenset[str]]:
    return {frozenset(pair) for line in lines for pair in combinations(line, 2)}


# ── The tables ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("table", [SAME, NEAR], ids=["same", "near"])
def test_no_line_of_synonyms_has_two_forms_of_one_word(table: str) -> None:
    assert [line for line in stems_of(table) if len(set(line)) < len(line)] == []


def test_no_line_of_synonyms_says_only_what_others_say() -> None:
    same, near = stems_of(SAME), stems_of(NEAR)
    idle = [
        line
        for table, others in ((same, []), (near, same))
        for i, line in enumerate(table)
        if len(line) > 1 and pairs([line]) <= pairs([*table[:i], *table[i + 1 :], *others])
    ]
    assert idle == []


def test_no_light_word_is_another_form_of_one() -> None:
    assert len({stem(word) for word in LIGHT_WORDS}) == len(LIGHT_WORDS)


def test_every_phrase_is_written_as_a_question_is_read() -> None:
    assert [said for said in PHRASES if " ".join(words(said)) != said] == []
    assert [said for said, meant in PHRASES.items() if meant and not terms(said)] == []


def test_every_stop_word_says_nothing() -> None:
    assert [word for word in STOP_WORDS if terms(word)] == []


# ── Words ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Crème BRÛLÉE", ["creme", "brulee"]),
        ("Straße", ["strasse"]),
        ("don't don’t don´t don`t donʼt", ["dont"] * 5),
        ("𝐓𝐞𝐚 Ｔｅａ ℌ", ["tea", "tea", "h"]),
        ("tea_time 'quoted'", ["tea", "time", "quoted"]),
        ("", []),
    ],
)
def test_words_are_read_however_they_are_typed(said: str, read: list[str]) -> None:
    assert words(said) == read


def test_of_a_word_without_end_only_the_beginning_is_read() -> None:
    assert words("x" * 4000) == ["x" * LONGEST_WORD_CHARS]


def test_a_page_shows_prices_times_and_the_days_between_two_days() -> None:
    assert {"#price", "#time", "saturday", "sunday", "monday"} <= set(page_terms("Sat–Mon 9:30, £3"))
    assert not {"tuesday", "friday"} & set(page_terms("Sat–Mon 9:30, £3"))


def test_a_number_or_a_form_of_a_light_word_is_light() -> None:
    assert is_light("12") and is_light("policies") and not is_light("tea")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("tea", "tea", 1),
        ("parcel", "packag", SAME_LIKENESS),
        ("offnungszeit", "offnungszeiten", PREFIX_LIKENESS),
        ("parcel", "courier", NEAR_LIKENESS),
        ("parcel", "tea", 0),
    ],
)
def test_stems_are_alike_as_the_tables_have_it(one: str, other: str, expected: float) -> None:
    assert likeness(one, other) == likeness(other, one) == expected


# ── What is asked ─────────────────────────────────────────────────────────────────────────────


def test_a_question_that_goes_on_takes_along_what_it_does_not_say_anew() -> None:
    about = asked("And on Sunday?", ["tell me a joke", "Are you open on Saturday?"])
    assert about.terms == ("sunday",)
    assert about.context == ("open",)
    assert about.said == "Are you open on Saturday? And on Sunday?"
    assert about.whether


def test_a_new_subject_takes_nothing_along() -> None:
    about = asked("do you sell green tea", ["how much is shipping to France"])
    assert (about.context, about.said) == ((), "do you sell green tea")


def test_however_much_was_said_before_the_question_itself_is_read_and_soon() -> None:
    long = ["and " + " ".join(f"word{number}of{n}" for n in range(400)) for number in range(50)]
    began = time.perf_counter()
    about = asked("and on Sunday?", long)
    assert time.perf_counter() - began < 1
    assert len(about.said) <= MAX_SAID_CHARS
    assert about.said.endswith(" and on Sunday?")
    assert len(about.terms) + len(about.context) <= MAX_TERMS
