"""Recordings that are not over yet: their sound, as far as it has come."""

from collections.abc import Iterator

import numpy as np
import pytest

from voicechat.audio import HEARING_RATE, Arriving, NotRead, Recording, arriving, decode

from .speech import RATE, pcm
from .speech.encoding import LIVE, encoded, recorded_by_chromium

SPOKEN = pcm("parking.flac")
RECORDINGS = {
    "chromium": recorded_by_chromium(SPOKEN, RATE),
    "webm": encoded(SPOKEN, RATE, "webm", options=LIVE["webm"]),
    "stereo": encoded(SPOKEN, RATE, "webm", channels=2, options=LIVE["webm"]),
    "ogg": encoded(SPOKEN, RATE, "ogg"),
}


def pieces(recording: Recording, size: int, sound: Arriving) -> Iterator[bytes]:
    for start in range(0, len(recording.data), size):
        yield sound.feed(recording.data[start : start + size])


@pytest.mark.parametrize("size", [1, 37, 1_000, 1_000_000])
@pytest.mark.parametrize("name", RECORDINGS)
def test_in_whatever_pieces_it_comes_its_sound_is_that_of_the_whole(name: str, size: int) -> None:
    recording = RECORDINGS[name]
    sound = arriving(None, 60)
    came = b"".join(pieces(recording, size, sound))
    whole = decode(recording, rate=HEARING_RATE, max_seconds=60)
    assert sound.is_whole
    # The end of the filter, and the silence that an encoder adds, are left out by one of both.
    assert abs(len(came) - len(whole)) / 2 < 0.05 * RATE
    ours, theirs = (np.frombuffer(one, "<i2").astype(float) for one in (came, whole))
    shifts = [np.corrcoef(ours[s : s + 20_000], theirs[:20_000])[0, 1] for s in range(400)]
    assert max(shifts) > 0.99


def test_the_sound_comes_while_the_recording_does() -> None:
    recording = RECORDINGS["chromium"]
    sound = arriving("webm/opus", 60)
    seconds = [len(pcm) / 2 / RATE for pcm in pieces(recording, len(recording.data) // 10, sound)]
    assert len([one for one in seconds if one > 0.1]) >= 9


def test_an_element_that_is_half_there_is_not_called_whole() -> None:
    sound = arriving(None, 60)
    sound.feed(RECORDINGS["chromium"].data[:-3])
    assert not sound.is_whole


def test_raw_sound_is_its_own_and_a_half_sample_waits() -> None:
    sound = arriving("pcm16/24000", 60)
    assert (sound.rate, sound.is_immediate) == (24_000, True)
    assert sound.feed(b"abc") == b"ab" and not sound.is_whole
    assert sound.feed(b"d") == b"cd" and sound.is_whole


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encoded(SPOKEN, RATE, "mp4", options=LIVE["mp4"]).data, id="MP4"),
        pytest.param(RECORDINGS["chromium"].data.replace(b"A_OPUS", b"A_VORB"), id="Vorbis"),
        pytest.param(RECORDINGS["ogg"].data.replace(b"OpusHead", b"\x01vorbis-"), id="Vorbis in Ogg"),
        pytest.param(b"nothing of the kind", id="no sound"),
        pytest.param(b"\x1a\x45\xdf\xa3" + bytes(40), id="broken"),
    ],
)
def test_what_can_not_be_read_before_its_end_says_so(data: bytes) -> None:
    with pytest.raises(NotRead):
        arriving(None, 60).feed(data)


def test_one_that_is_too_long_is_not_decoded_to_its_end() -> None:
    with pytest.raises(NotRead):
        arriving(None, 1).feed(RECORDINGS["chromium"].data)


@pytest.mark.parametrize("name", RECORDINGS)
def test_damage_anywhere_is_an_answer_and_no_crash(name: str) -> None:
    chance = np.random.default_rng(2)
    data = RECORDINGS[name].data
    for _ in range(60):
        broken = bytearray(data)
        for at in chance.integers(0, len(data), 8):
            broken[at] = chance.integers(0, 256)
        sound = arriving(None, 60)
        try:
            for start in range(0, len(broken), 500):
                sound.feed(bytes(broken[start : start + 500]))
        except NotRead:
            pass


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x1a\x45\xdf\xa3\x80" + b"\xec\x80" * 500_000, id="elements"),
        pytest.param(b"\x1a\x45\xdf\xa3\x80" + b"\xa0\x80" * 500_000, id="groups"),
        pytest.param(
            (b"OggS" + bytes(22) + b"\x01\x08OpusHead") + (b"OggS" + bytes(23)) * 40_000, id="pages"
        ),
        pytest.param(
            (b"OggS" + bytes(22) + b"\x01\x08OpusHead")
            + (b"OggS" + bytes(22) + b"\xff" + bytes(255)) * 4_000,
            id="packets",
        ),
    ],
)
def test_one_of_many_pieces_without_sound_is_not_gone_through(data: bytes) -> None:
    with pytest.raises(NotRead):
        arriving(None, 60).feed(data)
