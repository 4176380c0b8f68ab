# ruff: noqa: T201  a command line prints
"""`python -m bench`: measure every line, print the table, and write RESULTS.md after a full run."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from . import machine
from .lines import LOADS
from .measuring import Load, Row, Size, measured
from .profiling import profile
from .report import brief, document, table
from .servers import PROVIDER, VOICECHAT, earlier

RESULTS = Path(__file__).parent / "RESULTS.md"
REPEATS, QUICK_REPEATS = 5, 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats of fewer lines; writes no page")
    parser.add_argument("--only", metavar="WORDS", help="the lines whose titles hold these words")
    parser.add_argument(
        "--against", metavar="CHECKOUT", type=Path, help="another checkout as the opponent; writes no page"
    )
    parser.add_argument("--repeats", type=int, help=f"{REPEATS} by default, {QUICK_REPEATS} for --quick")
    parser.add_argument("--profile", action="store_true", help="where the streaming path spends its time")
    options = parser.parse_args()
    machine.prepare()
    if options.profile:
        print(profile())
        return 0
    loads = [load for load in LOADS if _is_wanted(load, options.only, options.quick)]
    if options.against:
        loads = [load.against(earlier(options.against)) for load in loads if VOICECHAT in load.sides]
    repeats = options.repeats or (QUICK_REPEATS if options.quick else REPEATS)
    conditions = machine.conditions()
    rows = _measure(loads, Size(options.quick), repeats)
    print(table(rows))
    if not (options.quick or options.only or options.against):
        RESULTS.write_text(document(loads, rows, conditions=conditions, repeats=repeats), "utf-8")
    return 0


def _is_wanted(load: Load, words: str | None, is_quick: bool) -> bool:
    if words is not None:
        return any(words in line.title for line in load.lines)
    return load.in_quick or not is_quick


def _measure(loads: list[Load], size: Size, repeats: int) -> list[Row]:
    rows: list[Row] = []
    with PROVIDER.running() as provider:
        for load in loads:
            began = time.monotonic()
            found = measured(load, provider, size, repeats)
            print(f"{time.monotonic() - began:4.0f} s", *map(brief, found), sep="\n  ", file=sys.stderr)
            rows += found
    return rows


if __name__ == "__main__":
    sys.exit(main())
