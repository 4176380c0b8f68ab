"""
PCM: what sound is inside the house, and into what it is packed to leave it.

It is `bytes` of 16 bit little-endian mono samples everywhere.
"""

from __future__ import annotations

import io
import struct

import av
import numpy as np
import soundfile

SPEECH_RATE = 24_000
"""Samples a second of all speech inside the house and of `pcm16/24000` on the wire."""

SPEECH_BYTES_PER_MS = SPEECH_RATE * 2 // 1000

HEARING_RATE = 16_000
"""Samples a second that speech recognition works on (Whisper's rate)."""

MP3_LEVEL = 0.62
"""libsndfile's compression from 0 to 1; at 24 kHz this is 64 kb/s, where a voice alone loses nothing."""


class Resampler:
    """
    Changes the rate of PCM that comes in pieces, without seams between them.

    Feed it every piece in order, whole samples each, then `flush` once.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self.from_rate = from_rate
        self.to_rate = to_rate
        self._resampler = av.AudioResampler(
            format="s16",
            layout="mono",
            rate=to_rate,
            # 16 bit filters, the default between 16 bit sounds, hiss.
            options={"internal_sample_fmt": "fltp"},
        )

    def push(self, pcm: bytes) -> bytes:
        if self.from_rate == self.to_rate or not pcm:
            return pcm
        frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2")[np.newaxis], "s16", "mono")
        frame.sample_rate = self.from_rate
        return self._resample(frame)

    def flush(self) -> bytes:
        return self._resample(None)

    def _resample(self, frame: av.AudioFrame | None) -> bytes:
        frames = self._resampler.resample(frame)
        return b"".join(frame.to_ndarray().astype("<i2").tobytes() for frame in frames)


def wav(pcm: bytes, rate: int) -> bytes:
    """Put a WAV header before *pcm*."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    chunks = b"WAVE" + form + struct.pack("<4sI", b"data", len(pcm)) + pcm
    return struct.pack("<4sI", b"RIFF", len(chunks)) + chunks


def mp3(pcm: bytes, rate: int = SPEECH_RATE) -> bytes:
    """
    Encode *pcm* as one MP3 file.

    Its first frame tells how much silence the encoder added (the LAME tag), so players leave it out.
    Blocks for some 9 ms a second of sound.
    """
    file = io.BytesIO()
    soundfile.write(
        file,
        np.frombuffer(pcm, "<i2"),
        rate,
        format="MP3",
        subtype="MPEG_LAYER_III",
        compression_level=MP3_LEVEL,
        bitrate_mode="CONSTANT",
    )
    return file.getvalue()
