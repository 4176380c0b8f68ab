"""Which words of a caption stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicechat.turn.agreement import Agreement, end_in, joined


def stable(agreement: Agreement, *hypotheses: str) -> list[str]:
    """Return what is stable after each of *hypotheses*."""
    found = []
    for hypothesis in hypotheses:
        text, size = agreement.add(hypothesis)
        found.append(text.encode()[:size].decode())
    return found


def test_what_two_hypotheses_in_a_row_agree_on_is_stable() -> None:
    heard = ["When are", "When are you", "When are you open on", "When are you open on Sunday?"]
    assert stable(Agreement(), *heard) == ["", "When are", "When are you", "When are you open on"]


def test_marks_and_capitals_are_no_disagreement_and_the_last_words_marks_are_not_stable() -> None:
    agreement = Agreement()
    assert stable(agreement, "Hello.", "Hello, when are you open?") == ["", "Hello"]
    assert agreement.add("hello when are you open on Sunday") == (
        "Hello when are you open on Sunday",
        len("Hello when are you open"),
    )


def test_a_word_that_grows_is_another_word() -> None:
    assert stable(Agreement(), "I need a tea", "I need a teapot", "I need a teapot.") == [
        "",
        "I need a",
        "I need a teapot",
    ]


def test_what_is_stable_stays_though_a_later_hypothesis_contradicts_it() -> None:
    agreement = Agreement()
    stable(agreement, "Where do you ship", "Where do you ship to")
    text, size = agreement.add("So where do you ship to Norway")
    assert text.encode()[:size].decode() == "Where do you ship"
    assert text == "Where do you ship to Norway"
    assert agreement.add("There")[0] == "Where do you ship"


def test_words_of_scripts_without_spaces_are_their_characters() -> None:
    assert stable(Agreement(), "何時に", "何時に開き", "何時に開きますか？") == ["", "何時に", "何時に開き"]


def test_arabic_is_counted_in_bytes() -> None:
    text, size = Agreement(), 0
    text.add("متى تفتحون")
    shown, size = text.add("متى تفتحون أبوابكم")
    assert (shown, size) == ("متى تفتحون أبوابكم", len("متى تفتحون".encode()))


WORDS = st.lists(st.sampled_from(["When,", "when", "are", "Are?", "you", "何", "—", "ship..."]), max_size=8)


@given(st.lists(WORDS.map(" ".join), max_size=8))
def test_the_stable_part_only_grows_and_begins_all_that_follows(hypotheses: list[str]) -> None:
    agreement, before = Agreement(), b""
    for hypothesis in hypotheses:
        text, size = agreement.add(hypothesis)
        data = text.encode()
        assert data.startswith(before) and size >= len(before)
        before = data[:size]
        before.decode()


@pytest.mark.parametrize(
    ("text", "more", "both"),
    [
        ("", "Hello.", "Hello."),
        ("Hello.", "", "Hello."),
        ("Hello.", "Are you", "Hello. Are you"),
        ("Hello", ", are you", "Hello, are you"),
        ("何時に", "開きますか", "何時に開きますか"),
    ],
)
def test_parts_are_joined_as_their_script_wants_it(text: str, more: str, both: str) -> None:
    assert joined(text, more) == both


def test_where_a_part_ends_is_found_though_a_word_before_was_heard_differently() -> None:
    text = "I would like to buy a kettle. And do you"
    end = end_in(text, "I'd like to buy a kettle")
    assert end is not None and text[:end] == "I would like to buy a kettle."
    assert end_in(text, "Something else was said here") is None
    assert end_in("Yes. And", "Yes") is None  # too short to be sure
