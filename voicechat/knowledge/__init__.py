"""
The site's own pages: which passages bear on a question, what they can answer, and the pages themselves.

    folder      the files, and whether they changed
    pages       one Markdown page -> its sections
    vocabulary  which of the site's words a visitor's word may mean
    nearness    how near a question is to each section in meaning (`vectors`: the sentence encoder)
    weighing    what all that comes to: a passage's rank, and whether it answers
    index       a question -> the passages that bear on it
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from ..dialogue import Passage
from ..errors import Unavailable
from .folder import File, Folder
from .index import Index
from .pages import Page, encoded
from .suggesting import Suggestion, follow_ups, suggestions
from .vectors import Vectors

__all__ = ["Knowledge", "Page", "encoded"]

log = logging.getLogger("voicechat.knowledge")

LOOK_SECONDS = 1.0
"""How often at most a question makes the folder be looked at for changes."""

MAX_SEARCHES = 64
"""That wait or run at once: a second or two of work, mostly."""

SEARCH_SECONDS = 5.0
"""
How long a question waits for its passages: more than `MAX_SEARCHES` take, so by then something is wrong,
and a visitor is better served by an answer without them.
"""

MAX_TOPICS = 12


class Knowledge:
    """
    Searches the Markdown pages of a folder, and follows them when they change.

    A change is looked for when a question comes; that question is still answered by the old pages,
    so that nobody waits while the new ones are read. Everything but `load` answers at once from
    what is there: before `load` has returned, that is nothing.
    """

    def __init__(
        self,
        folder: Path,
        max_passages: int,
        site: str = "",
        clock: Callable[[], float] = time.monotonic,
        search_seconds: float = SEARCH_SECONDS,
    ) -> None:
        """*site* is the address that the pages' paths are put behind; empty: they stay paths."""
        self._folder = Folder(folder)
        self._site = site.rstrip("/")
        self._max_passages = max_passages
        self._clock = clock
        self._search_seconds = search_seconds
        self._is_late = False
        """Whether the last search took too long: the log says it once, not for every question."""
        self._vectors: Vectors | None = None
        self._files: tuple[File, ...] = ()
        self._index: Index | None = None
        self._suggestions: tuple[Suggestion, ...] = ()
        self._looked_at = clock()
        self._refreshing: asyncio.Task[None] | None = None
        # One thread: an index has one connection to SQLite, and a search is short.
        self._searcher = ThreadPoolExecutor(1, "knowledge")
        self._searches = 0

    async def load(self) -> None:
        """
        Read the pages.

        Raises:
            ConfigError: If there is no such folder.
        """
        await asyncio.to_thread(self._folder.check)  # before the slow part
        self._vectors = await asyncio.to_thread(Vectors.load)
        await self.refresh()

    async def close(self) -> None:
        if self._refreshing:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])
        index, self._index = self._index, None
        if index:
            self._searcher.submit(index.close)
        self._searcher.shutdown(wait=False)

    async def passages(self, question: str, earlier: Sequence[str]) -> tuple[Passage, ...]:
        """
        Return the passages that bear on *question*, best first; none where nothing is near, or the
        search takes too long.

        *earlier* are the visitor's questions before it, the newest last: "and on Sunday?" goes on
        from them. Where the first passage does not answer, the pages are thought not to.

        Raises:
            Unavailable: If too many searches wait.
        """
        if self._index is None:
            return ()
        if self._searches >= MAX_SEARCHES:
            raise Unavailable("Too many are asking just now. Please try again.", retry_after_seconds=5)
        self._follow()
        self._searches += 1
        try:
            async with asyncio.timeout(self._search_seconds):
                found = await self._search(self._index, question, earlier)
        except TimeoutError:
            self._say_late()
            return ()
        finally:
            self._searches -= 1
        self._is_late = False
        return tuple(replace(p, source=replace(p.source, url=self._address(p.source.url))) for p in found)

    async def _search(self, index: Index, question: str, earlier: Sequence[str]) -> Sequence[Passage]:
        search = asyncio.get_running_loop().run_in_executor
        # One that is given up while it waits is never begun.
        return await search(self._searcher, index.search, question, earlier, self._max_passages)

    def _say_late(self) -> None:
        if not self._is_late:
            log.warning(
                "The pages were not searched within %g seconds: answered without.", self._search_seconds
            )
        self._is_late = True

    def topics(self) -> tuple[str, ...]:
        """Return what the pages are about: their titles, without the home page's where there are others."""
        pages = self.pages()
        inner = [page for page in pages if page.url != "/"] or pages
        return tuple(page.title for page in inner[:MAX_TOPICS])

    def suggestions(self, count: int = 3) -> tuple[str, ...]:
        """Return at most *count* questions that the pages answer, spread over the pages."""
        return tuple(one.text for one in self._suggestions[:count])

    def follow_ups(
        self, passages: Sequence[Passage], asked: Iterable[str], count: int = 3
    ) -> tuple[str, ...]:
        """Return at most *count* questions to go on with, after those *asked* and answered by *passages*."""
        sources = {passage.source.url for passage in passages}
        urls = {one.url for one in self._suggestions if self._address(one.url) in sources}
        said = (*asked, *(passage.heading for passage in passages))
        return follow_ups(self._suggestions, urls, said)[:count]

    def _address(self, url: str) -> str:
        """Return where a visitor finds the page at *url*."""
        return self._site + encoded(url)

    def pages(self) -> tuple[Page, ...]:
        """Return all pages: the home page, those that it links to in its order, the others."""
        return self._index.pages if self._index else ()

    async def refresh(self) -> None:
        """Look at the folder now, and read it again if something changed."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._reread())
        await asyncio.shield(self._refreshing)

    def _follow(self) -> None:
        now = self._clock()
        if now - self._looked_at < LOOK_SECONDS or (self._refreshing and not self._refreshing.done()):
            return
        self._looked_at = now
        self._refreshing = asyncio.create_task(self._reread())
        self._refreshing.add_done_callback(_say_why)

    async def _reread(self) -> None:
        files = await asyncio.to_thread(self._folder.files)
        if files == self._files and self._index:
            return
        index, suggested = await asyncio.to_thread(self._read, files)
        old, self._index, self._files, self._suggestions = self._index, index, files, suggested
        log.info("Knows %d pages.", len(index.pages))
        if old:
            # Behind the searches that still run on it.
            self._searcher.submit(old.close)

    def _read(self, files: tuple[File, ...]) -> tuple[Index, tuple[Suggestion, ...]]:
        index = Index(self._folder.read(files), self._vectors)
        return index, suggestions(index)


def _say_why(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("The pages could not be read again; the old ones go on answering.", exc_info=error)
