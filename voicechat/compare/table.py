"""The numbers as text: columns for a terminal, and the file for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from ..dialogue import Json
from .asks import BYTES, KINDS, MODES, STAGES, Pair, Report, Run, Summary
from .spread import Spread, ratio
from .units import MISSING, cell, span, times

HEAD = ("", "v1", "spread", "v2", "spread", "v1 : v2")


def rows(pair: Pair) -> Iterator[tuple[str, ...]]:
    """Yield a row for each stage that took place, then those of bytes: as `HEAD` names the columns."""
    for names, is_bytes in ((STAGES, False), (BYTES, True)):
        for name, words in names.items():
            one, two = (_of(summary, name) for summary in pair.modes)
            if one is None and two is None:
                continue
            values = [show(spread, is_bytes=is_bytes) for spread in (one, two) for show in (cell, span)]
            yield (
                words,
                *values,
                _compared(pair, name, one, two, is_bytes=is_bytes),
            )


def _compared(pair: Pair, name: str, one: Spread | None, two: Spread | None, *, is_bytes: bool) -> str:
    if one is None or two is None:
        return MISSING
    return times(ratio(one, two)) if is_bytes or pair.differs(name) else pair.verdict(name)


def _of(summary: Summary, name: str) -> Spread | None:
    return summary.times[name] if name in STAGES else summary.sizes[name]


def as_text(report: Report) -> str:
    """Return the tables of *report*, for a terminal."""
    blocks = [_block(run, pair) for run in report.runs for pair in run.pairs()]
    legend = "Medians and the middle half, in seconds after the visitor asked, and in bytes."
    return "\n\n".join([*blocks, legend])


def _block(run: Run, pair: Pair) -> str:
    lines = [f"{run.title}, {pair.kind}: {pair.v1.count} answers in v1, {pair.v2.count} in v2"]
    lines += [
        f"  {summary.mode}: {len(summary.failures)} failed, such as: {summary.failures[0]}"
        for summary in pair.modes
        if summary.failures
    ]
    return "\n".join([*lines, *_columns([HEAD, *rows(pair)])])


def _columns(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for first, *rest in cells:
        line = [first.ljust(widths[0])]
        line += [text.rjust(width) for text, width in zip(rest, widths[1:], strict=True)]
        yield "  ".join(["", *line])


def as_json(report: Report) -> Json:
    """Return all that was measured, every single ask among it."""
    content: dict[str, Any] = {
        "started": report.started,
        "conditions": dict(report.conditions),
        "questions": {kind: list(report.questions.get(kind, ())) for kind in KINDS},
        "times": report.times,
        "notes": list(report.notes),
        "units": "seconds after the visitor asked, bytes; low and high hold the middle half",
        "runs": [],
    }
    for run in report.runs:
        kinds = {
            pair.kind: {mode: asdict(summary) for mode, summary in zip(MODES, pair.modes, strict=True)}
            for pair in run.pairs()
        }
        asks = [asdict(ask) for ask in run.asks]
        content["runs"].append({"title": run.title, "engines": run.engines, "kinds": kinds, "asks": asks})
    return content
