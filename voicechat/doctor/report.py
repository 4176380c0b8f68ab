"""The findings as a text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .. import __version__
from .finding import Finding, Mark

MARKS: dict[Mark, tuple[str, str]] = {
    "ok": ("ok", "32"),
    "unknown": ("unknown", "36"),
    "warning": ("warning", "33"),
    "problem": ("PROBLEM", "1;31"),
}
"""The word before a finding, and its colour as ECMA-48 numbers them (SGR)."""


def as_text(finding: Finding, *, before: Finding | None, colour: bool) -> str:
    """Return *finding* in a line or two, under the heading of its topic where that begins."""
    word, number = MARKS[finding.mark]
    mark = f"\033[{number}m{word:8}\033[0m" if colour else f"{word:8}"
    lines = [f"  {mark} {finding.text}"]
    if finding.mend:
        lines.append(f"  {'':8} → {finding.mend}")
    if before is None or before.topic != finding.topic:
        lines.insert(0, finding.topic if before is None else f"\n{finding.topic}")
    return "\n".join(lines)


def summary(findings: Sequence[Finding]) -> str:
    counts = [
        _count(sum(finding.mark == mark for finding in findings), word)
        for mark, word in (("problem", "problem"), ("warning", "warning"))
    ]
    return f"{' and '.join(filter(None, counts)) or 'Nothing is wrong'}."


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 else ''}" if number else ""


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return what `--json` prints; `ok` is what the exit code says too."""
    return {
        "version": __version__,
        "ok": all(finding.mark != "problem" for finding in findings),
        "findings": [asdict(finding) for finding in findings],
    }
