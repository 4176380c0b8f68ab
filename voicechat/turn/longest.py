"""The longest possible wait, told from the settings alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..config import Chat, Config, Stt, Tts, listed
from ..engines import LOADING_SECONDS


@dataclass(frozen=True, slots=True)
class LongestWait:
    """
    How long a question waits at worst for its END, whatever engines and providers do.

    Of a question that no other of its chat is before. Not counted is what this machine itself works
    on (looking up, storing, encoding), and for the sound the time in which it is heard: who plays it
    says how fast.
    """

    hearing_seconds: float
    """Of a spoken question; also where nobody hears it in the end."""
    thinking_seconds: float
    silence_seconds: float
    """That the voice may cost once the text is complete, all in all."""
    loading_seconds: float
    """What comes on top where models are loaded: after a start, and once where one takes over."""

    @property
    def text_seconds(self) -> float:
        """From the question to the END of an answer that is not spoken."""
        return self.hearing_seconds + self.thinking_seconds

    @property
    def sound_seconds(self) -> float:
        """From the question to the END of one that is, and the time in which it is heard on top."""
        return self.text_seconds + self.silence_seconds

    def __str__(self) -> str:
        return (
            f"A question has its answer's text, or a reason, after {self.text_seconds:g} s at the latest "
            f"({self.hearing_seconds:g} s to hear it, {self.thinking_seconds:g} s to answer), "
            f"and its END after {self.silence_seconds:g} s of silence more; "
            f"where models are loaded first, up to {self.loading_seconds:g} s come on top."
        )


def longest_wait(config: Config) -> LongestWait:
    """
    Return it for a server with *config*.

    Each time limit is kept where the waiting is done: the engines keep theirs, tries and pauses
    included, and speech its silence.
    """
    # The pages, ears and model of a question are waited for one after the other; the voice is beside
    # the model. Where a provider turns out to hear nothing, the embedded ears are loaded and do it.
    takeover_seconds = LOADING_SECONDS + config.stt.timeout_seconds
    # The last of a list is waited for while it loads.
    lists = sum(first.next is not None for first in (config.stt, config.chat))
    return LongestWait(
        hearing_seconds=_longest(_limits(config.stt)),
        thinking_seconds=_longest(_limits(config.chat)),
        silence_seconds=config.tts.silence_seconds if config.speech else 0,
        loading_seconds=3 * LOADING_SECONDS + takeover_seconds + lists * LOADING_SECONDS,
    )


def _limits(first: Stt | Chat) -> Iterator[tuple[float, float]]:
    """Yield of each engine of a list how long it may be silent, and how long its whole work may take."""
    for _, engine in listed(first):
        assert not isinstance(engine, Tts)
        yield (
            engine.handover_seconds,
            engine.total_seconds if isinstance(engine, Chat) else engine.timeout_seconds,
        )


def _longest(limits: Iterable[tuple[float, float]]) -> float:
    """Return what the engines of a list take at most, of which any may be the one that does it."""
    waited = longest = 0.0
    for handover_seconds, whole_seconds in limits:
        longest = max(longest, waited + whole_seconds)
        waited += min(handover_seconds, whole_seconds)
    return longest
