"""Medians, and how far the middle half of the values lies apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LEAST_SECONDS = 0.020
"""A smaller difference is none: nobody sees it, and clocks and queues of a machine make as much."""


@dataclass(frozen=True, slots=True)
class Spread:
    median: float
    low: float
    """A quarter of the values lies below."""
    high: float
    """A quarter of the values lies above."""
    count: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread | None:
        """Return the spread of *values*; None: there are none."""
        ordered = sorted(values)
        if not ordered:
            return None
        return cls(
            median=quantile(ordered, 0.5),
            low=quantile(ordered, 0.25),
            high=quantile(ordered, 0.75),
            count=len(ordered),
        )


def quantile(ordered: list[float], share: float) -> float:
    """Return the value below which *share* of *ordered* lies, between two of them in proportion."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def ratio(one: Spread | None, other: Spread | None) -> float | None:
    """Return how many times the median of *other* is in that of *one*; None: it can't be said."""
    if one is None or other is None or other.median <= 0:
        return None
    return one.median / other.median
