"""A Piper voice that tells how long each phoneme is: its model with one output more, made once and kept."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import get_ident

log = logging.getLogger("voicechat.engines")

PATCH_SECONDS = 120.0
"""It takes two; past this something is wrong with the machine."""


def timed(model: Path, folder: Path) -> Path:
    """
    Return *model* with the lengths of its phonemes as an output, made in *folder* where it is not there.

    *model* itself where that can't be done, as without the package `onnx`: then the times of words are
    estimated. Blocks for two seconds, the first time.
    """
    found = folder / f"{model.stem}-timed-{_print(model)}.onnx"
    if found.exists():
        return found
    unfinished = found.with_suffix(f".{os.getpid()}-{get_ident()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # In a process of its own: onnx holds the weights three times over.
        command = [sys.executable, "-m", "piper.patch_voice_with_alignment"]
        subprocess.run(
            [*command, str(model), "--output", str(unfinished)],
            check=True,
            capture_output=True,
            timeout=PATCH_SECONDS,
        )
        unfinished.rename(found)
        return found
    except (OSError, subprocess.SubprocessError) as exc:
        log.info("The times of this voice's words will be estimated: %s", _why(exc))
        return model
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _print(model: Path) -> str:
    """Return what the content has for itself: a voice in several places, or installed anew, is made once."""
    with model.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _why(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        lines = error.stderr.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {error.returncode}"
    return str(error)
