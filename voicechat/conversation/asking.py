"""What a chat is asked: each key is one turn, and each question is in the store before it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from ..dialogue import Key, ServerEvent
from ..errors import BadRequest, Busy, KeyInUse, KeyReused, NotFound, VoiceChatError
from ..store import StoredQuestion
from ..turn import Question, Rooms, Wish, speak
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


class Asking:
    """
    Makes turns of what the tabs of one *chat* ask, one question at a time, and puts them into its *queue*.

    *presence*: who is told of them. *recordings*: those that a question comes instead of.
    """

    def __init__(
        self,
        chat: str,
        rooms: Rooms,
        presence: Presence,
        turns: Turns,
        queue: Queue,
        recordings: OpenRecordings,
    ) -> None:
        self._chat = chat
        self._store = rooms.store
        self._rooms = rooms
        self._limits = rooms.config.limits
        self._stored = Stored(chat, rooms.store)
        self._presence = presence
        self._turns = turns
        self._queue = queue
        self._recordings = recordings
        self._lock = asyncio.Lock()
        self._repeat_turns: dict[str, int] = {}
        """The highest number that each tab has used to have an answer spoken again."""

    @property
    def is_busy(self) -> bool:
        """Whether a question is being stored."""
        return self._lock.locked()

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
            KeyInUse: If the question of the key is being answered anew, under another one.
            VoiceChatError: *error*, if the key is a new one.
        """
        async with self._lock:
            self._recordings.drop(key.tab, up_to=key.turn)
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
                    await self._queue.abandon(earlier)
            self._check_room()
            n = await self._store.add_question(self._chat, key, question.text or "", question.recording)
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
            KeyInUse: If its question is being answered anew, under another one.
            Busy: If too many questions wait.
        """
        async with self._lock:
            known = self._turns.find(key) or await self._from_store(key)
            if known is not None:
                if known.n != n or known.is_repeat:
                    raise KeyReused("This turn's number was used for something else.")
                self._follow_again(known, asker, lead_ms)
                return
            if not self._presence.is_shared:
                raise NotFound("Only a chat whose id the server gave has answers to ask for again.")
            text = await self._stored.broken_off(n)
            self._check_room()
            await self._store.retry(self._chat, key, n)
            self._turns.forget(n)
            for listener in self._presence.followers(asker):
                listener.hear(key, ServerEvent({"type": "retry", "n": n}))
            question = Question(text, language=language, speech=wish)
            turn = self._live_turn(key, n, question, lead_ms)
            turn.is_spoken = text is None
            self._begin(turn, asker)

    def take_up(
        self,
        waiting: Iterable[tuple[Key, StoredQuestion]],
        tab: str,
        wish: Wish | None,
        language: str | None,
        lead_ms: int | None,
    ) -> None:
        """
        Answer what an earlier process of this server was asked and did not come to.

        What *tab* asked is spoken as it wishes now, in its *language*, with *lead_ms* as in `ask`; nobody
        hears the rest.
        """
        for key, stored in waiting:
            question = Question(stored.text or None)
            if key.tab == tab:
                question = replace(question, language=language, speech=wish)
            turn = self._live_turn(key, stored.n, question, lead_ms)
            turn.is_spoken, turn.is_taken_up = stored.is_spoken, True
            self._turns.add(turn)
            self._queue.put(turn)

    async def speak_again(
        self, key: Key, n: int, start: int, wish: Wish, language: str | None, lead_ms: int, to: Listener
    ) -> None:
        """
        Speak the stored answer *n* from byte *start* of its text, under the new turn of *key*.

        *language* is that of who listens.

        Raises:
            NotFound: If there is no such answer.
            Busy: If too many are being spoken to this tab already.
            BadRequest: If the number is in use.
        """
        answer = await self._stored.answer(n) if self._presence.is_shared else None
        if answer is None or not answer.text:
            raise NotFound(f"There is no answer {n} to speak.")
        rest = answer.text.encode()[start:]
        text = rest.decode(errors="ignore")
        # In the middle of a character the next one is the first.
        self._speak(key, n, text, start + len(rest) - len(text.encode()), wish, language, lead_ms, to)

    def speak_welcome(
        self, key: Key, text: str, wish: Wish, language: str | None, lead_ms: int, to: Listener
    ) -> None:
        """
        Speak *text*, which is nobody's answer, under the new turn of *key*, as `speak_again` does.

        Raises:
            Busy: If too many are being spoken to this tab already.
            BadRequest: If the number is in use.
        """
        self._speak(key, 0, text, 0, wish, language, lead_ms, to)

    def _speak(
        self,
        key: Key,
        n: int,
        text: str,
        start: int,
        wish: Wish,
        language: str | None,
        lead_ms: int,
        to: Listener,
    ) -> None:
        if self._turns.find(key) is not None:
            raise BadRequest("This turn's number is in use.")
        if self._turns.repeats(key.tab) >= MAX_REPEATS:
            raise Busy("Another answer is being spoken already.", retry_after_seconds=1)
        self._repeat_turns[key.tab] = max(key.turn, self._repeat_turns.get(key.tab, 0))
        turn = self._live_turn(
            key, n - 1, Question(text="", language=language, speech=wish), lead_ms, is_repeat=True
        )
        turn.add_listener(to)
        self._turns.add(turn)
        speaking = partial(speak, text, start, wish, turn.question.language, self._rooms)
        self._queue.begin(turn, speaking)

    async def last_turn(self, tab: str) -> int:
        """Return the highest number that *tab* has used in this chat, 0 for none."""
        stored = await self._store.last_turn(self._chat, tab)
        return max(stored, self._repeat_turns.get(tab, 0))

    async def _from_store(self, key: Key) -> LiveTurn | None:
        """
        Return the ended turn of a question that only the store remembers; None: it was never asked.

        Raises:
            KeyInUse: If it is being answered anew, under another key.
        """
        stored = await self._store.find_question(self._chat, key)
        if stored is None:
            return None
        if any(turn.n == stored.n and not turn.is_repeat for turn in self._turns.live()):
            raise KeyInUse("This question is being answered anew.", retry_after_seconds=2)
        turn = self._live_turn(key, stored.n, Question(stored.text or None), None)
        turn.restore(await self._stored.answer(stored.n + 1), is_spoken=stored.is_spoken)
        self._turns.add(turn)
        return turn

    def _live_turn(
        self, key: Key, n: int, question: Question, lead_ms: int | None, *, is_repeat: bool = False
    ) -> LiveTurn:
        seconds = self._limits.resume_seconds
        return LiveTurn(self._chat, key, n, question, self._store, lead_ms, seconds, is_repeat=is_repeat)

    def _begin(self, turn: LiveTurn, asker: Listener) -> LiveTurn:
        self._turns.add(turn)
        for listener in self._presence.followers(asker):
            follow(turn, listener)
        self._queue.put(turn)
        return turn

    def _follow_again(self, turn: LiveTurn, asker: Listener, lead_ms: int | None) -> None:
        if lead_ms is None:
            turn.sound.lift_lead()
        if asker in self._presence:  # it may have left while it waited
            follow(turn, asker, audio_from_ms=0 if lead_ms is None else None)

    def _check_room(self) -> None:
        # One of them is being answered: only the others wait.
        if self._turns.unanswered() > self._limits.queue:
            raise Busy("Too many questions are waiting. Please wait for an answer.", retry_after_seconds=5)
