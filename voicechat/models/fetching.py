"""One file from a place into a folder: in one go, or going on where the last try broke off."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from io import FileIO
from pathlib import Path

import aiohttp
from yarl import URL

from .catalogue import WantedFile
from .kept import PART
from .place import Cut, Place, PullError

CHUNK_BYTES = 1 << 18
ENOUGH_BYTES = 1 << 20
"""A try that brought as much was no failure; a file that is smaller has all its tries in a row."""


class Part:
    """
    What there is of a file that has not come whole, and the ETag under which it came.

    Its name holds the digest that it should have at the end: what is there belongs to that content.
    """

    def __init__(self, folder: Path, wanted: WantedFile) -> None:
        self._wanted = wanted
        self._target = folder / wanted.name
        self._path = folder / f"{wanted.name}.{wanted.digest.value[:12]}{PART}"
        self._etag = self._path.with_name(f".{self._path.name}.etag")

    @property
    def size(self) -> int:
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def etag(self) -> str:
        try:
            return self._etag.read_text("ascii")
        except (OSError, ValueError):
            return ""

    def open(self, *, anew: bool, etag: str) -> FileIO:
        """Return it for writing at its end, emptied if *anew*, with nothing held back in this process."""
        # A weak tag, or none, does not tell whether bytes are the same (RFC 9110, section 8.8.1).
        is_strong = re.fullmatch(r'"[!#-~]*"', etag) is not None
        if anew:
            self.remove()
        if is_strong:
            self._etag.write_text(etag, "ascii")
        return FileIO(self._path, "ab")

    def is_right(self) -> bool:
        """Blocks: see `Digest.fits`."""
        return self.size == self._wanted.size and self._wanted.digest.fits(self._path)

    def finish(self) -> None:
        """Make it the file that it should be, on the disk before it has its name."""
        with self._path.open("rb+") as file:
            os.fsync(file.fileno())
        self._path.replace(self._target)
        self._etag.unlink(missing_ok=True)

    def remove(self) -> None:
        self._etag.unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)


async def fetch(
    place: Place,
    url: URL,
    wanted: WantedFile,
    folder: Path,
    reach: Callable[[int], None],
    note: Callable[[str], None],
) -> None:
    """
    Bring *wanted* from *url* into *folder*.

    *reach* is told how many of its bytes are here; *note*, in a sentence, why that takes longer.

    Raises:
        PullError: If it can't be had, or what came is something else; what can be gone on with stays.
        OSError: If it can't be written.
    """
    part = Part(folder, wanted)
    failed = 0
    has_gone_on = part.size > 0
    while True:
        before = part.size
        if before < wanted.size or before == 0:
            try:
                await _go_on(place, url, part, wanted, reach)
            except Cut as exc:
                failed = 0 if part.size - before >= ENOUGH_BYTES else failed + 1
                has_gone_on = True
                await place.wait(failed, exc, note)
                continue
        if await asyncio.to_thread(part.is_right):
            part.finish()
            return
        part.remove()
        if not has_gone_on:
            raise PullError(f"{place.name} sends a {wanted.name} that has another hash than its index says.")
        has_gone_on = False
        note(f"{wanted.name} was put together from parts that do not fit; it is fetched anew.")


async def _go_on(
    place: Place, url: URL, part: Part, wanted: WantedFile, reach: Callable[[int], None]
) -> None:
    """
    Raises:
        Cut: If there is more to come.
        PullError: If more comes than there should be, or it is refused.
    """
    have = part.size
    headers = {"Range": f"bytes={have}-"} if have else {}
    if have and part.etag:
        headers["If-Range"] = part.etag
    async with place.get(url, headers) as response:
        # Without a range, or with one of something else, it all comes again.
        is_rest = response.status == 206 and _begins_at(response, have, wanted.size)
        if response.status == 416 or (response.status == 206 and not is_rest):
            part.remove()
            raise Cut(f"{place.name} can't go on where it broke off")
        reach(have if is_rest else 0)
        with part.open(anew=not is_rest, etag=response.headers.get("ETag", "")) as file:
            done = have if is_rest else 0
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                done += len(chunk)
                if done > wanted.size:
                    break
                _write(file, chunk)
                reach(done)
    if done > wanted.size:
        part.remove()
        raise PullError(
            f"{place.name} sends more of {wanted.name} than the {wanted.size:,} bytes of its index."
        )
    if done < wanted.size:
        raise Cut(f"{place.name} sent no more than {done:,} of {wanted.size:,} bytes")


def _begins_at(response: aiohttp.ClientResponse, start: int, size: int) -> bool:
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    is_packed = response.headers.get("Content-Encoding", "identity") != "identity"
    return bool(found and int(found[1]) == start and found[2] in ("*", str(size)) and not is_packed)


def _write(file: FileIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:  # a raw file may take less than it is given
        rest = rest[file.write(rest) :]
