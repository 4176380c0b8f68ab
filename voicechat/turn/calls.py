"""When a recording that goes on is worth transcribing. Pure; time is counted in samples."""

from __future__ import annotations

from ..audio import Activity

PAUSE_MS = 200
"""
So long a pause is taken for the end of what is said.

Between words of one breath it is shorter, mostly; and who then ends the recording finds the transcript
begun. Where more is said, one call was for the caption alone.
"""

INTERVAL_SECONDS = 1.0
"""Between two calls while somebody speaks without a pause, at least."""

INTERVAL_SHARE = 0.125
"""And of the recording so far: the longer it is, the less its words are news."""

FOR_PAUSES = 0.25
"""How much of the calls is left for pauses: what is heard in one may be the final transcript."""

FIRST_SECONDS = 0.8
"""Of speech before the first call without a pause: of less a small model makes words that nobody said."""

AGAIN_SECONDS = 0.1
"""
Of sound, until an engine that had no time is asked again: about what a page sends at once.

Each time all of the recording is copied for it, which is not to be had for two bytes.
"""


class Calls:
    """At most *most* calls for one recording of *rate* samples a second."""

    def __init__(self, most: int, rate: int) -> None:
        self.made = 0
        self._most = most
        self._rate = rate
        self._first = round(FIRST_SECONDS * rate)
        self._next_at = 0
        """At how many samples the next one may be made without a pause."""
        self._again_at = 0
        """And at how many any."""

    def is_due(self, activity: Activity, covered: int) -> bool:
        """Return whether it is worth a call now, where *covered* samples were transcribed already."""
        left = self._most - self.made
        if left <= 0 or activity.spoke_until <= covered or activity.samples < self._again_at:
            return False
        if is_pause(activity):
            return True
        is_time = activity.samples >= max(self._next_at, activity.spoke_from + self._first)
        return is_time and left > self._most * FOR_PAUSES

    def done(self, until: int, now: int) -> None:
        """A call is over that covers *until* samples; *now* there are so many."""
        seconds = max(INTERVAL_SECONDS, INTERVAL_SHARE * until / self._rate)
        # No more than half of the time is spent on it, however slow the engine is.
        self._next_at = until + max(round(seconds * self._rate), 2 * (now - until))

    def refused(self, until: int) -> None:
        """The engine had no time for a call that was to cover *until* samples."""
        self.made -= 1
        self._again_at = until + round(AGAIN_SECONDS * self._rate)


def is_pause(activity: Activity) -> bool:
    """Whether who spoke has left off for now."""
    return activity.silent_ms >= PAUSE_MS
