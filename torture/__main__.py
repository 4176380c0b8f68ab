# ruff: noqa: T201  a command line prints
"""`python -m torture`: crashes, and what is there afterwards; exit code 1 where something is not."""

from __future__ import annotations

import argparse
import asyncio
import sys

from voicechat.progress import Progress

from .killing import kill_often


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how often the server is killed (200)")
    options = parser.parse_args()
    progress = Progress(sys.stderr, options.kills)
    progress.begin("kill -9 while visitors ask")
    found = asyncio.run(kill_often(options.kills, progress.reach))
    progress.end()
    print(found, *found.lost[:10], sep="\n  ")
    return 0 if found.is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
