"""Chats in this process's memory: gone with it, and bounded."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..audio import Recording
from ..dialogue import Fault, Key, Message, Rating, Source, Status
from .interface import MOST_TRIES, MOST_UNHEARD_BYTES, RESTING_SECONDS, StoredQuestion, gone, no_room


@dataclass(slots=True)
class _Chat:
    secret_hash: bytes | None
    used_at: float
    is_entered: bool = False
    """Whether somebody was ever in it; else it was only made."""
    messages: list[Message] = field(default_factory=list)
    """The message n stands at n - 1."""
    keys: dict[Key, int] = field(default_factory=dict)
    last_turns: dict[str, int] = field(default_factory=dict)
    spoken: set[int] = field(default_factory=set)
    recordings: dict[int, Recording] = field(default_factory=dict)
    tries: dict[int, int] = field(default_factory=dict)
    """How often each recording was taken up."""


class MemoryStore:
    """
    The store of a server that keeps nothing.

    *clock* gives seconds that only rise, *now* those since 1970; at most *max_chats* chats are kept.
    """

    def __init__(
        self, clock: Callable[[], float], max_chats: int, now: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self._now = now
        self._max_chats = max_chats
        self._chats: dict[str, _Chat] = {}
        self._unheard: dict[tuple[str, int], None] = {}
        """Recordings that could not be heard, the oldest first."""

    async def create(self, chat: str, secret_hash: bytes | None) -> None:
        if chat in self._chats:
            return
        if len(self._chats) >= self._max_chats:
            self._make_room()
        self._chats[chat] = _Chat(secret_hash, self._clock())

    def _make_room(self) -> None:
        """
        Forget the chat that is missed least: fewest messages first, then longest not used.

        Else anyone could fill the store, with empty chats or with one question each, and keep
        visitors out. A chat that was only made goes at once, any other only when nobody is in it.

        Raises:
            Unavailable: If somebody may be in every one.
        """
        resting_since = self._clock() - RESTING_SECONDS
        free = [
            id_ for id_, chat in self._chats.items() if not chat.is_entered or chat.used_at <= resting_since
        ]
        if not free:
            raise no_room()
        del self._chats[min(free, key=self._rank)]

    def _rank(self, id_: str) -> tuple[int, float]:
        chat = self._chats[id_]
        return len(chat.messages), chat.used_at

    async def secret_hash(self, chat: str) -> bytes | None:
        return self._of(chat).secret_hash

    async def add_question(self, chat: str, key: Key, text: str, recording: Recording | None = None) -> int:
        found = self._of(chat)
        n = len(found.messages) + 1
        at = self._now()
        asked = Message(n, "user", text, "complete" if text else "queued", at=at)
        found.messages += [asked, Message(n + 1, "assistant", "", "queued", at=at)]
        found.keys[key] = n
        if not text:
            found.spoken.add(n)
        if recording is not None:
            found.recordings[n] = recording
        found.last_turns[key.tab] = max(key.turn, found.last_turns.get(key.tab, 0))
        found.used_at, found.is_entered = self._clock(), True
        return n

    async def has_recording(self, chat: str, n: int) -> bool:
        return n in self._of(chat).recordings

    async def recording(self, chat: str, n: int) -> Recording | None:
        found = self._of(chat)
        found.tries[n] = found.tries.get(n, 0) + 1
        return found.recordings.get(n) if found.tries[n] <= MOST_TRIES else None

    async def find_question(self, chat: str, key: Key) -> StoredQuestion | None:
        found = self._of(chat)
        n = found.keys.get(key)
        if n is None:
            return None
        return StoredQuestion(n, found.messages[n - 1].text, is_spoken=n in found.spoken)

    async def unanswered(self, chat: str) -> list[tuple[Key, StoredQuestion]]:
        found = self._of(chat)
        last = {n: key for key, n in found.keys.items() if found.messages[n].status == "queued"}
        return [
            (key, StoredQuestion(n, found.messages[n - 1].text, is_spoken=n in found.spoken))
            for n, key in sorted(last.items())
        ]

    async def retry(self, chat: str, key: Key, n: int) -> None:
        found = self._of(chat)
        found.keys[key] = n
        found.last_turns[key.tab] = max(key.turn, found.last_turns.get(key.tab, 0))
        if not found.messages[n - 1].text:
            self._update(chat, n, status="queued")
        self._update(chat, n + 1, text="", status="queued", heard=None, sources=(), fault=None, rating=None)

    async def update_question(
        self, chat: str, n: int, text: str, status: Status, *, keep_recording: bool = False
    ) -> None:
        self._update(chat, n, text=text, status=status)
        if not keep_recording:
            self._of(chat).recordings.pop(n, None)
        elif n in self._of(chat).recordings:
            self._unheard[chat, n] = None
            self._bound_unheard()

    def _bound_unheard(self) -> None:
        kept_bytes = 0
        for chat, n in reversed(list(self._unheard)):
            found = self._chats.get(chat)
            recording = found and found.recordings.get(n)
            kept_bytes += len(recording.data) if recording else 0
            if not recording or kept_bytes > MOST_UNHEARD_BYTES:
                del self._unheard[chat, n]
                if found:
                    found.recordings.pop(n, None)

    async def update_answer(
        self,
        chat: str,
        n: int,
        text: str,
        status: Status,
        heard: int | None,
        sources: Sequence[Source],
        fault: Fault | None = None,
    ) -> None:
        self._update(chat, n, text=text, status=status, heard=heard, sources=tuple(sources), fault=fault)

    async def rate(self, chat: str, n: int, rating: Rating | None) -> bool:
        found = self._of(chat).messages
        if not 1 <= n <= len(found) or found[n - 1].role != "assistant":
            return False
        found[n - 1] = replace(found[n - 1], rating=rating)
        return True

    async def messages(
        self, chat: str, *, after: int = 0, before: int | None = None, limit: int = 50
    ) -> tuple[list[Message], bool]:
        found = self._of(chat).messages
        wanted = found[max(after, 0) : None if before is None else max(before - 1, 0)]
        return wanted[-limit:], len(wanted) > limit

    async def last_turn(self, chat: str, tab: str) -> int:
        return self._of(chat).last_turns.get(tab, 0)

    async def erase(self, chat: str) -> None:
        self._of(chat)
        del self._chats[chat]

    async def touch(self, chat: str) -> None:
        found = self._of(chat)
        found.used_at, found.is_entered = self._clock(), True

    async def forget_idle(self, seconds: float) -> int:
        oldest = self._clock() - seconds
        idle = [id_ for id_, chat in self._chats.items() if chat.used_at <= oldest]
        for id_ in idle:
            del self._chats[id_]
        return len(idle)

    async def close(self) -> None:
        self._chats.clear()

    def _of(self, chat: str) -> _Chat:
        try:
            return self._chats[chat]
        except KeyError:
            raise gone() from None

    def _update(self, chat: str, n: int, **changes: Any) -> None:
        found = self._of(chat)
        found.messages[n - 1] = replace(found.messages[n - 1], at=self._now(), **changes)
        found.used_at = self._clock()
