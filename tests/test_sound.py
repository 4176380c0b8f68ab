"""The sound of a turn: paced by what was played, resumed at a millisecond, cut at what was heard."""

import asyncio

import pytest

from voicechat.conversation.sound import Sound
from voicechat.conversation.words import cut_at_word
from voicechat.dialogue import AnswerAudio, Mark, Played, PlayedFlag, Span

from .doubles import MS


def sound_of(ms: int, lead_ms: int | None = 1000) -> Sound:
    """Return a sound of *ms* that says a hundred bytes a second and has the floor."""
    sound = Sound(lead_ms, "pcm16/24000", away_seconds=300)
    sound.has_floor = True
    for start in range(0, ms, 1000):
        length = min(1000, ms - start)
        sound.mark(Mark((Span(start // 10, (start + length) // 10, start, start + length),)))
        sound.audio(MS * length, length)
        sound.span_spoken()
    return sound


def sent(sound: Sound) -> list[int]:
    return [packet.pos for packet in sound.due() if isinstance(packet, AnswerAudio)]


def again(sound: Sound, from_ms: int, *, all_of_it: bool = False) -> list[AnswerAudio]:
    packets = sound.again(from_ms, all_of_it=all_of_it)
    return [packet for packet in packets if isinstance(packet, AnswerAudio)]


def test_sound_is_sent_in_frames_up_to_the_lead() -> None:
    sound = sound_of(3000)
    assert sent(sound) == [0, 200, 400, 600, 800]
    assert sent(sound) == []


def test_what_was_played_makes_room_for_as_much_again() -> None:
    sound = sound_of(3000)
    sent(sound)
    sound.played(Played(400))
    assert sent(sound) == [1000, 1200]


def test_more_cannot_have_been_played_than_was_sent() -> None:
    sound = sound_of(3000)
    sent(sound)
    sound.played(Played(999_999))
    assert sound.heard_ms == sound.sent_ms == 1000


def test_an_asker_without_a_lead_takes_all_at_once() -> None:
    assert len(sent(sound_of(30_000, lead_ms=None))) == 150


def test_nothing_is_sent_without_the_floor_or_muted() -> None:
    sound = sound_of(1000)
    sound.has_floor = False
    assert sent(sound) == []
    sound.has_floor = True
    sound.set_muted(True)
    assert sent(sound) == []
    sound.set_muted(False)
    assert sent(sound)[0] == 0


@pytest.mark.parametrize(("ms", "first"), [(0, 0), (199, 0), (200, 200), (650, 600), (2999, 2800)])
def test_a_tab_that_comes_back_goes_on_in_the_frame_it_was_in(ms: int, first: int) -> None:
    sound = sound_of(3000, lead_ms=None)
    sent(sound)
    assert again(sound, ms)[0].pos == first


def test_the_mark_of_the_resumed_sound_stands_before_it_again() -> None:
    sound = sound_of(3000, lead_ms=None)
    sent(sound)
    mark, audio = list(sound.again(1300, all_of_it=False))[:2]
    assert isinstance(mark, Mark) and mark.spans[0].audio_start_ms == 1000
    assert isinstance(audio, AnswerAudio) and audio.pos == 1200


def test_what_a_page_received_is_not_what_was_heard() -> None:
    sound = sound_of(3000)
    sent(sound)
    assert ([packet.pos for packet in again(sound, 800)], sound.heard_ms) == ([800], 0)


def test_what_is_sent_again_is_what_was_sent_and_no_more() -> None:
    sound = sound_of(3000)
    sent(sound)
    assert [packet.pos for packet in again(sound, 0)] == [0, 200, 400, 600, 800]
    assert sent(sound) == []


def test_the_mark_of_sound_that_waits_for_the_lead_is_told_again_too() -> None:
    sound = sound_of(3000)
    sent(sound)  # and the mark of what begins at 1000
    *_, last = sound.again(0, all_of_it=False)
    assert isinstance(last, Mark) and last.spans[0].audio_start_ms == 1000
    sound.played(Played(200))
    assert sent(sound) == [1000]


def test_who_has_all_that_was_sent_is_told_the_mark_of_what_follows() -> None:
    sound = sound_of(3000, lead_ms=1300)
    sent(sound)
    [mark] = sound.again(1400, all_of_it=False)
    assert isinstance(mark, Mark) and mark.spans[0].audio_start_ms == 1000


def test_of_a_turn_that_has_ended_what_was_not_sent_comes_too() -> None:
    sound = sound_of(3000)
    sent(sound)
    assert [packet.pos for packet in again(sound, 0, all_of_it=True)] == list(range(0, 3000, 200))
    assert sent(sound) == [] and sound.sent_ms == 3000


def test_a_muted_tab_is_told_no_sound_again() -> None:
    sound = sound_of(3000)
    sent(sound)
    sound.set_muted(True)
    assert again(sound, 0) == again(sound, 0, all_of_it=True) == []


def test_sound_that_is_not_kept_any_more_does_not_count_as_sent() -> None:
    sound = sound_of(3000)
    sent(sound)
    sound.forget()
    assert again(sound, 0, all_of_it=True) == [] and sound.sent_ms == 1000


def test_all_sound_comes_again_whatever_the_frame_it_was_cut_in() -> None:
    whole = MS * 2500
    for ms in range(0, 2500, 130):
        sound = sound_of(2500, lead_ms=None)
        sent(sound)
        packets = again(sound, ms)
        assert whole[: packets[0].pos * 48] + b"".join(packet.data for packet in packets) == whole


@pytest.mark.parametrize(("ms", "heard"), [(0, 0), (500, 50), (1000, 100), (1500, 150), (9999, 300)])
def test_what_was_heard_is_told_in_bytes_of_the_text(ms: int, heard: int) -> None:
    sound = sound_of(3000, lead_ms=None)
    sent(sound)
    sound.reach(ms)
    assert sound.heard_bytes() == heard


def test_what_was_heard_is_the_most_that_was_told_and_never_less() -> None:
    sound = sound_of(3000)
    sent(sound)
    told = [sound.reach(300), sound.reach(700), sound.reach(200), sound.reach(999_999)]
    sound.played(Played(100))
    assert told == [True, True, False, True]
    assert sound.heard_ms == sound.sent_ms == 1000


def test_nothing_sounds_where_nothing_was_sent_or_the_page_is_muted() -> None:
    sound = sound_of(3000)
    assert sound.is_silent
    sent(sound)
    assert not sound.is_silent
    sound.played(Played(200, PlayedFlag.MUTED))
    assert sound.is_silent
    sound.played(Played(400))
    assert not sound.is_silent
    sound.set_muted(True)
    assert sound.is_silent


async def test_a_full_lead_waits_for_the_page() -> None:
    sound = sound_of(1000)
    waiting = asyncio.create_task(sound.room())
    sent(sound)
    await asyncio.sleep(0)
    assert not waiting.done()
    sound.played(Played(200))
    assert await waiting


async def test_a_page_that_is_away_is_waited_for_longer_than_one_that_plays_nothing() -> None:
    here, away = sound_of(1000), sound_of(1000)
    for sound in (here, away):
        sound.still_seconds = 0.01
        sent(sound)
    away.set_away(True)
    waiting = asyncio.create_task(away.room())
    assert not await here.room()
    assert not waiting.done()
    away.set_away(False)
    assert not await waiting, "it is there again, and plays nothing"


async def test_a_page_that_is_away_is_waited_for_as_long_as_is_set_and_without_the_floor_too() -> None:
    sound = sound_of(1000)
    sound.has_floor = False
    sound.away_seconds = 0.01
    sound.set_away(True)
    assert not await sound.room()


async def test_muting_ends_the_waiting() -> None:
    sound = sound_of(1000)
    waiting = asyncio.create_task(sound.room())
    await asyncio.sleep(0)
    sound.set_muted(True)
    assert not await waiting


async def test_a_page_that_plays_nothing_ends_the_waiting_in_time() -> None:
    sound = sound_of(1000)
    sound.still_seconds = 0.01
    assert not await sound.room()


async def test_a_page_that_says_it_is_stuck_is_not_waited_for_either() -> None:
    sound = sound_of(1000)
    sent(sound)
    sound.still_seconds = 0.05
    waiting = asyncio.create_task(sound.room())
    async with asyncio.timeout(5):
        while not waiting.done():
            sound.played(Played(0))
            await asyncio.wait([waiting], timeout=0.01)
    assert not waiting.result()


async def test_a_cancellation_that_comes_with_a_played_is_not_swallowed() -> None:
    sound = sound_of(1000)
    sent(sound)
    waiting = asyncio.create_task(sound.room())
    await asyncio.sleep(0)
    sound.played(Played(0))
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()


async def test_a_paused_page_is_given_more_time() -> None:
    sound = sound_of(1000)
    sent(sound)
    sound.still_seconds, sound.paused_seconds = 0.01, 60
    sound.played(Played(0, PlayedFlag.PAUSED))
    waiting = asyncio.create_task(sound.room())
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    sound.played(Played(500))
    assert await waiting


@pytest.mark.parametrize(("pos", "cut"), [(0, 0), (2, 0), (3, 3), (4, 3), (7, 3), (8, 8), (11, 11), (99, 11)])
def test_a_text_is_cut_where_a_word_ends(pos: int, cut: int) -> None:
    assert cut_at_word(b"one four 12", pos) == cut


def test_a_text_without_spaces_is_cut_between_characters() -> None:
    text = "九時から営業".encode()
    assert [cut_at_word(text, pos) for pos in (0, 2, 3, 7, 99)] == [0, 0, 3, 6, 18]


def test_a_text_is_never_cut_in_a_code_point() -> None:
    text = "Grüße über uns".encode()
    for pos in range(len(text) + 1):
        text[: cut_at_word(text, pos)].decode()


# ── A voice that breaks off ───────────────────────────────────────────────────────────────────


def broken(made_ms: int, *, estimated: bool = False, lead_ms: int | None = 1000) -> Sound:
    """
    Return *made_ms* of two sentences of 100 bytes, said in one go behind another one of a second.

    They were to take 4 s, each word of 20 bytes half a second.
    """
    sound = sound_of(1000, lead_ms)
    sound.mark(Mark((Span(100, 300, 1000, 5000),), estimated=True))
    words = (Span(100 + i * 25, 120 + i * 25, 1000 + i * 500, 1500 + i * 500) for i in range(8))
    sound.mark(Mark(tuple(words), words=True, estimated=estimated))
    for _ in range(0, made_ms, 100):
        sound.audio(MS * 100, 100)
    return sound


def marks_due(sound: Sound) -> list[Span]:
    return [span for packet in sound.due() if isinstance(packet, Mark) for span in packet.spans]


@pytest.mark.parametrize(
    ("made_ms", "estimated", "start", "until_ms"),
    [
        (1900, False, 100, 1000),  # the first sentence is not whole
        (2600, False, 200, 3000),  # it is, and of the second a word was said
        (2200, True, 100, 1000),  # perhaps it is not
        (2600, True, 200, 3300),
    ],
)
def test_of_a_voice_that_broke_off_whole_sentences_stay(
    made_ms: int, estimated: bool, start: int, until_ms: int
) -> None:
    sound = broken(made_ms, estimated=estimated)
    assert sent(sound) == [0, 200, 400, 600, 800]
    assert sound.take_back([100, 200]) == start
    assert sound.made_ms == until_ms
    sound.lift_lead()
    sound.audio(MS * 500, 500)
    places = [
        (packet.pos, len(packet.data) // len(MS)) for packet in sound.due() if type(packet) is AnswerAudio
    ]
    # It goes on without a gap.
    assert [pos for pos, _ in places[1:]] == [pos + ms for pos, ms in places[:-1]]
    assert sum(ms for _, ms in places) == until_ms + 500 - 1000


def test_of_a_voice_that_broke_off_marks_tell_only_what_sounds() -> None:
    sound = broken(2600, lead_ms=500)
    sent(sound)
    sound.take_back([100, 200])
    sound.lift_lead()
    piece, *words = marks_due(sound)
    assert piece == Span(100, 195, 1000, 3000)
    assert [word.audio_end_ms for word in words] == [1500, 2000, 2500, 3000]
    sound = broken(1900, lead_ms=500)
    sent(sound)
    sound.take_back([100, 200])
    sound.lift_lead()
    assert marks_due(sound) == []


def test_what_was_sent_of_a_sentence_that_broke_off_stays_and_counts_by_its_words() -> None:
    sound = broken(1900, lead_ms=2000)
    assert sent(sound)[-1] == 1900
    assert sound.take_back([100, 200]) == 100
    assert sound.made_ms == sound.sent_ms == 2000
    sound.mark(Mark((Span(100, 200, 2000, 4000),)))
    sound.audio(MS * 2000, 2000)
    sound.span_spoken()
    sound.lift_lead()
    sent(sound)
    heard = []
    for ms in (1400, 1600, 2000, 2100, 3900, 4000):
        sound.reach(ms)
        heard.append(sound.heard_bytes())
    # Two of its words were said before the voice broke off, and they stay said while they are said again.
    assert heard == [100, 120, 145, 145, 195, 200]


def test_of_a_voice_that_was_slower_than_guessed_not_all_words_count_as_said() -> None:
    sound = broken(6000, estimated=True, lead_ms=10_000)
    sent(sound)
    assert sound.take_back([100, 200]) == 200 and sound.made_ms == 7000
    sound.reach(7000)
    assert sound.heard_bytes() == 270  # all words but the last, which it had not come to


def test_nothing_of_an_earlier_sentence_is_taken_back() -> None:
    sound = broken(500, lead_ms=400)
    assert sent(sound) == [0, 200]
    assert sound.take_back([100, 200]) == 100
    sound.lift_lead()
    assert sent(sound) == [400, 600, 800] and sound.made_ms == 1000
