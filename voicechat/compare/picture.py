"""
Waterfalls and bars as HTML with SVG inside: each lane is a picture as wide as it may be.

Places are in per cent, so that lines and letters keep their size on a phone. Beside every picture
stands a table that says the same; for those who do not see, the picture is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ..client import Mode
from .asks import Pair
from .units import size
from .waterfall import Axis, Bar, Lane, Waterfall, Whisker

HEIGHT = 30
BAR_TOP, BAR_HEIGHT = 9, 12
SCALE_HEIGHT = 22
"""Pixels of a lane; whiskers lie above and below the bar."""

VOICE_SHARE = 0.012
"""Of the picture's width, from one stroke of the voice to the next."""
VOICE_HEIGHTS = (0.35, 0.8, 0.55, 1.0, 0.7, 0.4, 0.9, 0.6, 0.3, 0.75)
"""Of a lane's bar, over and over: it stands for a voice and measures nothing."""

TITLES: dict[Mode, str] = {"v1": "one request, one reply", "v2": "both ways at once"}


def waterfall_picture(fall: Waterfall) -> str:
    parts = [_mode("v1", fall.v1, fall.axis), _mode("v2", fall.v2, fall.axis), _scale(fall.axis)]
    return f'<div class="fall" aria-hidden="true">\n{"".join(parts)}</div>'


def _mode(mode: Mode, lanes: Sequence[Lane], axis: Axis) -> str:
    rows = "".join(_row(lane, axis) for lane in lanes)
    return f'<div class="mode {mode}"><p><b>{mode}</b> {TITLES[mode]}</p>\n{rows}</div>\n'


def _row(lane: Lane, axis: Axis) -> str:
    marks = [_line(axis.at(tick), 0, HEIGHT, "zero" if tick == 0 else "grid") for tick in axis.ticks]
    for bar in lane.bars:
        marks += _bar(bar)
    for whisker in lane.whiskers:
        marks += _whisker(whisker)
    middle = BAR_TOP + BAR_HEIGHT / 2
    marks += [f'<circle class="dot" cx="{_percent(dot)}" cy="{middle:g}" r="4"/>' for dot in lane.dots]
    return _lane(lane.label, marks, lane.told)


def _lane(label: str, marks: Iterable[str], told: str, *, look: str = "lane", height: int = HEIGHT) -> str:
    return (
        f'<div class="{look}"><span class="label">{label}</span>'
        f'<svg width="100%" height="{height}">{"".join(marks)}</svg>'
        f'<span class="told">{escape(told)}</span></div>\n'
    )


def _bar(bar: Bar) -> Iterator[str]:
    if bar.look == "voice":
        yield from _voice(bar)
        return
    top, height = (BAR_TOP, BAR_HEIGHT) if bar.look == "come" else (BAR_TOP + 4, BAR_HEIGHT - 8)
    yield (
        f'<rect class="{bar.look}" x="{_percent(bar.start)}" width="{_percent(bar.end - bar.start)}" '
        f'y="{top}" height="{height}" rx="2"/>'
    )
    if bar.look == "come":
        # However short it was, it took place.
        yield _line(bar.start, BAR_TOP, BAR_TOP + BAR_HEIGHT, "edge")


def _voice(bar: Bar) -> Iterator[str]:
    middle = BAR_TOP + BAR_HEIGHT / 2
    for number in range(int((bar.end - bar.start) / VOICE_SHARE)):
        half = VOICE_HEIGHTS[number % len(VOICE_HEIGHTS)] * BAR_HEIGHT / 2
        yield _line(bar.start + (number + 0.5) * VOICE_SHARE, middle - half, middle + half, "voice")


def _whisker(whisker: Whisker) -> Iterator[str]:
    y = BAR_TOP - 4 if whisker.is_above else BAR_TOP + BAR_HEIGHT + 4
    yield (
        f'<line class="whisker" x1="{_percent(whisker.low)}" x2="{_percent(whisker.high)}" '
        f'y1="{y}" y2="{y}"/>'
    )
    for end in (whisker.low, whisker.high):
        yield _line(end, y - 3, y + 3, "whisker")


def _line(x: float, top: float, bottom: float, look: str) -> str:
    x_share = _percent(x)
    return f'<line class="{look}" x1="{x_share}" x2="{x_share}" y1="{_short(top)}" y2="{_short(bottom)}"/>'


def _scale(axis: Axis) -> str:
    texts = []
    for tick in axis.ticks:
        x = axis.at(tick)
        anchor = "end" if x > 0.95 else "middle"
        unit = " s" if tick == axis.ticks[-1] else ""
        number = f"{tick:g}".replace("-", "\N{MINUS SIGN}")
        texts.append(f'<text x="{_percent(x)}" y="16" text-anchor="{anchor}">{number}{unit}</text>')
    return _lane("", texts, "", look="lane scale", height=SCALE_HEIGHT)


def bytes_picture(pair: Pair) -> str:
    """Return both ways of both modes as bars of one length a byte."""
    sizes = [spread for summary in pair.modes for spread in summary.sizes.values() if spread is not None]
    most = max((spread.median for spread in sizes), default=0) or 1
    lanes = []
    for name, words in (("bytes_up", "Up"), ("bytes_down", "Down")):
        for summary in pair.modes:
            if (spread := summary.sizes[name]) is not None:
                marks = _bar(Bar("come", 0, spread.median / most))
                lanes.append(
                    _lane(f"{words}, {summary.mode}", marks, size(spread.median), look=f"lane {summary.mode}")
                )
    return f'<div class="fall bytes" aria-hidden="true">\n{"".join(lanes)}</div>'


def _percent(share: float) -> str:
    return f"{_short(share * 100)}%"


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
