"""Which part of the text is said when."""

from __future__ import annotations

from voicechat.dialogue import Mark, Span
from voicechat.engines import EngineInfo, TimedWord
from voicechat.sentences import Piece, Sentences
from voicechat.turn.marking import Marker
from voicechat.turn.pace import MOST_PACES, MS_PER_LETTER, Pace, Paces, weight


class Heard:
    """Takes marks behind 1000 ms of sound that is there."""

    made_ms = 1000

    def __init__(self) -> None:
        self.marks: list[Mark] = []

    def mark(self, mark: Mark) -> None:
        self.marks.append(mark)


def piece_of(text: str, start: int = 0) -> Piece:
    [piece] = Sentences(start).feed(text) or Sentences(start).flush()
    return piece


def marked(shown: str, ms: int, *words: TimedWord, estimated: bool = False) -> list[Mark]:
    sentences = Sentences(100)
    [piece] = [*sentences.feed(shown), *sentences.flush()]
    heard = Heard()
    Marker(piece, heard).begin(ms, words, estimated=estimated)  # type: ignore[arg-type]
    return heard.marks


def test_words_that_the_engine_knows_stand_at_their_place_in_the_shown_text() -> None:
    piece, words = marked("**Tea** and [milk](x)!", 900, TimedWord(0, 3, 0, 300), TimedWord(8, 13, 500, 800))
    assert piece == Mark((Span(100, 122, 1000, 1900),))
    assert words == Mark((Span(102, 105, 1000, 1300), Span(113, 122, 1500, 1800)), words=True)


def test_words_that_it_does_not_know_share_the_time_by_their_letters() -> None:
    piece, words = marked("Tea or coffee?", 2000)
    assert not piece.estimated and (words.words, words.estimated) == (True, True)
    assert [(s.text_start, s.text_end) for s in words.spans] == [(100, 103), (104, 106), (107, 114)]
    assert words.spans[0].audio_start_ms == 1000 and words.spans[-1].audio_end_ms == 3000
    assert all(a.audio_end_ms <= b.audio_start_ms for a, b in zip(words.spans, words.spans[1:], strict=False))


def test_a_number_takes_longer_than_its_digits_and_a_comma_is_a_pause() -> None:
    assert weight("1984") > weight("four") and weight("a, b") > weight("a b")
    assert weight("日本") > weight("ab")


def test_a_voice_s_pace_is_learnt() -> None:
    pace, text = Pace(), "We are open from nine to six."
    assert pace.ms_of(text) == weight(text) * MS_PER_LETTER
    for _ in range(6):
        pace.learn(text, weight(text) * 100)
    assert abs(pace.ms_of(text) / (weight(text) * 100) - 1) < 0.05
    assert pace.ms_of(text, speed=2) == round(pace.ms_of(text) / 2)


def test_a_pace_is_kept_for_each_voice_and_language_and_those_not_wanted_any_more_are_forgotten() -> None:
    joe, amy = (EngineInfo("tts", "piper", name, False, "this machine") for name in ("joe", "amy"))
    paces = Paces()
    paces.of(joe, "en").learn("We are open.", 10_000)
    assert paces.of(joe, "en").ms_of("Hello") > paces.of(amy, "en").ms_of("Hello")
    assert paces.of(joe, "de").ms_of("Hello") == paces.of(amy, "en").ms_of("Hello")
    kept = paces.of(joe, "en")
    for number in range(MOST_PACES - 1):
        paces.of(amy, str(number))
    assert paces.of(joe, "en") is kept
    for number in range(MOST_PACES):
        paces.of(amy, str(number))
    assert paces.of(joe, "en") is not kept
