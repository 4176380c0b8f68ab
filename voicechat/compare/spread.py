"""Medians, and how far the middle half of the values lies apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import quantiles

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
        values = list(values)
        if not values:
            return None
        # Before Python 3.13 the library refuses a single value.
        low, median, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
        return cls(median, low, high, len(values))


def ratio(one: Spread | None, other: Spread | None) -> float | None:
    """Return how many times the median of *other* is in that of *one*; None: it can't be said."""
    if one is None or other is None or other.median <= 0:
        return None
    return one.median / other.median
