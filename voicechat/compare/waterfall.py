"""Where the bars of a waterfall lie: both modes on one axis of time, as shares of its width."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .asks import Pair, Summary
from .spread import Spread
from .units import seconds

Look = Literal["voice", "wait", "come"]
"""The visitor speaks; nothing of it is there yet; it goes up or comes down."""

MOST_TICKS = 7

LEAST_SHARE = 0.006
"""Of the axis: what a whisker takes up by itself."""

ROOM = 1.03
"""Of the axis, so that what comes last does not lie on the edge."""


@dataclass(frozen=True, slots=True)
class Axis:
    """From *start* to *end* seconds after the visitor asked; speaking lies before 0."""

    start: float
    end: float
    ticks: tuple[float, ...]

    def at(self, second: float) -> float:
        """Return where *second* lies: 0 is the left edge, 1 the right one."""
        return min(1.0, max(0.0, (second - self.start) / (self.end - self.start)))


@dataclass(frozen=True, slots=True)
class Bar:
    look: Look
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Whisker:
    """The middle half of the values around a median."""

    low: float
    high: float
    is_above: bool
    """Above the bar: when it began; else below: when it ended."""


@dataclass(frozen=True, slots=True)
class Lane:
    label: str
    bars: tuple[Bar, ...]
    whiskers: tuple[Whisker, ...]
    told: str
    """The medians in words."""
    dots: tuple[float, ...] = ()
    """Single moments on it: the first clause on that of the text, the first audible sample on the sound's."""


@dataclass(frozen=True, slots=True)
class Waterfall:
    axis: Axis
    v1: tuple[Lane, ...]
    v2: tuple[Lane, ...]


def waterfall(pair: Pair) -> Waterfall:
    axis = axis_of(pair)
    v1, v2 = (tuple(_lanes(pair, summary, axis)) for summary in pair.modes)
    return Waterfall(axis, v1, v2)


def axis_of(pair: Pair) -> Axis:
    """Return the axis on which all medians and whiskers of *pair* lie, with few and round ticks."""
    highs = [
        spread.high
        for summary in pair.modes
        for name, spread in summary.times.items()
        # That one begins with the last sample that was audible, and not at 0.
        if spread and name != "voice_to_voice"
    ]
    start = -max(summary.spoken_seconds for summary in pair.modes)
    end = max(0.001, *highs) * ROOM if highs else 1.0
    step = _step(end - start)
    first, last = math.ceil(start / step - 1e-9), math.floor(end / step + 1e-9)
    return Axis(start, end, tuple(round(number * step, 6) for number in range(first, last + 1)))


def _step(length: float) -> float:
    """Return the smallest of 1, 2, 5, 10 … of which *length* holds few."""
    power = 10.0 ** math.floor(math.log10(length / MOST_TICKS))
    return next(power * digit for digit in (1, 2, 5, 10, 20) if length / (power * digit) <= MOST_TICKS)


def _lanes(pair: Pair, summary: Summary, axis: Axis) -> Iterator[Lane]:
    spoken = summary.spoken_seconds
    is_live = pair.kind == "spoken" and summary.mode == "v2"
    if pair.kind == "spoken":
        voice = Bar("voice", axis.at(-spoken), axis.at(0))
        yield Lane("You speak", (voice,), (), seconds(spoken))
    if (sent := summary.times["sent"]) is not None:
        upload = Bar("come", axis.at(-spoken if is_live else 0), axis.at(sent.median))
        yield Lane("Upload", (upload,), tuple(_whiskers(axis, None, sent)), _after(sent))
    if pair.kind == "spoken":
        heard = summary.times["transcript"]
        yield from _coming(axis, "Hearing", heard, heard)
    times = summary.times
    yield from _coming(axis, "Text", times["first_text"], times["whole_text"], times["first_clause"])
    yield from _coming(axis, "Sound", times["first_sound"], times["whole_sound"], times["first_heard"])


def _coming(
    axis: Axis, label: str, first: Spread | None, whole: Spread | None, dot: Spread | None = None
) -> Iterator[Lane]:
    if first is None or whole is None:
        return
    bars = (
        Bar("wait", axis.at(0), axis.at(first.median)),
        Bar("come", axis.at(first.median), axis.at(whole.median)),
    )
    told = _after(first)
    if seconds(first.median) != seconds(whole.median):
        told = f"{told} to {_after(whole)}"
    dots = () if dot is None else (axis.at(dot.median),)
    yield Lane(label, bars, tuple(_whiskers(axis, first, whole)), told, dots)


def _whiskers(axis: Axis, first: Spread | None, whole: Spread) -> Iterator[Whisker]:
    above = first and _whisker(axis, first, is_above=True)
    below = _whisker(axis, whole, is_above=False)
    if above:
        yield above
    if below and not (above and math.isclose(above.low, below.low) and math.isclose(above.high, below.high)):
        yield below


def _whisker(axis: Axis, spread: Spread, *, is_above: bool) -> Whisker | None:
    """Return None where it would be shorter than it is wide."""
    low, high = axis.at(spread.low), axis.at(spread.high)
    return Whisker(low, high, is_above) if high - low > LEAST_SHARE else None


def _after(spread: Spread) -> str:
    return seconds(spread.median)
