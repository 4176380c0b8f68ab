"""
Whether somebody speaks, told by loudness against what was just heard.

Time is counted in samples. It need not know a word: it says when it is worth having the sound
transcribed, and whether anything but silence came after what was.
"""

from __future__ import annotations

from collections import deque

import numpy as np

FRAME_MS = 20

QUIET = 60.0
"""Loudness of a sample (root of the mean square) that is silence in any room: -55 dB of the loudest."""

PAUSE_SHARE = 0.06
"""Of the loudness of speech, below which it pauses: -24 dB; a faint end of a word may be below it."""

SILENCE_SHARE = 0.02
"""Below it nothing is said at all: -34 dB. Between the two is breath, an echo, a faint word."""

LOUDEST_SILENCE = 120.0
"""-49 dB of the loudest: after a bump of the microphone, which is taken for speech, a low voice is heard."""

NOISE_TIMES = 2.0
"""How much louder than the room speech is at least."""

NOISIEST_SHARE = 0.3
"""What is louder is taken for speech, for the room can't be told from it."""

NOISE_FRAMES = 150
"""Three seconds, of which the quieter tenth is the room: there is a gap between words in them."""

PEAK_KEPT = 0.999
"""Of how loud speech is, from frame to frame: half of it after 14 s. Who speaks may walk away."""

RUN_FRAMES, RUN_OF = 3, 5
"""So many frames of the last ones are loud where somebody speaks: a click of a key is one or two."""


class Activity:
    """Feed it all the sound of one recording, 16 bit mono of *rate*."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._frame = rate * FRAME_MS // 1000
        self._rest = b""
        self._recent: deque[float] = deque(maxlen=NOISE_FRAMES)
        self._peak = 0.0
        self._loud: deque[bool] = deque(maxlen=RUN_OF)
        self._heard: deque[bool] = deque(maxlen=RUN_OF)
        self.samples = 0
        """How many were looked at."""
        self.spoke_from = 0
        """The sample at which somebody first spoke clearly; before that it tells nothing."""
        self.spoke_until = 0
        """The sample up to which somebody spoke clearly; 0: nobody did."""
        self.sounded_until = 0
        """The sample up to which anything may have been said."""

    @property
    def silent_ms(self) -> int:
        """How long the pause is that lasts."""
        return (self.samples - self.spoke_until) * 1000 // self._rate

    def feed(self, pcm: bytes) -> None:
        """Look at *pcm*, whole samples."""
        pcm = self._rest + pcm
        size = len(pcm) // (2 * self._frame) * 2 * self._frame
        self._rest = pcm[size:]
        if not size:
            return
        frames = np.frombuffer(pcm[:size], "<i2").astype(np.float32).reshape(-1, self._frame)
        frames -= frames.mean(axis=1, keepdims=True)  # some sound cards add a constant
        loudness = np.sqrt((frames**2).mean(axis=1)).tolist()
        for start in range(0, len(loudness), NOISE_FRAMES):
            self._look(loudness[start : start + NOISE_FRAMES])

    def _look(self, loudness: list[float]) -> None:
        self._recent.extend(loudness)
        room = NOISE_TIMES * float(np.percentile(self._recent, 10))
        last = [*self._recent][-len(loudness) - 2 : -len(loudness)]
        for one in loudness:
            last.append(one)
            self.samples += self._frame
            # As loud for three frames: a click is louder than speech, but short.
            self._peak = max(self._peak * PEAK_KEPT, min(last[-3:]) if len(last) > 2 else 0.0)
            noise = max(QUIET, min(room, self._peak * NOISIEST_SHARE))
            silence = min(self._peak * SILENCE_SHARE, LOUDEST_SILENCE)
            self._loud.append(one > max(noise, self._peak * PAUSE_SHARE))
            self._heard.append(one > max(noise, silence))
            if sum(self._loud) >= RUN_FRAMES:
                self.spoke_from = self.spoke_from or self.samples
                self.spoke_until = self.samples
            if sum(self._heard) >= RUN_FRAMES:
                self.sounded_until = self.samples
