"""Where the streaming path spends its time: a flame graph, and a table of functions."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .lines import streaming
from .machine import OUT
from .measuring import Measure, Size
from .servers import PROVIDER, VOICECHAT, Server

SAMPLES_A_SECOND = 200
MOST_FUNCTIONS = 40
RUNS = 3
"""Of the load, while samples are taken."""


def profile(measure: Measure = streaming.full_speed) -> str:
    """Write `NAME.svg` and `NAME.txt`, named after *measure*, into bench/out; return the table."""
    drawn, stacks, told = (OUT / f"{measure.__name__}.{end}" for end in ("svg", "stacks", "txt"))
    with PROVIDER.running() as provider, VOICECHAT.running(provider.port) as server:
        _record(measure, server, "flamegraph", drawn)
        _record(measure, server, "raw", stacks)
    text = functions(stacks.read_text("utf-8").splitlines())
    told.write_text(text, "utf-8")
    return f"{text}\n\nAs a picture: {drawn}"


def functions(stacks: Sequence[str]) -> str:
    """Return in which functions the samples of *stacks* (`outer;inner count`) were, most first."""
    own: Counter[str] = Counter()
    with_called: Counter[str] = Counter()
    for line in stacks:
        stack, _, number = line.rpartition(" ")
        frames = [frame.partition(":")[0].rstrip(")") + ")" for frame in stack.split(";")]
        own[frames[-1]] += int(number)
        with_called.update(dict.fromkeys(frames, int(number)))
    total = own.total()
    rows = [
        f"{number / total:6.1%} {with_called[name] / total:6.1%}  {name}"
        for name, number in own.most_common(MOST_FUNCTIONS)
    ]
    return "\n".join(["   own    all  function (all: with what it calls)", *rows])


def _record(measure: Measure, server: Server, form: str, file: Path) -> None:
    """Look *server* on while it works; py-spy does that from outside, and costs it little."""
    spy = Path(sys.executable).with_name("py-spy")
    command = [str(spy), "record", "--pid", str(server.pid), "--rate", str(SAMPLES_A_SECOND)]
    with (OUT / "py-spy.log").open("ab") as log:
        recorder = subprocess.Popen(
            [*command, "--format", form, "--output", str(file)], stdout=log, stderr=log
        )
        for _ in range(RUNS):
            asyncio.run(measure(server, Size(is_quick=False)))
        recorder.send_signal(signal.SIGINT)
        recorder.wait(30)
