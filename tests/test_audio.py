"""Sound: what is told by the bytes, what comes out of the decoder, and what it may cost."""

from __future__ import annotations

import io
import math
import multiprocessing
import random
import struct
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from voicechat.audio import (
    MEDIA_TYPES,
    SPEECH_RATE,
    Container,
    Recording,
    Resampler,
    decode,
    duration_seconds,
    identify,
    mp3,
    wav,
)
from voicechat.errors import BadAudio, TooLong, UnknownFormat, VoiceChatError

from .speech import RATE, hostile, pcm
from .speech.encoding import FORMATS, LIVE, encoded

Samples = npt.NDArray[np.float64]


def tone(rate: int, seconds: float = 1.0, hertz: float = 1_000, loudness: float = 0.5) -> bytes:
    time = np.arange(round(rate * seconds)) / rate
    return (np.sin(2 * math.pi * hertz * time) * loudness * 32_767).round().astype("<i2").tobytes()


def floats(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, "<i2").astype(np.float64) / 32_768


def tone_in(pcm: bytes, rate: int) -> tuple[int, float]:
    """Return the pitch in Hz of the loudest tone, and how loud it is, away from the ends."""
    middle = floats(pcm)[rate // 4 : -rate // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))) * 4 / len(middle)
    return round(int(spectrum.argmax()) * rate / len(middle)), float(spectrum.max())


def noise_db(heard: Samples, wanted: Samples) -> float:
    return float(10 * np.log10(((heard - wanted) ** 2).mean() / (wanted**2).mean()))


# ── What it is ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("container", FORMATS)
def test_a_container_is_told_by_its_bytes(container: Container) -> None:
    assert identify(encoded(tone(RATE), RATE, container).data) == container


def test_an_mp3_is_told_with_and_without_a_tag() -> None:
    plain = mp3(tone(SPEECH_RATE))

    assert plain[0] == 0xFF
    assert identify(plain) == "mp3"
    assert identify(hostile.compressed_tag(1) + plain) == "mp3"


def test_mediarecorders_mp4_and_webm_are_told_too() -> None:
    for container, options in LIVE.items():
        assert identify(encoded(tone(RATE), RATE, container, options=options).data) == container


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"RIFF\x24\0\0\0AVI LIST",
        b"\xff\xf1\x50\x80\x02\x1f\xfc\x21",  # AAC in ADTS
        b"FORM\0\0\0\x2eAIFFCOMM",
        b"#!AMR\n\x0c\0",
        b"<html><body>",
        bytes(64),
    ],
)
def test_what_is_no_known_container_is_refused_with_those_that_are(data: bytes) -> None:
    with pytest.raises(UnknownFormat, match="WAV, MP3, OGG, FLAC, WebM and MP4"):
        identify(data)


def test_every_container_has_a_media_type_and_a_file_name_for_uploads() -> None:
    assert MEDIA_TYPES.keys() == FORMATS.keys()
    assert Recording(b"", "webm").file_name == "speech.webm"


# ── Decoding ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("container", FORMATS)
def test_every_container_is_decoded_at_the_right_pitch_loudness_and_length(
    container: Container, channels: int
) -> None:
    recording = encoded(tone(48_000), 48_000, container, channels=channels)

    heard = decode(recording, rate=16_000, max_seconds=10)

    pitch, loudness = tone_in(heard, 16_000)
    assert pitch == 1_000
    assert loudness == pytest.approx(0.5, rel=0.1)  # LAME takes 5 % off
    assert len(heard) / 32_000 == pytest.approx(1, abs=0.05)
    assert duration_seconds(recording, max_seconds=10) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("container", LIVE)
def test_a_recording_without_length_or_index_is_decoded(container: Container) -> None:
    recording = encoded(tone(48_000), 48_000, container, options=LIVE[container])

    assert len(decode(recording, rate=16_000, max_seconds=10)) / 32_000 == pytest.approx(1, abs=0.05)


def test_opus_in_mp4_is_decoded() -> None:
    recording = encoded(tone(48_000), 48_000, "mp4", codec="libopus")

    assert tone_in(decode(recording, rate=16_000, max_seconds=10), 16_000)[0] == pytest.approx(1_000, abs=2)


@pytest.mark.parametrize(
    "subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]
)
@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 192_000])
def test_every_kind_of_wav_is_decoded(subtype: str, rate: int) -> None:
    file = io.BytesIO()
    left = floats(tone(rate))
    soundfile.write(file, np.stack([left, left, left], axis=1), rate, subtype=subtype, format="WAV")

    heard = decode(Recording(file.getvalue(), "wav"), rate=SPEECH_RATE, max_seconds=10)

    pitch, loudness = tone_in(heard, SPEECH_RATE)
    assert pitch == 1_000
    assert loudness == pytest.approx(0.5, rel=0.05)
    assert len(heard) == pytest.approx(2 * SPEECH_RATE, rel=0.001)


@pytest.mark.parametrize("claimed", [0, 0xFFFFFFFF, 0xFFFFFFFE, 40_000])
def test_a_wav_whose_header_was_written_before_its_length_was_known_is_read_to_its_end(claimed: int) -> None:
    streamed = bytearray(wav(tone(16_000), 16_000))
    struct.pack_into("<I", streamed, 40, claimed)

    assert decode(Recording(bytes(streamed), "wav"), rate=16_000, max_seconds=10) == tone(16_000)


def test_samples_of_a_wav_end_where_its_header_says_and_tags_behind_are_not_played() -> None:
    tagged = wav(tone(16_000), 16_000) + b"LIST" + struct.pack("<I", 400) + b"\x7f" * 400

    assert decode(Recording(tagged, "wav"), rate=16_000, max_seconds=10) == tone(16_000)


def test_pcm16_comes_out_of_its_own_wav_untouched() -> None:
    assert decode(Recording(wav(pcm("pay.flac"), RATE), "wav"), rate=RATE, max_seconds=10) == pcm("pay.flac")


def test_full_loudness_on_both_channels_does_not_overflow() -> None:
    recording = encoded(tone(48_000, loudness=0.99), 48_000, "ogg", channels=2)

    assert tone_in(decode(recording, rate=16_000, max_seconds=10), 16_000)[1] == pytest.approx(0.99, rel=0.02)


def test_floats_that_are_no_loudness_become_bounded_samples() -> None:
    file = io.BytesIO()
    odd = np.array([[np.inf, -np.inf], [np.nan, 0], [1e38, 1e38], [-1e38, -1e38]] * 100, np.float32)
    soundfile.write(file, odd, 16_000, subtype="FLOAT", format="WAV")

    heard = floats(decode(Recording(file.getvalue(), "wav"), rate=16_000, max_seconds=10))

    assert heard[:4] == pytest.approx([0, 0, 1, -1], abs=0.001)


def test_a_recording_of_no_samples_is_silent_and_not_wrong() -> None:
    assert decode(Recording(wav(b"", 16_000), "wav"), rate=16_000, max_seconds=10) == b""
    assert duration_seconds(Recording(wav(b"", 16_000), "wav"), max_seconds=10) == 0


def test_an_mp3_that_is_cut_in_the_middle_of_a_frame_is_decoded_so_far() -> None:
    whole = mp3(tone(SPEECH_RATE, 2))

    heard = decode(Recording(whole[: len(whole) // 2 + 7], "mp3"), rate=16_000, max_seconds=10)

    assert len(heard) / 32_000 == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("packet_ms", ["2.5", "5", "10", "20", "40", "60", "80", "100", "120"])
@pytest.mark.parametrize("application", ["voip", "lowdelay"])
@pytest.mark.parametrize("container", ["webm", "ogg"])
def test_opus_is_measured_as_long_as_it_is_when_it_is_decoded(
    container: Container, application: str, packet_ms: str
) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        options = {"frame_duration": packet_ms, "application": application}
        stream = out.add_stream("libopus", rate=48_000, layout="mono", options=options)
        samples = np.frombuffer(tone(48_000, 2), np.int16)
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], "s16", "mono")
        frame.sample_rate = 48_000
        out.mux([*stream.encode(frame), *stream.encode(None)])
    recording = Recording(file.getvalue(), container)

    measured = duration_seconds(recording, max_seconds=10)

    decoded = len(decode(recording, rate=48_000, max_seconds=10)) / 96_000
    assert measured == pytest.approx(decoded, abs=0.13)  # a decoder leaves out the codec's padding
    assert measured >= decoded


# ── What is refused ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("container", FORMATS)
def test_a_recording_that_is_too_long_is_refused_where_it_is_decoded_and_where_it_is_measured(
    container: Container,
) -> None:
    recording = encoded(tone(16_000, 4), 16_000, container)

    with pytest.raises(TooLong, match="longer than 3 seconds"):
        decode(recording, rate=16_000, max_seconds=3)
    with pytest.raises(TooLong, match="longer than 3 seconds"):
        duration_seconds(recording, max_seconds=3)


def test_a_recording_that_was_stopped_at_the_limit_is_not_refused_for_the_codecs_padding() -> None:
    recording = encoded(tone(16_000, 3), 16_000, "mp4")

    assert duration_seconds(recording, max_seconds=3) > 3


@pytest.mark.parametrize("container", FORMATS)
def test_a_header_before_noise_is_bad_audio(container: Container) -> None:
    head = encoded(tone(16_000), 16_000, container).data[:16]
    noise = random.Random(1).randbytes(20_000)

    with pytest.raises(BadAudio):
        decode(Recording(head + noise, container), rate=16_000, max_seconds=10)


@pytest.mark.parametrize(
    "data",
    [
        b"RIFF\0\0\0\0WAVE",
        b"OggS",
        b"fLaC",
        b"\x1a\x45\xdf\xa3",
        b"\0\0\0\x08ftyp",
        b"\0\0\0\x01ftyp",
        b"ID3",
        hostile.compressed_tag(1),
    ],
)
def test_a_file_of_a_beginning_or_of_tags_alone_is_bad_audio(data: bytes) -> None:
    with pytest.raises(BadAudio):
        decode(Recording(data, identify(data)), rate=16_000, max_seconds=10)


@pytest.mark.parametrize(
    ("rate", "channels"), [(0, 1), (1, 1), (4_000_000_000, 1), (16_000, 0), (16_000, 65_535)]
)
def test_a_wav_of_impossible_numbers_is_bad_audio(rate: int, channels: int) -> None:
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * 2 & 0xFFFFFFFF, channels * 2 & 0xFFFF, 16)
    data = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + form + b"data\0\0\x10\0" + bytes(1 << 20)

    with pytest.raises(BadAudio):
        decode(Recording(data, "wav"), rate=16_000, max_seconds=10)


@pytest.mark.parametrize(("container", "codec"), [("wav", "adpcm_ms"), ("mp4", "alac")])
def test_a_codec_that_no_browser_records_is_refused_by_name(container: Container, codec: str) -> None:
    with pytest.raises(UnknownFormat, match=codec):
        decode(encoded(tone(16_000), 16_000, container, codec=codec), rate=16_000, max_seconds=10)


def film(tracks: int) -> bytes:
    """A WebM with a picture and this many tracks of sound."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as out:
        video: Any = out.add_stream("libvpx", rate=10)
        video.width = video.height = 16
        sounds: list[Any] = [out.add_stream("libopus", rate=48_000) for _ in range(tracks)]
        frame = av.AudioFrame.from_ndarray(np.frombuffer(tone(48_000), np.int16)[np.newaxis], "s16", "mono")
        frame.sample_rate = 48_000
        for sound in sounds:
            sound.layout = "mono"
        for stream, shown in [
            (video, av.VideoFrame(16, 16, "yuv420p")),
            *((sound, frame) for sound in sounds),
        ]:
            for packet in [*stream.encode(shown), *stream.encode(None)]:
                out.mux(packet)
    return file.getvalue()


def test_the_sound_of_a_film_is_heard() -> None:
    heard = decode(Recording(film(tracks=1), "webm"), rate=16_000, max_seconds=10)

    assert tone_in(heard, 16_000)[0] == 1_000


@pytest.mark.parametrize("tracks", [0, 2])
def test_a_file_with_no_track_of_sound_or_several_is_bad_audio(tracks: int) -> None:
    with pytest.raises(BadAudio, match="one track"):
        decode(Recording(film(tracks), "webm"), rate=16_000, max_seconds=10)


@pytest.mark.parametrize("container", FORMATS)
def test_whatever_is_damaged_ends_in_sound_or_in_a_clients_error(container: Container) -> None:
    whole = encoded(tone(16_000, 0.5), 16_000, container).data
    chance = random.Random(container)
    for _ in range(60):
        damaged = bytearray(whole[: chance.choice([len(whole), chance.randrange(len(whole))])])
        for _ in range(chance.randrange(1, 9)):
            # The first part holds what demuxers believe.
            place = chance.randrange(chance.choice([len(damaged), min(len(damaged), 600)]) or 1)
            damaged[place : place + 1] = chance.randbytes(1)
        try:
            heard = decode(Recording(bytes(damaged), container), rate=16_000, max_seconds=3)
            assert len(heard) <= 3.6 * 32_000
        except VoiceChatError as exc:
            assert isinstance(exc, BadAudio | TooLong | UnknownFormat)


# ── What it costs ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def cost() -> Iterator[Callable[[bytes, float], hostile.Cost]]:
    """Decode in a process of its own, whose growth is the decoder's."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as processes:
        processes.submit(hostile.cost, wav(tone(44_100), 44_100), 10).result()
        yield lambda data, max_seconds: processes.submit(hostile.cost, data, max_seconds).result()


# The figures are what each did when it was handed to FFmpeg as it is.
@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        pytest.param(lambda: hostile.silent_ogg(42), "TooLong", id="42 minutes of Opus in 126 kB"),
        pytest.param(lambda: hostile.silent_flac(40), "TooLong", id="40 minutes of FLAC in 59 kB"),
        pytest.param(lambda: hostile.flac_with_picture(7_000), "1 s", id="picture: 140 kB to 150 MB"),
        pytest.param(
            lambda: hostile.compressed_tag(100) + mp3(tone(24_000)), "1 s", id="tag in MP3: 110 kB to 100 MB"
        ),
        pytest.param(
            lambda: hostile.wav_with_tag(hostile.compressed_tag(100), tone(16_000)), "1 s", id="tag in WAV"
        ),
        pytest.param(lambda: hostile.mp4(20_000_000), "BadAudio", id="MP4 table: 5 kB to 700 MB"),
        pytest.param(lambda: hostile.mp4_of_one_fragment(20_000_000), "BadAudio", id="MP4 fragment: as much"),
        pytest.param(lambda: hostile.mp4_of_edits(3_000, 5_000), "BadAudio", id="MP4 edits: 65 kB to 350 MB"),
    ],
)
def test_a_recording_made_to_be_dear_costs_little(
    cost: Callable[[bytes, float], hostile.Cost], make: Callable[[], bytes], outcome: str
) -> None:
    data = make()

    spent = cost(data, 120)

    print(f"{len(data)} bytes: {spent.outcome}, {spent.cpu_seconds:.2f} s, {spent.megabytes} MB")
    assert spent.outcome == outcome
    assert spent.cpu_seconds < 1.5
    assert spent.megabytes < 60


def test_work_that_yields_no_sound_ends_too(cost: Callable[[bytes, float], hostile.Cost]) -> None:
    data = hostile.webm_of_nothing_compressed(400)  # 8 s when handed to FFmpeg as it is

    spent = cost(data, 1)

    print(f"{len(data)} bytes: {spent.outcome}, {spent.cpu_seconds:.2f} s, {spent.megabytes} MB")
    assert spent.outcome == "BadAudio"
    assert spent.cpu_seconds < 3


# ── What is made ──────────────────────────────────────────────────────────────────────────────


def test_a_wav_is_what_others_read_as_one() -> None:
    with wave.open(io.BytesIO(wav(tone(16_000), 16_000))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        assert file.readframes(1 << 20) == tone(16_000)


def test_an_mp3_of_speech_has_64_kilobits_a_second_and_its_exact_length() -> None:
    speech = tone(SPEECH_RATE, 5)

    encoded = mp3(speech)

    assert len(encoded) * 8 / 5 == pytest.approx(64_000, rel=0.05)
    heard = decode(Recording(encoded, "mp3"), rate=SPEECH_RATE, max_seconds=10)
    assert len(heard) == len(speech)
    assert noise_db(floats(heard), floats(speech)) < -25


@pytest.mark.parametrize("piece_bytes", [2, 46, 1_000, 44_100])
def test_a_sound_resampled_in_pieces_is_the_same_as_in_one(piece_bytes: int) -> None:
    whole = tone(22_050, 1 if piece_bytes > 2 else 0.1)
    at_once, in_pieces = Resampler(22_050, 24_000), Resampler(22_050, 24_000)

    pieces = [
        in_pieces.push(whole[place : place + piece_bytes]) for place in range(0, len(whole), piece_bytes)
    ]

    assert b"".join([*pieces, in_pieces.flush()]) == at_once.push(whole) + at_once.flush()


def test_a_resampled_tone_is_the_tone_at_the_new_rate() -> None:
    resampler = Resampler(22_050, 24_000)

    heard = floats(resampler.push(tone(22_050)) + resampler.flush())
    wanted = floats(tone(24_000))

    assert len(heard) == pytest.approx(len(wanted), abs=2)
    assert noise_db(heard[500:23_500], wanted[500:23_500]) < -70


def test_the_same_rate_changes_nothing() -> None:
    resampler = Resampler(24_000, 24_000)

    assert resampler.push(b"\1\2\3\4") + resampler.flush() == b"\1\2\3\4"
