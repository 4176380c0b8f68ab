"""The folder of a site's Markdown pages: read within bounds, and looked at for changes."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import ConfigError
from .pages import Page

log = logging.getLogger("voicechat.knowledge")

MAX_PAGES = 2_000
MAX_PAGE_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """A page's file, as far as a look at the folder tells."""

    path: PurePosixPath
    """Below the folder."""
    size: int
    changed_ns: int


class Folder:
    """
    The pages below a folder.

    Files that begin with a dot are left out, and so are links that lead out of the folder: a site
    answers with what its owner put there. Every call reads the disk: not for the event loop.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def check(self) -> None:
        """
        See whether the folder is there.

        Raises:
            ConfigError: If it isn't, or isn't a folder.
        """
        if not self._root.is_dir():
            raise ConfigError(
                f"knowledge.folder (VOICECHAT_KNOWLEDGE_FOLDER): {str(self._root)!r} is not a folder."
            )

    def files(self) -> tuple[File, ...]:
        """
        Return the pages' files, sorted by path; two looks are equal if nothing changed between them.

        Raises:
            ConfigError: If the folder is gone: that is no site without pages.
        """
        self.check()
        root = self._root.resolve()
        return tuple(sorted(self._found(root), key=lambda file: file.path.parts))

    def _found(self, root: Path) -> Iterator[File]:
        # os.walk follows no folder that is a link, and leaves out those that it may not read.
        for folder, names, files in os.walk(root):
            names[:] = sorted(name for name in names if not name.startswith("."))
            for name in files:
                if name.startswith(".") or not name.lower().endswith(".md"):
                    continue
                path = Path(folder, name)
                try:
                    if not path.resolve().is_relative_to(root):
                        continue
                    facts = path.stat()
                except (OSError, RuntimeError):  # a link to nowhere, or in a circle
                    continue
                if stat.S_ISREG(facts.st_mode):
                    yield File(
                        PurePosixPath(path.relative_to(root).as_posix()), facts.st_size, facts.st_mtime_ns
                    )

    def read(self, files: tuple[File, ...]) -> list[Page]:
        """Return the pages of *files*; what can't be read is left out, and the log says why."""
        if len(files) > MAX_PAGES:
            log.warning("Of %d pages the first %d are read.", len(files), MAX_PAGES)
        pages = [self._page(file) for file in files[:MAX_PAGES]]
        return _in_order([page for page in pages if page is not None])

    def _page(self, file: File) -> Page | None:
        # Not every log can be written what is no UTF-8.
        name = str(file.path).encode(errors="backslashreplace").decode()
        try:
            with (self._root / file.path).open("rb") as opened:
                content = opened.read(MAX_PAGE_BYTES + 1)
            if len(content) > MAX_PAGE_BYTES:
                log.warning("The page %s is left out: it is larger than %d bytes.", name, MAX_PAGE_BYTES)
                return None
            str(file.path).encode()  # a name in other bytes than UTF-8's can't be sent as an address
            return Page.parse(file.path, content.decode("utf-8-sig"))
        except (OSError, UnicodeError, RecursionError) as error:
            log.warning("The page %s is left out: %s", name, error)
            return None


def _in_order(pages: list[Page]) -> list[Page]:
    """Put the home page first, then what it links to in its order, then the rest by address."""
    home = next((page for page in pages if page.url == "/"), None)
    links = ["/", *(home.links if home else ())]
    places: dict[str, int] = {}
    for place, link in enumerate(links):
        # From the home page "hours.md" and "./hours" lead to "/hours" too.
        url = PurePosixPath("/", link.partition("#")[0].removesuffix(".md"))
        places.setdefault(str(url), place)
    return sorted(pages, key=lambda page: (places.get(page.url, len(links)), page.url))
