"""One live chat: its queue of questions, its running turns, and who listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Container, Iterable
from functools import partial

from ..dialogue import CancelReason, Key, Message, Played, ServerEvent
from ..errors import BadRequest, Busy, KeyReused, NotFound, VoiceChatError
from ..store import StoredQuestion
from ..turn import Question, Rooms, Wish, answer, speak
from .audience import Listener
from .following import follow
from .live_turn import LiveTurn
from .open_recordings import OpenRecordings
from .presence import Presence
from .queue import Queue
from .stored import Stored
from .turns import Turns

MAX_REPEATS = 2
"""Stored answers that are spoken again to one tab at once; a page plays one after the other."""


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
        self._repeat_turns: dict[str, int] = {}
        """The highest number that each tab has used to have an answer spoken again."""
        self._queue = Queue(self._answer, self._turns, self._limits.orphan_seconds)
        self._asking = asyncio.Lock()
        self.recordings = OpenRecordings(self._limits.resume_seconds)

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
        if self._turns.live() or self._asking.locked() or not self._turns.are_settled:
            return False
        if not (self._presence.is_empty and self.recordings.is_empty):
            return False
        return not self.kept_bytes or time.monotonic() - self.left_at >= self._limits.resume_seconds

    async def settle(self) -> None:
        """Tell the store again what it could not take before, as on a full disk."""
        for turn in self._turns.all():
            await turn.settle()

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

    async def last_turn(self, tab: str) -> int:
        """Return the highest number that *tab* has used in this chat, 0 for none."""
        stored = await self._rooms.store.last_turn(self.chat, tab)
        return max(stored, self._repeat_turns.get(tab, 0))

    def mute(self, tab: str, is_muted: bool) -> None:
        """Leave what *tab* asked and asks unsaid, or say it again."""
        self._turns.mute(tab, is_muted)

    def unmute(self, key: Key) -> None:
        """Turn the sound of one running turn on."""
        self._turns.unmute(key)

    # ── Asking ────────────────────────────────────────────────────────────────────────────────

    async def ask(
        self,
        key: Key,
        question: Question,
        asker: Listener,
        lead_ms: int | None,
        error: VoiceChatError | None = None,
    ) -> LiveTurn:
        """
        Store *question* and put it in the queue; return its turn, which *asker* and all listeners follow.

        The same key again returns the same turn, of which *asker* is told from the start.
        Not to be cancelled (`asyncio.shield`): half a question stored would be nobody's.
        *lead_ms* None: the asker takes all sound at once. *error* tells why *question* holds neither
        text nor sound: it can be asked again only.

        Raises:
            Busy: If too many questions wait.
            KeyReused: If the key belongs to another question.
            VoiceChatError: *error*, if the key is a new one.
        """
        async with self._asking:
            self.recordings.drop(key.tab, up_to=key.turn)
            known = self._turns.find(key) or await self._from_store(key)
            if known is not None:
                if not known.is_asked_by(question):
                    raise KeyReused("This key was used for another question.")
                self._follow_again(known, asker, lead_ms)
                return known
            if error is not None:
                raise error
            if lead_ms is None:
                # Over HTTP there is no CANCEL: to leave a question and ask the next one is its like.
                for earlier in self._turns.left_behind(key):
                    await self.abandon(earlier)
            self._check_room()
            n = await self._rooms.store.add_question(self.chat, key, question.text or "")
            return self._begin(self._live_turn(key, n, question, lead_ms), asker)

    async def retry(
        self, key: Key, n: int, wish: Wish | None, language: str | None, asker: Listener, lead_ms: int
    ) -> None:
        """
        Answer question *n* anew under *key*: what there is of its answer makes room for the new one.

        The same key again is the same answer. Not to be cancelled, as `ask`.

        Raises:
            NotFound: If there is no such question, or its answer did not break off.
            KeyReused: If the key belongs to something else.
            Busy: If too many questions wait.
        """
        async with self._asking:
            known = self._turns.find(key) or await self._from_store(key)
            if known is not None:
                if known.n != n or known.is_repeat:
                    raise KeyReused("This turn's number was used for something else.")
                self._follow_again(known, asker, lead_ms)
                return
            if not self.is_shared:
                raise NotFound("Only a chat whose id the server gave has answers to ask for again.")
            text = await self._stored.broken_off(n)
            self._check_room()
            await self._rooms.store.retry(self.chat, key, n)
            self._turns.forget(n)
            for listener in self._presence.followers(asker):
                listener.hear(key, ServerEvent({"type": "retry", "n": n}))
            question = Question(text, language=language, speech=wish)
            self._begin(self._live_turn(key, n, question, lead_ms), asker)

    def _follow_again(self, turn: LiveTurn, asker: Listener, lead_ms: int | None) -> None:
        if lead_ms is None:
            turn.sound.lift_lead()
        if asker in self._presence:  # it may have left while it waited
            follow(turn, asker, audio_from_ms=0 if lead_ms is None else None)

    def _check_room(self) -> None:
        # One of them is being answered: only the others wait.
        if self._turns.unanswered() > self._limits.queue:
            raise Busy("Too many questions are waiting. Please wait for an answer.", retry_after_seconds=5)

    def _begin(self, turn: LiveTurn, asker: Listener) -> LiveTurn:
        self._turns.add(turn)
        for listener in self._presence.followers(asker):
            follow(turn, listener)
        self._queue.put(turn)
        return turn

    def take_up(
        self, waiting: Iterable[tuple[Key, StoredQuestion]], tab: str, wish: Wish | None, lead_ms: int | None
    ) -> None:
        """
        Answer what an earlier process of this server was asked and did not come to.

        What *tab* asked is spoken as it wishes now, with *lead_ms* as in `ask`; nobody hears the rest.
        """
        for key, stored in waiting:
            question = Question(stored.text, speech=wish if key.tab == tab else None)
            turn = self._live_turn(key, stored.n, question, lead_ms)
            turn.is_spoken, turn.is_taken_up = stored.is_spoken, True
            self._turns.add(turn)
            self._queue.put(turn)

    def _live_turn(self, key: Key, n: int, question: Question, lead_ms: int | None) -> LiveTurn:
        seconds = self._limits.resume_seconds
        return LiveTurn(self.chat, key, n, question, self._rooms.store, lead_ms, seconds)

    async def speak_again(self, key: Key, n: int, start: int, wish: Wish, lead_ms: int, to: Listener) -> None:
        """
        Speak the stored answer *n* from byte *start* of its text, under the new turn of *key*.

        Raises:
            NotFound: If there is no such answer.
            Busy: If too many are being spoken to this tab already.
            BadRequest: If the number is in use.
        """
        answer = await self._stored.answer(n) if self.is_shared else None
        if answer is None or not answer.text:
            raise NotFound(f"There is no answer {n} to speak.")
        if self._turns.find(key) is not None:
            raise BadRequest("This turn's number is in use.")
        if self._turns.repeats(key.tab) >= MAX_REPEATS:
            raise Busy("Another answer is being spoken already.", retry_after_seconds=1)
        self._repeat_turns[key.tab] = max(key.turn, self._repeat_turns.get(key.tab, 0))
        turn = self._live_turn(key, n - 1, Question(text="", speech=wish), lead_ms)
        turn.is_repeat = True
        turn.add_listener(to)
        self._turns.add(turn)
        text = answer.text.encode()[start:].decode(errors="ignore")
        speaking = partial(speak, text, start, wish, turn.question.language, self._rooms.engines)
        self._queue.begin(turn, speaking)

    # ── Cancelling ────────────────────────────────────────────────────────────────────────────

    async def cancel(self, key: Key, heard_ms: int, reason: CancelReason) -> None:
        """
        Stop a turn and keep what the visitor knows of it (protocol, rule 4).

        Nothing happens where there is no such turn or it was played to its end.
        """
        turn = self._turns.find(key)
        if turn is None or turn.sound.is_played_out:
            return
        turn.sound.reach(heard_ms)
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

    # ── Working ───────────────────────────────────────────────────────────────────────────────

    async def _answer(self, turn: LiveTurn) -> None:
        await answer(self.chat, turn.n, turn.question, self._rooms, turn)

    async def _from_store(self, key: Key) -> LiveTurn | None:
        """Return the ended turn of a question that only the store remembers."""
        stored = await self._rooms.store.find_question(self.chat, key)
        if stored is None:
            return None
        turn = self._live_turn(key, stored.n, Question(stored.text or None), None)
        turn.restore(await self._stored.answer(stored.n + 1), is_spoken=stored.is_spoken)
        self._turns.add(turn)
        return turn
