"""What was measured: one record for each time that a question was asked, and the medians over many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ..client import Mode, Stages
from .spread import LEAST_SECONDS, Spread

Kind = Literal["typed", "spoken"]
Verdict = Literal["longer", "shorter", "alike", "unclear"]
"""Whether v1 took longer, shorter, as long, or now this and now that."""
KINDS: tuple[Kind, ...] = ("typed", "spoken")
MODES: tuple[Mode, ...] = ("v1", "v2")

STAGES: dict[str, str] = {
    "sent": "upload done",
    "transcript": "hearing",
    "first_text": "first text",
    "first_clause": "first clause",
    "whole_text": "whole text",
    "first_sound": "first sound",
    "first_heard": "first audible",
    "whole_sound": "whole sound",
    "voice_to_voice": "voice to voice",
}
"""The fields of `Stages` in the order in which they come, and what of `Ask`; and what they are called."""

BYTES: dict[str, str] = {"bytes_up": "bytes up", "bytes_down": "bytes down"}


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, asked once."""

    mode: Mode
    kind: Kind
    question: str
    spoken_seconds: float
    """How long the visitor spoke; 0: it was typed."""
    stages: Stages | None
    """None: there was no answer."""
    server_ms: Mapping[str, float]
    """What the server says that its engines took: `stt`, `chat`, `tts`, `total`."""
    failure: str | None = None
    """Why the answer, or its sound, is missing."""
    quiet_seconds: float = 0.0
    """How long what was spoken went on behind its last audible sample."""

    @property
    def voice_to_voice(self) -> float | None:
        """Return the seconds from the last spoken sample to the first audible one of the answer."""
        if self.kind == "typed" or self.stages is None or self.stages.first_heard is None:
            return None
        return self.quiet_seconds + self.stages.first_heard


@dataclass(frozen=True, slots=True)
class Summary:
    """The asks of one kind in one mode; a stage that never took place is None."""

    mode: Mode
    spoken_seconds: float
    """The median."""
    times: Mapping[str, Spread | None]
    """By the names of `STAGES`, in seconds after the visitor asked."""
    sizes: Mapping[str, Spread | None]
    """By the names of `BYTES`."""
    server: Mapping[str, Spread | None]
    """By `stt`, `chat`, `tts`, `total`, in seconds."""
    count: int
    """Answers that are counted."""
    failures: tuple[str, ...]

    @classmethod
    def of(cls, asks: Iterable[Ask], kind: Kind, mode: Mode) -> Summary:
        """Return what those of *asks* say that are of *kind* in *mode*; failed ones count as failed only."""
        wanted = [ask for ask in asks if ask.kind == kind and ask.mode == mode]
        good = [ask for ask in wanted if ask.failure is None and ask.stages is not None]

        def over(value: Callable[[Ask], float | None]) -> Spread | None:
            return Spread.of([number for ask in good if (number := value(ask)) is not None])

        def second(name: str) -> Spread | None:
            return over(lambda ask: _second(ask, name))

        def size(name: str) -> Spread | None:
            return over(lambda ask: getattr(ask.stages, name))

        spoken = over(lambda ask: ask.spoken_seconds)
        return cls(
            mode=mode,
            spoken_seconds=spoken.median if spoken else 0.0,
            times={name: second(name) for name in STAGES},
            sizes={name: size(name) for name in BYTES},
            server={name: second(name) for name in ("stt", "chat", "tts", "total")},
            count=len(good),
            failures=tuple(ask.failure for ask in wanted if ask.failure is not None),
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """The same questions in both modes."""

    kind: Kind
    v1: Summary
    v2: Summary
    longer: Mapping[str, Spread | None]
    """
    By the names of `STAGES`, and `stt`: how many seconds later it was in v1, each ask against its twin in v2.

    Questions with long answers and with short ones lie far apart in both modes; twins do not.
    """

    @classmethod
    def of(cls, asks: Iterable[Ask], kind: Kind) -> Pair:
        """Return those of *asks* that are of *kind*; the first in v1 is the twin of the first in v2."""
        asks = list(asks)
        v1, v2 = ([ask for ask in asks if (ask.kind, ask.mode) == (kind, mode)] for mode in MODES)
        twins = [(one, two) for one, two in zip(v1, v2, strict=False) if one.failure is None is two.failure]
        return cls(
            kind,
            Summary.of(asks, kind, "v1"),
            Summary.of(asks, kind, "v2"),
            {name: _longer(twins, name) for name in (*STAGES, "stt")},
        )

    def verdict(self, name: str) -> Verdict:
        longer = self.longer[name]
        if longer is None or abs(longer.median) < LEAST_SECONDS:
            return "alike"
        if longer.low > 0:
            return "longer"
        return "shorter" if longer.high < 0 else "unclear"

    def differs(self, name: str) -> bool:
        return self.verdict(name) in ("longer", "shorter")

    @property
    def modes(self) -> tuple[Summary, Summary]:
        return self.v1, self.v2

    @property
    def is_whole(self) -> bool:
        """Whether there is something to compare."""
        return all(summary.count for summary in self.modes)


def _longer(twins: Iterable[tuple[Ask, Ask]], name: str) -> Spread | None:
    seconds = [(_second(one, name), _second(two, name)) for one, two in twins]
    return Spread.of([one - two for one, two in seconds if one is not None and two is not None])


def _second(ask: Ask, name: str) -> float | None:
    if name == "voice_to_voice":
        return ask.voice_to_voice
    if name in STAGES:
        return getattr(ask.stages, name, None)
    return None if (ms := ask.server_ms.get(name)) is None else ms / 1000


@dataclass(frozen=True, slots=True)
class Run:
    """All that one server was asked."""

    title: str
    engines: tuple[str, ...]
    """Who listens, thinks and speaks, a line each."""
    asks: tuple[Ask, ...]

    def pairs(self) -> list[Pair]:
        kinds = [kind for kind in KINDS if any(ask.kind == kind for ask in self.asks)]
        return [Pair.of(self.asks, kind) for kind in kinds]


@dataclass(frozen=True, slots=True)
class Report:
    """What is written down."""

    started: str
    """Day, time and the difference from UTC."""
    conditions: Mapping[str, str]
    """Under which it was measured: version, machine and so on."""
    questions: Mapping[Kind, tuple[str, ...]]
    times: int
    """How often each was asked in each mode."""
    notes: tuple[str, ...]
    """What was left out, and why."""
    runs: tuple[Run, ...]
