"""A load is put on both sides in turn; each of its lines becomes a row of the table."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from typing import Any

from .servers import VOICECHAT, Server, Side

MOST_SECONDS = 300.0
"""For one measurement; the longest takes a minute."""


@dataclass(frozen=True)
class Size:
    """How much of a load: `size(full=500, quick=200)`."""

    is_quick: bool

    def __call__(self, *, full: int, quick: int) -> int:
        return quick if self.is_quick else full


Measure = Callable[[Server, Size], Coroutine[Any, Any, list[float]]]
"""A running server -> a figure for each line of the load. Its docstring says what is measured."""

Start = Callable[[], AbstractContextManager[Server]]


@dataclass(frozen=True)
class Goal:
    value: float
    """At most this ratio to the opponent."""
    is_absolute: bool = False
    """The figure itself, in the line's unit, in place of the ratio."""
    is_difference: bool = False
    """So much more than the opponent, in the line's unit."""
    more_is_better: bool = False

    def is_reached(self, figure: float) -> bool:
        return figure >= self.value if self.more_is_better else figure <= self.value


@dataclass(frozen=True)
class Line:
    title: str
    unit: str
    goal: Goal | None = None
    """None: there is nothing to compare it with, the figure is told all the same."""
    if_missed: str = ""
    """Where the time goes, by a profile (`bench.profiling`): told where the goal is not reached."""


class Load:
    """What is done to a server, and the lines that come of it."""

    def __init__(
        self,
        measure: Measure,
        opponent: Side | None,
        *lines: Line,
        ours: Side = VOICECHAT,
        fresh: bool = False,
        in_quick: bool = True,
    ) -> None:
        """*fresh*: each repeat starts its servers anew. *in_quick*: it is short enough for a quick run."""
        self.measure = measure
        self.lines = lines
        self.sides = [ours, *([opponent] if opponent else [])]
        self.fresh = fresh
        self.in_quick = in_quick

    def against(self, opponent: Side) -> Load:
        """Return the same with ours and another *opponent*: what is to be reached is no matter then."""
        lines = [replace(line, goal=None) for line in self.lines]
        return Load(self.measure, opponent, *lines, fresh=self.fresh, in_quick=self.in_quick)

    @property
    def meaning(self) -> str:
        """What is measured, in words."""
        return " ".join((self.measure.__doc__ or "").split())


@dataclass(frozen=True)
class Spread:
    """Of the repeats."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True)
class Row:
    line: Line
    ours: Spread
    theirs: Spread | None
    ratio: Spread | None
    """Ours to theirs, pair by pair: what slows both down for a while does not count."""

    @property
    def is_reached(self) -> bool | None:
        """None: there is no goal."""
        if self.line.goal is None:
            return None
        if self.line.goal.is_difference and self.theirs is not None:
            return self.line.goal.is_reached(self.ours.median - self.theirs.median)
        figure = self.ours if self.line.goal.is_absolute or self.ratio is None else self.ratio
        return self.line.goal.is_reached(figure.median)


def measured(load: Load, provider: Server, size: Size, repeats: int) -> list[Row]:
    """Put *load* on both sides in turn, *repeats* times after one round that does not count."""
    with ExitStack() as stack:
        start: list[Start] = [partial(side.running, provider.port) for side in load.sides]
        if not load.fresh:
            # One process for all repeats: its code is compiled, its connections are warm.
            servers = [stack.enter_context(begin()) for begin in start]
            start = [partial(_kept, server) for server in servers]
        rounds = [[_once(load.measure, begin, size) for begin in start] for _ in range(1 + repeats)]
    return [
        _row(line, [[figures[i] for figures in sides] for sides in rounds[1:]])
        for i, line in enumerate(load.lines)
    ]


@contextmanager
def _kept(server: Server) -> Iterator[Server]:
    yield server


def _once(measure: Measure, begin: Start, size: Size) -> list[float]:
    with begin() as server, _no_garbage_collection():
        return asyncio.run(asyncio.wait_for(measure(server, size), MOST_SECONDS))


def _row(line: Line, rounds: Sequence[Sequence[float]]) -> Row:
    ours = Spread.of([figures[0] for figures in rounds])
    if len(rounds[0]) == 1:
        return Row(line, ours, None, None)
    ratios = [figures[0] / figures[1] for figures in rounds]
    return Row(line, ours, Spread.of([figures[1] for figures in rounds]), Spread.of(ratios))


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A pause of this process would look like one of the server's."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def percentile(share: float, values: list[float]) -> float:
    """Return the value that *share* percent of *values* do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share / 100))]
