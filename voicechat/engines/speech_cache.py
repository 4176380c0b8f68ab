"""A voice with a memory: what it said before is not made, or paid for, again."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import astuple
from pathlib import Path

import orjson

from .interface import EngineInfo, Manner, Speech, TextToSpeech, TimedWord
from .voices import Voices

log = logging.getLogger("voicechat.engines")

WORD_BYTES = 200
"""What the times of a word take in memory, as Python's objects."""


class CachedVoice:
    """
    *voice*, whose texts of the last time are kept: *most_bytes* of them in memory, and as many in *folder*.

    *configured* is what the sound depends on besides the engine's name, its model, the text, the speed and
    the language, which counts by the one of *voices* that it chooses. *folder* None: nothing outlives the
    process.
    """

    def __init__(
        self,
        voice: TextToSpeech,
        voices: Voices,
        configured: str,
        most_bytes: int,
        folder: Path | None = None,
    ) -> None:
        self._voice = voice
        self._voices = voices
        self._configured = configured
        self._most_bytes = most_bytes
        self._folder = None if folder is None else _Folder(folder, most_bytes)
        self._kept: OrderedDict[str, tuple[Speech, ...]] = OrderedDict()
        """The one that was used last stands last."""
        self._bytes = 0
        self._uses: dict[str, int] = {}
        """When memory answered in place of the folder, which is not told yet; in ns since 1970."""

    @property
    def info(self) -> EngineInfo:
        return self._voice.info

    async def load(self) -> None:
        await self._voice.load()

    async def close(self) -> None:
        await self._voice.close()
        self._kept.clear()
        if self._folder is not None and self._uses:
            await asyncio.to_thread(self._folder.mark, self._told_uses())

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[Speech, None]:
        """See `TextToSpeech`."""
        key = self._key(text, manner)
        if (known := await self._find(key)) is not None:
            for part in known:
                yield part
            return
        parts: list[Speech] = []
        async with aclosing(self._voice.speak(text, manner)) as speech:
            async for part in speech:
                parts.append(part)
                yield part
        # Only what was said to its end is all of it; and another engine may have taken over meanwhile.
        if key == self._key(text, manner):
            await self._keep(key, tuple(parts))

    def _key(self, text: str, manner: Manner) -> str:
        info = self._voice.info
        engine = (info.name, info.model, info.place, self._configured)
        said = (*engine, self._voices.of(manner.language), f"{manner.speed:g}", text)
        return hashlib.sha256("\0".join(said).encode()).hexdigest()

    async def _find(self, key: str) -> tuple[Speech, ...] | None:
        if key in self._kept:
            self._kept.move_to_end(key)
            if self._folder is not None:
                self._uses[key] = time.time_ns()
            return self._kept[key]
        if self._folder is None:
            return None
        found = await asyncio.to_thread(self._folder.read, key)
        if found is not None:
            self._remember(key, found)
        return found

    async def _keep(self, key: str, parts: tuple[Speech, ...]) -> None:
        self._remember(key, parts)
        if self._folder is not None:
            await asyncio.to_thread(self._folder.write, key, parts, self._told_uses())

    def _told_uses(self) -> dict[str, int]:
        """Return the uses that the folder is to be told now; those from here on are told the next time."""
        told, self._uses = self._uses, {}
        return told

    def _remember(self, key: str, parts: tuple[Speech, ...]) -> None:
        size = _size_of(parts)
        if key in self._kept or size > self._most_bytes:
            return
        self._kept[key] = parts
        self._bytes += size
        while self._bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= _size_of(oldest)


def _size_of(parts: tuple[Speech, ...]) -> int:
    return sum(len(part) if isinstance(part, bytes) else len(part) * WORD_BYTES for part in parts)


class _Folder:
    """Files of one text each: a line of JSON that says what is in it, and the sound."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def read(self, key: str) -> tuple[Speech, ...] | None:
        """Return what is kept; None where there is nothing, or it can't be read. Blocks."""
        file = self._folder / key
        try:
            head, _, sound = file.read_bytes().partition(b"\n")
            parts = tuple(_parts(orjson.loads(head), sound))
            os.utime(file)
            return parts
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as exc:
            log.warning("Kept speech can't be read, and is made anew: %s", exc)
            return None

    def mark(self, uses: dict[str, int]) -> None:
        """Let files count as read at those times, in ns since 1970. Blocks."""
        for key, time_ns in uses.items():
            with suppress(OSError):  # another server on this folder may have let it go
                os.utime(self._folder / key, ns=(time_ns, time_ns))

    def write(self, key: str, parts: tuple[Speech, ...], uses: dict[str, int]) -> None:
        """Keep *parts*, and let go what was not used for longest where there is too much. Blocks."""
        head = [len(part) if isinstance(part, bytes) else [astuple(word) for word in part] for part in parts]
        sound = b"".join(part for part in parts if isinstance(part, bytes))
        unfinished = self._folder / f"{key}.{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(orjson.dumps(head) + b"\n" + sound)
            unfinished.rename(self._folder / key)
            self.mark(uses)
            self._bound()
        except OSError as exc:
            log.warning("Speech can't be kept: %s", exc)
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)

    def _bound(self) -> None:
        files = sorted(
            ((file, file.stat()) for file in self._folder.iterdir()), key=lambda one: one[1].st_mtime_ns
        )
        size = sum(status.st_size for _, status in files)
        for file, status in files:
            if size <= self._most_bytes:
                return
            file.unlink(missing_ok=True)
            size -= status.st_size


def _parts(head: list[int | list[list[int]]], sound: bytes) -> list[Speech]:
    """
    Raises:
        ValueError: If the sound is not as long as *head* says.
    """
    parts: list[Speech] = []
    at = 0
    for one in head:
        if isinstance(one, list):
            parts.append(tuple(TimedWord(*word) for word in one))
        else:
            parts.append(sound[at : at + one])
            at += one
    if at != len(sound):
        raise ValueError("it was cut off")
    return parts
