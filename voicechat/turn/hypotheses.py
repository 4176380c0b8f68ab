"""What an engine has made of a recording that goes on, each time with more of it."""

from __future__ import annotations

from dataclasses import dataclass

from .agreement import Agreement, end_in, joined
from .kept_sound import KeptSound

PART_SECONDS = 12.0
"""
How long a part is at least that is heard once and for all, where a pause ends it and two hypotheses agree.

Whisper hears windows of at most 30 s, each by itself; a part of this length has enough around each word.
"""


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    text: str
    """Of the part that is not heard once and for all."""
    until: int
    """Samples of the recording that it covers."""
    is_at_pause: bool


class Hypotheses:
    """Those of one recording of *rate*. Of *sound* is let go what is heard once and for all."""

    def __init__(self, sound: KeptSound, rate: int) -> None:
        self.closed = ""
        """The words of what was heard once and for all."""
        self._sound = sound
        self._part_samples = PART_SECONDS * rate
        self._agreement = Agreement()
        self._last: _Hypothesis | None = None
        self._at_pause: _Hypothesis | None = None
        """The last one that was made at a pause."""

    @property
    def text(self) -> str:
        """The words by the last one."""
        return joined(self.closed, self._last.text) if self._last else self.closed

    @property
    def until(self) -> int:
        """How many samples the last one covers; 0: there is none."""
        return self._last.until if self._last else 0

    def take(self, text: str, until: int, *, is_at_pause: bool) -> tuple[str, int]:
        """
        Add *text*, heard in what is kept of the sound up to sample *until*.

        Return what to show of all so far, and how many bytes of it are stable.
        """
        shown = self._agreement.add(joined(self.closed, text))
        self._last = heard = _Hypothesis(text, until, is_at_pause)
        self._close_part(heard)
        if is_at_pause:
            self._at_pause = self._last
        return shown

    def clear(self) -> None:
        self.closed = ""
        self._last = self._at_pause = None

    def _close_part(self, heard: _Hypothesis) -> None:
        """Keep the words up to the last pause for good where *heard* has them too; let go of their sound."""
        part = self._at_pause
        if part is None or part.until - self._sound.start < self._part_samples:
            return
        if (end := end_in(heard.text, part.text)) is None:
            return
        self.closed = joined(self.closed, heard.text[:end])
        self._last = _Hypothesis(heard.text[end:].strip(), heard.until, heard.is_at_pause)
        self._at_pause = None
        self._sound.cut(part.until)
