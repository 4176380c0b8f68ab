"""
From a recording to PCM, at a bounded cost.

The demuxer is named, never probed, and only decoders of sound may run. What a header says of the
length is not believed: what comes out of the decoder is counted while it comes.
"""

from __future__ import annotations

import io
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeAlias

import av
import numpy as np
import numpy.typing as npt

from ..errors import BadAudio, TooLong, UnknownFormat
from .opus import packet_seconds
from .pcm import Resampler
from .recording import Container, Recording
from .screening import screened
from .webm import plain_seconds

_Packet: TypeAlias = "av.Packet[av.AudioStream]"

_DEMUXERS: dict[Container, str] = {
    "wav": "wav",
    "mp3": "mp3",
    "ogg": "ogg",
    "flac": "flac",
    "webm": "matroska",
    "mp4": "mov",
}

_DECODERS = frozenset(
    "aac flac mp3float opus pcm_alaw pcm_f32le pcm_f64le pcm_mulaw pcm_s16le pcm_s24le pcm_s32le pcm_u8 "
    "vorbis".split()
)

_OPTIONS = {
    # Without it a cover picture is decoded as well: 420 kB of PNG took 420 MB.
    "codec_whitelist": ",".join(sorted(_DECODERS)),
    # An edit list may name the same samples many times: 17 kB took 460 MB.
    "ignore_editlist": "1",
}

_WAV_OPTIONS = {
    # Among the samples of a WAV FFmpeg looks for other codecs, in 5 MB of them unless told otherwise:
    # that took 8 ms of the 8.5 for a recording of two seconds.
    "probesize": "2048",
    # Packets of twice the usual size: each costs as much as a small one. With larger ones the search
    # above takes longer than they save.
    "max_size": "8192",
}

_RATES = range(4_000, 384_001)
"""Samples a second; a filter from or to rates far off these grows without measure."""

WORK_SECONDS = 2.0
WORK_PER_SECOND = 0.02
"""
Processor time that decoding may take, and how much more for each second that is allowed.

A second of Opus takes 0.001 s on a common server. The rest is for slow machines, and bounds what
has no length to count: empty packets, compressed nothing, pieces of one sample.
"""

_PADDING_SECONDS = 0.5
"""What a recorder's timer and its codec's padding add to a recording that was stopped at the limit."""

_DAMAGED_SHARE = 0.1
"""How many of the packets may be unreadable, as at the cut end of an MP3, which players pass over too."""


def decode(recording: Recording, *, rate: int, max_seconds: float) -> bytes:
    """
    Return the sound of *recording* as PCM of *rate*; empty if it has none. Blocks.

    Raises:
        TooLong: As soon as more than *max_seconds* were decoded.
        UnknownFormat: If it is coded in a way that is not taken.
        BadAudio: If it can't be read.
    """
    pieces: list[bytes] = []
    resampler: Resampler | None = None
    with _reading(), closing(_frames(recording, max_seconds)) as frames:
        for frame in frames:
            if resampler is None or resampler.from_rate != frame.sample_rate:
                if resampler is not None:
                    pieces.append(resampler.flush())
                resampler = Resampler(frame.sample_rate, rate)
            pieces.append(resampler.push(mono(frame)))
        if resampler is not None:
            pieces.append(resampler.flush())
    return b"".join(pieces)


def is_surely_within(recording: Recording, *, max_seconds: float) -> bool:
    """Return whether *recording* is seen at a glance to be no longer; False: `duration_seconds` tells."""
    seconds = plain_seconds(recording.data) if recording.container == "webm" else None
    return seconds is not None and 0 < seconds <= max_seconds


def duration_seconds(recording: Recording, *, max_seconds: float) -> float:
    """
    Return how long *recording* sounds, for one that goes to a paid engine as it is. Blocks.

    It is decoded for that, at a thousandth of its length: a file's word, and a packet's, may be a lie.
    Only what an Opus packet says of itself binds every decoder, and to read it takes an eighth of the time.

    Raises:
        As `decode`, but that damaged Opus counts as sound.
    """
    with _reading():
        if recording.container in ("webm", "ogg") and (seconds := _opus_seconds(recording, max_seconds)):
            return seconds
        with closing(_frames(recording, max_seconds)) as frames:
            return sum(frame.samples / frame.sample_rate for frame in frames)


def _opus_seconds(recording: Recording, max_seconds: float) -> float:
    """Return how long a recording in Opus sounds; 0 where it holds another codec, or nothing."""
    with _opened(recording, max_seconds) as (stream, packets):
        if stream.codec_context.name != "opus":
            return 0.0
        seconds = 0.0
        for packet in packets:
            seconds += packet_seconds(bytes(packet))
            _check_length(seconds, max_seconds)
        return seconds


class _Source(io.BytesIO):
    """A recording that seems to end when reading it has cost too much."""

    def __init__(self, data: bytes, max_seconds: float) -> None:
        super().__init__(data)
        self._until = time.thread_time() + WORK_SECONDS + WORK_PER_SECOND * max_seconds

    def read(self, size: int | None = -1) -> bytes:
        return b"" if self.is_too_much() else super().read(size)

    def is_too_much(self) -> bool:
        return time.thread_time() > self._until


@contextmanager
def _opened(recording: Recording, max_seconds: float) -> Iterator[tuple[av.AudioStream, Iterator[_Packet]]]:
    """Yield the one track of *recording* and its packets, the next one as long as that costs not too much."""
    source = _Source(screened(recording), max_seconds)
    options = _OPTIONS | _WAV_OPTIONS if recording.container == "wav" else _OPTIONS
    with av.open(source, "r", format=_DEMUXERS[recording.container], options=options) as container:
        stream = _sound_of(container)
        yield stream, _affordable(container.demux(stream), source)


def _affordable(packets: Iterable[_Packet], source: _Source) -> Iterator[_Packet]:
    for packet in packets:
        if source.is_too_much():
            raise BadAudio("The recording takes too much work to decode.")
        yield packet


def _check_length(seconds: float, max_seconds: float) -> None:
    if seconds > max_seconds + _PADDING_SECONDS:
        raise TooLong(f"The recording is longer than {max_seconds:g} seconds.")


def _frames(recording: Recording, max_seconds: float) -> Generator[av.AudioFrame]:
    with _opened(recording, max_seconds) as (_, coming):
        packets = damaged = 0
        seconds = 0.0
        for packet in coming:
            if not packet.size and packet.pts is not None:
                continue  # an empty packet within would tell the decoder that this is the end
            packets += 1
            try:
                frames = packet.decode()
            except av.InvalidDataError:
                damaged += 1
                continue
            for frame in frames:
                if frame.sample_rate not in _RATES:
                    raise BadAudio(f"{frame.sample_rate} samples a second are no rate of a recording.")
                seconds += frame.samples / frame.sample_rate
                _check_length(seconds, max_seconds)
                yield frame
        if damaged > packets * _DAMAGED_SHARE:
            raise BadAudio("The recording is damaged.")


def _sound_of(container: av.container.InputContainer) -> av.AudioStream:
    # With two it would be unclear which one an engine hears, and which one is paid for.
    if len(container.streams.audio) != 1:
        raise BadAudio("A recording has one track of sound; this file has another number.")
    stream = container.streams.audio[0]
    name = stream.codec_context.name if stream.codec_context else "unknown"
    if name not in _DECODERS:
        raise UnknownFormat(f"The sound in this file is coded as {name}, which is not taken here.")
    stream.codec_context.thread_count = 1
    return stream


def mono(frame: av.AudioFrame) -> bytes:
    """Return the mean of the channels of *frame* as 16 bit samples, whatever they are."""
    samples: npt.NDArray[Any] = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    if len(samples) == 1 and samples.dtype == np.int16:
        return samples.astype("<i2").tobytes()
    if samples.dtype == np.uint8:
        loudness = (samples.mean(axis=0) - 128) / 128
    elif samples.dtype.kind == "i":
        loudness = samples.mean(axis=0) / -float(np.iinfo(samples.dtype).min)
    else:
        with np.errstate(invalid="ignore", over="ignore"):  # a float may be anything, infinite too
            loudness = np.nan_to_num(samples.mean(axis=0))
    pcm: npt.NDArray[np.int16] = (loudness.clip(-1, 1) * 32_767).round().astype("<i2")
    return pcm.tobytes()


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (av.FFmpegError, ValueError, MemoryError) as exc:
        raise BadAudio(
            "The recording can't be read: it is damaged, or not what its first bytes say."
        ) from exc
