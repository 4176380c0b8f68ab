"""What a proof is: how it is run, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from voicechat.progress import Progress


class NotRun(Exception):
    """This machine can't run the proof; the text says what it lacks. It says nothing for the server."""


@dataclass(frozen=True, slots=True)
class Verdict:
    done: str
    """What was done, with its numbers."""
    found: str
    """What was seen, with its numbers."""
    faults: tuple[str, ...] = ()
    """What is not as it should be, each in one line; none: it is sound."""


@dataclass(frozen=True, slots=True)
class Proof:
    name: str
    about: str
    """What is done, for the progress bar."""
    amount: str
    """What there is more or less of: the name of the option that says how much."""
    default: int
    prove: Callable[[int, Progress], Coroutine[Any, Any, Verdict]]
    """
    Given how much, and where to tell how far it is.

    It raises `NotRun` where this machine can't.
    """


def table(rows: Iterable[tuple[str, str, Verdict | NotRun]]) -> str:
    """Return one row for each of name, seconds that it took, and what came of it."""
    lines: list[str] = []
    for name, took, result in rows:
        if isinstance(result, NotRun):
            lines += [f"{name:8} not run    {result}"]
            continue
        mark = "NOT SOUND" if result.faults else "sound"
        lines += [f"{name:8} {mark:10} {result.done}; {took}", f"{'':19} {result.found}"]
        lines += [f"{'':19} - {fault}" for fault in result.faults[:10]]
        if len(result.faults) > 10:
            lines += [f"{'':19} - and {len(result.faults) - 10:,} more"]
    return "\n".join(lines)
