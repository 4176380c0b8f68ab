"""Rows -> the table, as a person reads it in a terminal and in RESULTS.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .measuring import Goal, Load, Row, Spread

HEAD = ("line", "ours", "theirs", "ratio", "goal", "reached")

INTRODUCTION = """\
# How fast the server is

`make bench` measured this and wrote this page.
{conditions}

A ratio compares us with what a user would take instead: a Node server of `ws` and the `openai` package \
([node/server.mjs](node/server.mjs)).
It does the same job: the basic profile of mode v2, and mode v1, without speech and the site's pages.
Memory is compared with a WebSocket server of `aiohttp` and nothing else ([bare.py](bare.py)).
These ask the same scripted provider, which answers at once.
Where it says "beyond the engines", and of 200 spoken answers, the engines are in the server's own process \
and take fixed times; the opponent is a pipeline of the same engines that waits for each stage \
([plain.py](plain.py)).
A server has one core, the load and the provider have another; the embedded engines have both.
Where a server was not busy all the time at full speed, the other core was the limit.
A figure is the median of {repeats} repeats, ours and theirs in turn, after one that does not count; \
the least and the most stand in brackets.
A ratio is taken pair by pair, so what slows down both for a while does not count.
Absolute figures move from machine to machine; the ratios are what counts.
"""


def document(loads: Sequence[Load], rows: Iterable[Row], *, conditions: Sequence[str], repeats: int) -> str:
    """Return the page that says how fast the server is, and what each line means."""
    introduction = INTRODUCTION.format(conditions="\n".join(conditions), repeats=repeats)
    rows = list(rows)
    meanings = [f"- **{load.lines[0].title}**: {load.meaning}" for load in loads]
    reasons = [f"- **{row.line.title}**: {row.line.if_missed}" for row in rows if _is_to_be_explained(row)]
    if reasons:
        reasons = ["Where a goal is missed, this takes the time:", "", *reasons, ""]
    return "\n".join([introduction, table(rows), "", *reasons, "What is measured:", "", *meanings, ""])


def _is_to_be_explained(row: Row) -> bool:
    return row.is_reached is False and bool(row.line.if_missed)


def table(rows: Iterable[Row]) -> str:
    """Return a Markdown table whose columns stand below each other."""
    cells = [HEAD, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    head, *lines = [_line(row, widths) for row in cells]
    return "\n".join([head, _line(["-" * width for width in widths], widths), *lines])


def brief(row: Row) -> str:
    """Return one row as it is told while others are still measured."""
    theirs = f", theirs {_number(row.theirs.median)}" if row.theirs else ""
    return f"{row.line.title}: {_number(row.ours.median)} {row.line.unit}{theirs}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"


def _cells(row: Row) -> tuple[str, ...]:
    unit = row.line.unit
    return (
        row.line.title,
        _spread(row.ours, unit),
        _spread(row.theirs, unit),
        _spread(row.ratio, ""),
        _goal(row.line.goal, unit),
        {True: "yes", False: "no", None: ""}[row.is_reached],
    )


def _spread(spread: Spread | None, unit: str) -> str:
    if spread is None:
        return ""
    middle = f"{_number(spread.median)} {unit}".strip()
    return f"{middle} ({_number(spread.least)} to {_number(spread.most)})"


def _number(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _goal(goal: Goal | None, unit: str) -> str:
    if goal is None:
        return ""
    word = "at least" if goal.more_is_better else "at most"
    more = " more" if goal.is_difference else ""
    return f"{word} {goal.value:g} {unit if goal.is_absolute or goal.is_difference else ''}".strip() + more
