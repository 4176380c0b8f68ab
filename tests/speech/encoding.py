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
