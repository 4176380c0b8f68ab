"""A browser's recording, whose length is told at a glance: never less than FFmpeg finds in it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicechat.audio import Recording, duration_seconds, is_surely_within
from voicechat.audio.webm import plain_seconds
from voicechat.errors import BadAudio, VoiceChatError

from .speech import RATE, pcm
from .speech.encoding import LIVE, encoded, recorded_by_chromium

QUESTION = recorded_by_chromium(pcm("saturday.flac"), RATE).data
HEAD = QUESTION.index(bytes.fromhex("1f43b675"))
"""Where its first cluster begins."""


def seconds_by_ffmpeg(data: bytes) -> float:
    """What it does not take has no length."""
    try:
        return duration_seconds(Recording(data, "webm"), max_seconds=3_600)
    except VoiceChatError:
        return 0.0


@pytest.mark.parametrize("packet_ms", [10, 20, 40, 60])
@pytest.mark.parametrize("cluster_packets", [1, 5, 100])
def test_a_browsers_recording_is_as_long_as_ffmpeg_finds_it(packet_ms: int, cluster_packets: int) -> None:
    recording = recorded_by_chromium(
        pcm("saturday.flac"), RATE, packet_ms=packet_ms, cluster_packets=cluster_packets
    )

    assert plain_seconds(recording.data) == pytest.approx(seconds_by_ffmpeg(recording.data), abs=1e-6)


def test_a_recording_within_the_limit_is_told_at_a_glance_and_one_above_is_not() -> None:
    assert is_surely_within(Recording(QUESTION, "webm"), max_seconds=2.3)
    assert not is_surely_within(Recording(QUESTION, "webm"), max_seconds=2.2)


def with_one_more(where: int, element: str) -> bytes:
    return QUESTION[:where] + bytes.fromhex(element) + QUESTION[where:]


@pytest.mark.parametrize(
    "data",
    [
        encoded(pcm("saturday.flac"), RATE, "webm", options=LIVE["webm"]).data,
        QUESTION[:-1],
        QUESTION[:HEAD],
        QUESTION[: HEAD - 1],
        b"",
        QUESTION.replace(b"A_OPUS", b"A_VORB"),
        QUESTION.replace(b"webm", b"x\0\0\0"),
        QUESTION.replace(b"\x81\0\0\x80", b"\x81\0\0\x86"),
        QUESTION.replace(b"\x81\0\0\x80", b"\x82\0\0\x80"),
        with_one_more(HEAD, "ec80"),
        with_one_more(HEAD, "114d9b7480"),
        with_one_more(len(QUESTION), "a0 87 a1 85 81 0000 00 f8"),
    ],
    ids=[
        "FFmpeg's", "cut short", "no sound", "cut in its head", "empty", "another codec",
        "another type",
        "several packets in a block", "another track's block", "a gap", "a table of what stands where",
        "a block with more to it",
    ],
)  # fmt: skip
def test_nothing_is_said_at_a_glance_of(data: bytes) -> None:
    assert not is_surely_within(Recording(data, "webm"), max_seconds=3_600)


def test_what_says_that_it_is_something_else_is_refused() -> None:
    with pytest.raises(BadAudio):
        duration_seconds(Recording(QUESTION.replace(b"webm", b"x\0\0\0"), "webm"), max_seconds=60)


def with_more_in_its_track(element: str) -> bytes:
    start = QUESTION.index(bytes.fromhex("1654ae6b"))
    track = QUESTION[start + 9 : HEAD] + bytes.fromhex(element)
    sizes = [(0x4000 | size).to_bytes(2, "big") for size in (len(track) + 3, len(track))]
    return QUESTION[: start + 4] + sizes[0] + b"\xae" + sizes[1] + track + QUESTION[HEAD:]


def test_a_track_that_says_how_its_blocks_are_encoded_is_not_told_at_a_glance() -> None:
    """A block without the beginning that all have in common may be of a packet fifty times as long."""
    stripped = "6d80 9b 6240 98 5031 8100 5032 8101 5033 8100 5034 89 4254 8103 4255 82 fb06"

    assert plain_seconds(with_more_in_its_track(stripped)) is None
    assert plain_seconds(with_more_in_its_track("56aa 81 00")) == plain_seconds(QUESTION)


def test_a_glance_costs_little_however_many_packets_there_are() -> None:
    data = (
        QUESTION[:HEAD]
        + bytes.fromhex("1f43b67501ffffffffffffff")
        + bytes.fromhex("a38581000080f8") * 1_000_000
    )
    began = time.process_time()

    assert plain_seconds(data) is None
    assert time.process_time() - began < 0.1


@settings(max_examples=300, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, HEAD + 600), st.binary(min_size=1, max_size=4)), max_size=3),
    cut=st.integers(0, 40) | st.none(),
)
def test_never_is_less_sound_found_at_a_glance_than_ffmpeg_finds(
    changes: list[tuple[int, bytes]], cut: int | None
) -> None:
    data = bytearray(QUESTION)
    for pos, other in changes:
        data[pos : pos + len(other)] = other
    if cut is not None:
        del data[cut * 20 : cut * 20 + 3]
    told = plain_seconds(bytes(data))

    assert told is None or told + 1e-6 >= seconds_by_ffmpeg(bytes(data))
