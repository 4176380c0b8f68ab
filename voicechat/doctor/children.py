"""
Checks that load models run in a process of their own.

It can be ended at any moment, which a thread can't; what it takes of memory is its own; and a
library that crashes on this machine's processor becomes a finding.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import signal
import sys
import tempfile
from dataclasses import dataclass
from typing import IO, Literal

from ..config import Config
from ..engines import Job
from .finding import Check, Finding, Topic

DONE = b"null\n"
"""A child's last line."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a child is to look at. It goes through a pipe: no other process can read the keys in it."""

    topic: Literal["models", "pages"]
    config: Config
    jobs: frozenset[Job] = frozenset()
    """Whose embedded engines are looked at."""
    instead: frozenset[Job] = frozenset()
    """Those of `jobs` that a provider is set for, which lacks them."""


async def findings_of(work: Work) -> Check:
    with tempfile.TemporaryFile() as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"{__package__}.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
        assert process.stdin and process.stdout
        try:
            # Left open: its end tells the child that nobody waits for it any more.
            process.stdin.write(pickle.dumps(work))
            async for line in process.stdout:
                if line == DONE:
                    return  # what it would tidy up nobody needs
                yield Finding(**json.loads(line))
            yield _fallen(work.topic, await process.wait(), errors)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def _fallen(topic: Topic, code: int, errors: IO[bytes]) -> Finding:
    """Say how a child ended that should not have."""
    if code < 0:
        names = {member.value: member.name for member in signal.Signals}
        text = f"A library crashed this check ({names.get(-code, -code)})."
        mend = "SIGILL: this processor lacks what it was built for; SIGKILL: too little memory."
        return Finding(topic, "problem", text, mend)
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    text = f"This check broke off: {lines[-1] if lines else f'exit code {code}'}"
    return Finding(topic, "problem", text, "Install voicechat and its extras again.")
