"""What is to be heard: where speech begins and ends in sound, and when an answer's would have sounded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import dialogue as d
from ..audio import SPEECH_RATE
from ..client import Moment, pcm_of

AUDIBLE_SHARE = 0.02
"""
Of the loudest sample: what is softer is silence.

34 dB below speech nobody hears it beside that, and noise of a quiet room is no louder.
"""


def loud(pcm: bytes, rate: int) -> tuple[float, float] | None:
    """Return when the first audible sample of *pcm* comes, and when the last one is over; None: no such."""
    samples = np.abs(np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.int32))
    found = np.flatnonzero(samples > samples.max(initial=0) * AUDIBLE_SHARE)
    return (int(found[0]) / rate, (int(found[-1]) + 1) / rate) if len(found) else None


def quiet_seconds(pcm: bytes, rate: int) -> float:
    """Return how long *pcm* goes on behind its last audible sample."""
    heard = loud(pcm, rate)
    return 0.0 if heard is None else len(pcm) / 2 / rate - heard[1]


def heard_at_seconds(moments: Sequence[Moment], format: str) -> float | None:
    """
    Return when the first audible sample of an answer's sound is heard, by the monotonic clock. Blocks.

    By who plays each piece as soon as it is there and the one before it is over; a loudspeaker's own
    time comes on top. *format* as `Client.sound_format`. None: nothing is to be heard.

    Raises:
        Failed: If the sound can't be decoded.
    """
    came = [(one.at_seconds, one.event.data) for one in moments if isinstance(one.event, d.AnswerAudio)]
    pieces = [(at, pcm_of([data], format)) for at, data in came]
    if (heard := loud(b"".join(pcm for _, pcm in pieces), SPEECH_RATE)) is None:
        return None
    begins, free_at = 0.0, 0.0
    for at, pcm in pieces:
        starts_at = max(at, free_at)
        length = len(pcm) / 2 / SPEECH_RATE
        if heard[0] < begins + length:
            return starts_at + heard[0] - begins
        begins, free_at = begins + length, starts_at + length
    raise AssertionError("an audible sample lies in one of the pieces")
