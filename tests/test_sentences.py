"""Text that grows, cut into pieces for a voice."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicechat.sentences import LONGEST, Sentences, Whole, speakable


def cut(text: str, *, at: int = 1) -> list[str]:
    """Feed *text* in pieces of *at* characters; return what is spoken."""
    sentences = Sentences()
    pieces = [p for i in range(0, len(text), at) for p in sentences.feed(text[i : i + at])]
    return [piece.text for piece in [*pieces, *sentences.flush()]]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("We open at nine o'clock. We close at six.", ["We open at nine o'clock.", "We close at six."]),
        ("Yes. We ship to all of Europe. Ask us!", ["Yes. We ship to all of Europe.", "Ask us!"]),
        ("It costs 3.50 euros, see example.com today.", ["It costs 3.50 euros, see example.com today."]),
        ("Ask for Dr. Smith or Mrs. J. Doe at the desk.", ["Ask for Dr. Smith or Mrs. J. Doe at the desk."]),
        ("Is it open on Sunday? Yes, until noon!", ["Is it open on Sunday?", "Yes, until noon!"]),
        ("Bring e.g. a receipt with you. Thanks.", ["Bring e.g. a receipt with you.", "Thanks."]),
        ("Monday to Friday: 9 to 6\nSaturday: 10 to 4\n", ["Monday to Friday: 9 to 6", "Saturday: 10 to 4"]),
        ("1. First wash the tea pot\n2. Then fill it up\n", ["First wash the tea pot", "Then fill it up"]),
        (
            "「九時から十八時まで営業しています。」日曜日は休みです。",
            ["「九時から十八時まで営業しています。」", "日曜日は休みです。"],
        ),
        ("**Bold** and [our page](https://x.example/a) are read out.", ["Bold and our page are read out."]),
        ("So I said: it was I. Then we left the shop.", ["So I said: it was I.", "Then we left the shop."]),
    ],
)
@pytest.mark.parametrize("at", [1, 7, 1000])
def test_text_is_cut_where_a_sentence_ends(text: str, pieces: list[str], at: int) -> None:
    assert cut(text, at=at) == pieces


def test_a_piece_is_there_as_soon_as_the_next_word_begins() -> None:
    sentences = Sentences()
    assert sentences.feed("The shop opens at nine.") == []
    assert [piece.text for piece in sentences.feed(" A")] == ["The shop opens at nine."]


def test_a_sentence_without_an_end_is_cut_before_it_is_too_long() -> None:
    assert max(map(len, cut("word " * 300))) <= LONGEST


def test_what_holds_no_word_is_not_spoken() -> None:
    assert cut("--- ... *** !!!") == []


@given(st.text(alphabet="aZ é。.!? \n,*[]()1日", max_size=400), st.integers(1, 50))
def test_pieces_follow_each_other_and_cover_the_text_in_bytes(text: str, at: int) -> None:
    sentences = Sentences(start=5)
    pieces = [p for i in range(0, len(text), at) for p in sentences.feed(text[i : i + at])]
    pieces += sentences.flush()
    data = b"12345" + text.encode()
    for piece, after in itertools.pairwise(pieces):
        assert piece.end <= after.start
    for piece in pieces:
        assert piece.text == speakable(data[piece.start : piece.end].decode())


@given(st.text(alphabet="ab. é\n", max_size=200), st.integers(1, 20))
def test_the_cuts_do_not_depend_on_how_the_text_arrived(text: str, at: int) -> None:
    if len(text) < LONGEST:
        assert cut(text, at=at) == cut(text, at=1)


def test_whole_speaks_once_at_the_end() -> None:
    whole = Whole()
    assert whole.feed("One. Two. ") == []
    assert [(p.text, p.start, p.end) for p in whole.flush()] == [("One. Two.", 0, 10)]
