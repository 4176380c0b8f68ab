"""Numbers as people read them."""

from __future__ import annotations

from .spread import Spread

MISSING = "–"


def seconds(value: float) -> str:
    """Return *value* with its unit: milliseconds below one second."""
    if round(abs(value) * 1000) < 1000:
        return f"{value * 1000:.0f} ms" if round(abs(value) * 1000) >= 1 else "less than 1 ms"
    return f"{value:.2f} s" if abs(value) < 9.995 else f"{value:.1f} s"


def size(value: float) -> str:
    """Return *value*, a number of bytes, with its unit: powers of ten, as networks count."""
    if value < 999.5:
        return f"{value:.0f} bytes"
    if value < 999_500:
        return f"{value / 1000:.3g} kB"
    return f"{value / 1e6:.3g} MB"


def many(value: float) -> str:
    """Return how many times as much."""
    return f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


def cell(spread: Spread | None, *, is_bytes: bool = False) -> str:
    """Return the median."""
    if spread is None:
        return MISSING
    return f"{spread.median:,.0f}" if is_bytes else f"{spread.median:.3f}"


def span(spread: Spread | None, *, is_bytes: bool = False) -> str:
    """Return the middle half."""
    if spread is None:
        return MISSING
    if is_bytes:
        return f"{spread.low:,.0f}–{spread.high:,.0f}"
    return f"{spread.low:.3f}–{spread.high:.3f}"


def times(value: float | None) -> str:
    return MISSING if value is None else f"{value:.2f}"
