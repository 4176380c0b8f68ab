"""By which hash a file is known: each place has its own."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["sha256", "md5", "git"]

_DIGITS: dict[Kind, int] = {"sha256": 64, "md5": 32, "git": 40}


@dataclass(frozen=True, slots=True)
class Digest:
    """*value* in hexadecimal. `git` is the hash by which git knows a file's content."""

    kind: Kind
    value: str

    def __post_init__(self) -> None:
        # It becomes part of a file's name.
        if not re.fullmatch(rf"[0-9a-f]{{{_DIGITS[self.kind]}}}", str(self.value)):
            raise ValueError(f"{self.value!r} is no {self.kind}")

    def fits(self, path: Path) -> bool:
        """
        Whether that is the digest of *path*, which is read to its end. Blocks: 0.15 s for 100 MB.

        Raises:
            OSError: If it can't be read.
        """
        return digest_of(path, self.kind).value == self.value


def digest_of(path: Path, kind: Kind) -> Digest:
    """
    Raises:
        OSError: If *path* can't be read.
    """

    def new() -> Any:
        if kind != "git":
            return hashlib.new(kind, usedforsecurity=kind != "md5")
        # What git puts before the content (its book, chapter 10.2); the place chose the hash, not we.
        return hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)

    with path.open("rb") as file:
        return Digest(kind, hashlib.file_digest(file, new).hexdigest())
