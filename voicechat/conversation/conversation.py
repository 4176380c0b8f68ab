"""One live chat: its queue of questions, its running turns, and who listens."""

from __future__ import annotations

import time
from collections.abc import Container
from functools import partial

from ..dialogue import CancelReason, Key, Message, Played, ServerEvent
from ..turn import Rooms, answer
from .asking import Asking
from .audience import Listener
from .live_turn import LiveTurn
from .open_recordings import OpenRecordings
from .presence import Presence
from .queue import Queue
from .stored import Stored
from .turns import Turns


class Conversation:
    """
    A chat while somebody is there or an answer runs.

    Questions of all tabs wait in one bounded order; the next one begins when the text of the one
    before is complete. A turn belongs here and never to a connection.
    """

    def __init__(self, chat: str, rooms: Rooms, *, is_shared: bool) -> None:
        self.chat = chat
        self.is_shared = is_shared
        """
        Whether all who are here may see each other's turns and the history: the chat has a secret.

        Where a client chose the id itself, others may have chosen the same.
        """
        self._presence = Presence(is_shared=is_shared)
        self._rooms = rooms
        self._stored = Stored(chat, rooms.store)
        self._limits = rooms.config.limits
        self._turns = Turns()
        self._queue = Queue(partial(_answer, chat, rooms), self._turns, self._limits.orphan_seconds)
        self.recordings = OpenRecordings(self._limits.resume_seconds)
        self.asking = Asking(chat, rooms, self._presence, self._turns, self._queue, self.recordings)

    # ── Who listens ───────────────────────────────────────────────────────────────────────────

    def enter(self, listener: Listener) -> None:
        """Let *listener* be here: the conversation stays until it leaves. It is told nothing yet."""
        self._presence.enter(listener)

    def join(self, listener: Listener) -> None:
        """Tell *listener*, who is here, of every turn that others ask from now on."""
        self._presence.join(listener)

    def leave(self, listener: Listener) -> None:
        """Tell *listener* nothing more. A turn that nobody follows then goes on for a bounded time."""
        self._presence.leave(listener)
        left = [turn for turn in self._turns.all() if turn.remove_listener(listener)]
        for turn in left:
            if turn.end is None and turn.audience.is_empty:
                self._queue.left(turn)

    def awaited(self) -> list[LiveTurn]:
        """Return the turns of which more is to come than sound for a tab that is away."""
        return self._turns.awaited()

    @property
    def is_idle(self) -> bool:
        """Whether nobody is here, nothing runs or is to be stored, and nobody can come back to its sound."""
        if self._turns.live() or self.asking.is_busy or not self._turns.are_settled:
            return False
        if not (self._presence.is_empty and self.recordings.is_empty):
            return False
        return not self.kept_bytes or time.monotonic() - self.left_at >= self._limits.resume_seconds

    async def settle(self) -> None:
        """Tell the store again what it could not take before, as on a full disk."""
        for turn in self._turns.all():
            await turn.record.settle()

    @property
    def kept_bytes(self) -> int:
        """How much sound is kept for who may come back; 0 while somebody is here."""
        return self._turns.kept_bytes if self._presence.is_empty else 0

    @property
    def left_at(self) -> float:
        """When somebody last left, by the monotonic clock."""
        return self._presence.left_at

    def forget_sound(self) -> None:
        """Let go of the sound of all that is written."""
        self._turns.forget_sound()

    def resumable(self, tab: str, keys: Container[Key], have: int) -> list[LiveTurn]:
        """Return the ended answers to *tab* that go on as if they ran, as `Turns.resumable` has it."""
        return self._turns.resumable(tab, keys, have)

    def visible_to(self, tab: str) -> list[LiveTurn]:
        """Return the turns that a connection of *tab* may follow: the live and the last ended ones."""
        turns = [turn for turn in self._turns.all() if not turn.is_repeat]
        return [turn for turn in turns if self.is_shared or turn.key.tab == tab]

    async def interrupted(self, key: Key) -> Message | None:
        """Return what is stored of the answer to *key* where it broke off; None: it did not."""
        return await self._stored.interrupted(key)

    def mute(self, tab: str, is_muted: bool) -> None:
        """Leave what *tab* asked and asks unsaid, or say it again."""
        self._turns.mute(tab, is_muted)

    def set_speed(self, tab: str, speed: float) -> None:
        """Speak what is left of what *tab* asked so far at *speed*, times the configured one."""
        self._turns.set_speed(tab, speed)

    def unmute(self, key: Key) -> None:
        """Turn the sound of one running turn on."""
        self._turns.unmute(key)

    @property
    def is_held(self) -> bool:
        """Whether what is asked from now on waits for the next process of this server."""
        return self._queue.is_held

    def hold(self) -> None:
        """Begin nothing that is asked from now on."""
        self._queue.is_held = True

    # ── Cancelling ────────────────────────────────────────────────────────────────────────────

    async def cancel(self, key: Key, heard_ms: int, reason: CancelReason) -> None:
        """
        Stop a turn and keep what the visitor knows of it (protocol, rule 4).

        Nothing happens where there is no such turn or it was played to its end.
        """
        turn = self._turns.find(key)
        if turn is None or turn.sound.is_played_out:
            return
        turn.reach(heard_ms)
        await self._queue.end(turn, turn.cut(turn.bytes_known(reason)))

    def played(self, key: Key, played: Played) -> None:
        turn = self._turns.find(key)
        if turn is not None:
            turn.played(played)

    async def abandon(self, turn: LiveTurn) -> None:
        """Stop a turn that nobody waits for; what it said so far is kept."""
        await self._queue.abandon(turn)

    async def abandon_tab(self, tab: str) -> None:
        """Stop all that *tab* asked: it has said that it does not come back."""
        for turn in self._turns.live():
            if turn.key.tab == tab:
                await self.abandon(turn)

    async def close(self) -> None:
        """Stop everything; a question of whose answer nothing was said yet waits in the store."""
        self.recordings.close()
        await self._queue.close()

    async def erase(self) -> None:
        """The chat was erased: stop everything, keep nothing of it, and tell who is here."""
        self.recordings.close()
        await self._queue.erase()
        for listener in self._presence.joined():
            listener.hear(Key(listener.tab, 0), ServerEvent({"type": "erased"}))


async def _answer(chat: str, rooms: Rooms, turn: LiveTurn) -> None:
    await answer(chat, turn.n, turn.question, rooms, turn)
