"""Which phonemes say which word, and when."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicechat.engines.interface import TimedWord
from voicechat.engines.word_times import PlacedWord, WordTimes, phoneme_ends, place_words
from voicechat.sentences import word_spans

ALONE = {"of": "ʌv", "the": "ðə", "a": "eɪ", "25": "twˈɛnti fˈaɪv", "teas": "tˈiːz", "–": "", "ask": "ˈæsk"}


def placed(text: str, said: str) -> list[tuple[str, str]]:
    """Return each word of *text*, and what of *said* it is."""
    spans = list(word_spans(text))
    found = place_words(text, spans, list(said), lambda word: list(ALONE[word.strip(",.")]))
    return [(text[word.start : word.end], said[word.first : word.last + 1]) for word in found]


@pytest.mark.parametrize(
    ("text", "said", "words"),
    [
        ("of the teas", "ʌvðə tˈiːz", [("of", "ʌv"), ("the", "ðə"), ("teas", "tˈiːz")]),
        ("25 teas.", "twˈɛnti fˈaɪv tˈiːz.", [("25", "twˈɛnti fˈaɪv"), ("teas.", "tˈiːz")]),
        ("ask a the", "ˈæsk ɐ ðə", [("ask", "æsk"), ("a", "ɐ"), ("the", "ðə")]),
        ("of a", "ʌvɹ ɐ", [("of", "ʌv"), ("a", "ɹ ɐ")]),
        ("of the", "ʌv", [("of", "ʌv")]),
        ("", "", []),
    ],
)
def test_words_are_found_though_they_sound_otherwise_in_a_sentence(
    text: str, said: str, words: list[tuple[str, str]]
) -> None:
    assert placed(text, said) == words


@given(st.text("abc ,", max_size=60), st.text("abc ,ˈ", max_size=60))
def test_words_are_found_in_their_order_and_none_twice(text: str, said: str) -> None:
    found = place_words(text, list(word_spans(text)), list(said), list)
    assert [word.start for word in found] == sorted({word.start for word in found})
    for before, after in itertools.pairwise(found):
        assert before.first <= before.last < after.first <= after.last < len(said)


IDS = {"^": [1], "_": [0], "$": [2], "a": [14], "b": [15], "ts": [7, 8]}


def test_phonemes_end_where_their_samples_and_those_of_the_gap_behind_them_do() -> None:
    # ^ _ a _ ts(two ids) _ b _ $
    assert phoneme_ends(["a", "ts", "b"], IDS, [10, 1, 20, 1, 30, 31, 1, 40, 1, 5]) == [32, 94, 135]


def test_a_phoneme_that_the_voice_does_not_know_takes_no_time() -> None:
    assert phoneme_ends(["a", "?", "b"], IDS, [10, 1, 20, 1, 40, 1, 5]) == [32, 32, 73]


def test_lengths_that_do_not_fit_tell_nothing() -> None:
    assert phoneme_ends(["a", "b"], IDS, [1, 2, 3]) is None


def test_the_times_of_a_text_go_on_over_its_parts() -> None:
    times = WordTimes([PlacedWord(0, 2, 0, 1), PlacedWord(3, 5, 3, 4), PlacedWord(6, 8, 6, 6)])
    assert list(times.of([100.0, 200.0, 250.0, 300.0, 400.0], 500.0)) == [
        TimedWord(0, 2, 0, 200),
        TimedWord(3, 5, 250, 400),
    ]
    assert list(times.of([50.0, 150.0], 200.0)) == [TimedWord(6, 8, 550, 650)]


def test_a_word_that_a_part_cuts_in_two_is_said_in_the_first() -> None:
    times = WordTimes([PlacedWord(0, 9, 1, 5)])
    assert list(times.of([100.0, 200.0, 300.0], 300.0)) == [TimedWord(0, 9, 100, 300)]
    assert list(times.of([100.0, 200.0, 300.0], 300.0)) == []
