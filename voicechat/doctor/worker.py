"""The process that `children` starts: takes its work from the standard input, writes a finding a line."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sys
import threading
from contextlib import aclosing
from dataclasses import asdict

from .children import DONE, Work
from .models import sound_models
from .pages import read_pages


async def _work(work: Work) -> None:
    # Whatever a library prints goes where errors go.
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        async with aclosing(sound_models(work) if work.topic == "models" else read_pages(work)) as findings:
            async for finding in findings:
                out.write(json.dumps(asdict(finding)) + "\n")
                out.flush()
        out.write(DONE.decode())


def _end_with_parent() -> None:
    """The input stays open as long as the parent lives, and says nothing more."""
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    work = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    asyncio.run(_work(work))
