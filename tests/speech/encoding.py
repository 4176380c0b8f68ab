"""Recordings in every container that is taken, made as browsers and people make them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import av
import numpy as np

from voicechat.audio import Container, Recording, Resampler

FORMATS: dict[Container, tuple[str, str]] = {
    "wav": ("wav", "pcm_s16le"),
    "mp3": ("mp3", "libmp3lame"),
    "ogg": ("ogg", "libopus"),
    "flac": ("flac", "flac"),
    "webm": ("webm", "libopus"),
    "mp4": ("mp4", "aac"),
}
"""FFmpeg's muxer and encoder."""

LIVE: dict[str, Mapping[str, str]] = {
    "webm": {"live": "1"},
    "mp4": {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "500000"},
}
"""How MediaRecorder writes: without a length, index or end."""


def encoded(
    pcm: bytes,
    rate: int,
    container: Container,
    *,
    codec: str | None = None,
    channels: int = 1,
    options: Mapping[str, str] | None = None,
) -> Recording:
    """Return *pcm* (16 bit mono) at 48 kHz in *container*, the same in all *channels*."""
    muxer, usual = FORMATS[container]
    resampler = Resampler(rate, 48_000)
    samples = np.frombuffer(resampler.push(pcm) + resampler.flush(), np.int16)
    frame = av.AudioFrame.from_ndarray(
        np.repeat(samples, channels)[np.newaxis], "s16", f"{channels}c" if channels > 2 else LAYOUTS[channels]
    )
    frame.sample_rate = 48_000
    file = io.BytesIO()
    with av.open(file, "w", format=muxer, options=dict(options or {})) as out:
        stream: Any = out.add_stream(codec or usual, rate=48_000)
        stream.layout = frame.layout.name
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    return Recording(file.getvalue(), container)


LAYOUTS = {1: "mono", 2: "stereo"}


def recorded_by_chromium(
    pcm: bytes, rate: int, *, packet_ms: int = 60, cluster_packets: int = 5
) -> Recording:
    """
    Return *pcm* as Chromium's MediaRecorder writes it, element by element.

    FFmpeg's own files have a table of what stands where, tags, and a padding at the end.
    """
    track = _element(
        "ae",
        _element("d7", b"\1"),
        _element("73c5", bytes(range(1, 8))),
        _element("83", b"\2"),
        _element("86", b"A_OPUS"),
        _element("63a2", b"OpusHead\1\1\0\0\x80\xbb\0\0\0\0\0"),
        _element("e1", _element("b5", b"G;\x80\0"), _element("9f", b"\1"), _element("6264", b"\x20")),
    )
    versions = [_element(id_, bytes([n])) for id_, n in (("4286", 1), ("42f7", 1), ("42f2", 4), ("42f3", 8))]
    kind = [_element("4282", b"webm"), _element("4287", b"\4"), _element("4285", b"\2")]
    info = _element(
        "1549a966",
        _element("2ad7b1", b"\x0f\x42\x40"),
        _element("4d80", b"Chrome"),
        _element("5741", b"Chrome"),
    )
    file = [_element("1a45dfa3", *versions, *kind), _UNKNOWN_SEGMENT, info, _element("1654ae6b", track)]
    for i, packet in enumerate(_opus_packets(pcm, rate, packet_ms)):
        if i % cluster_packets == 0:
            file += [_UNKNOWN_CLUSTER, _element("e7", (i * packet_ms).to_bytes(4, "big"))]
        after_ms = i % cluster_packets * packet_ms
        file.append(_element("a3", b"\x81" + after_ms.to_bytes(2, "big") + b"\x80" + packet))
    return Recording(b"".join(file), "webm")


_UNKNOWN_SEGMENT = bytes.fromhex("18538067 01ffffffffffffff")
_UNKNOWN_CLUSTER = bytes.fromhex("1f43b675 01ffffffffffffff")


def _element(id_: str, *content: bytes) -> bytes:
    whole = b"".join(content)
    return bytes.fromhex(id_) + (0x4000 | len(whole)).to_bytes(2, "big") + whole


def _opus_packets(pcm: bytes, rate: int, packet_ms: int) -> list[bytes]:
    resampler = Resampler(rate, 48_000)
    samples = np.frombuffer(resampler.push(pcm) + resampler.flush(), np.int16)
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis], "s16", "mono")
    frame.sample_rate = 48_000
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.options = {"frame_duration": str(packet_ms)}
    fifo = av.AudioFifo()
    fifo.write(frame)
    packets = []
    size = 48 * packet_ms
    encoder.open()
    while (piece := fifo.read(size, partial=True)) is not None:
        packets += encoder.encode(piece)
    return [bytes(packet) for packet in [*packets, *encoder.encode(None)]]
