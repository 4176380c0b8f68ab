"""The order in which the questions of a chat are answered, and how an answer fails or is stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from ..errors import VoiceChatError
from .live_turn import LiveTurn
from .orphans import Orphans
from .turns import Turns

log = logging.getLogger("voicechat.conversation")

Work = Callable[[LiveTurn], Awaitable[None]]
"""Makes the answer of a turn, into it."""


class Queue:
    """
    Turns that wait; the next one begins when the text of the one before is complete.

    *answer* is the work that each of them is. One that nobody follows goes on for *orphan_seconds*.
    """

    def __init__(self, answer: Work, turns: Turns, orphan_seconds: float) -> None:
        self._answer = answer
        self._turns = turns
        self._orphan_seconds = orphan_seconds
        self._orphans = Orphans()
        self.is_held = False
        """Whether what is put in from now on stays in the store, for the next process of this server."""
        # Few, and in every open chat: an empty deque takes as much memory as thirteen lists.
        self._waiting: list[LiveTurn] = []
        self._task: asyncio.Task[None] | None = None
        self._endings: set[asyncio.Task[None]] = set()

    def put(self, turn: LiveTurn) -> None:
        if self.is_held:
            turn.is_held = True
            return
        if turn.audience.is_empty:  # whoever asked has left meanwhile
            self._orphans.add(turn, self._orphan_seconds, self._give_up)
        self._waiting.append(turn)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._answer_all())

    def begin(self, turn: LiveTurn, work: Work) -> None:
        """Do *work* for *turn* now, beside what waits."""
        turn.task = asyncio.create_task(self._run(turn, work))

    def left(self, turn: LiveTurn) -> None:
        """The last who followed *turn* has left: it goes on for a bounded time."""
        if turn.is_held:
            return
        seconds = 0 if self._turns.has_gone_on(turn.key) else self._orphan_seconds
        self._orphans.add(turn, seconds, self._give_up)

    async def abandon(self, turn: LiveTurn) -> None:
        """Stop a turn that nobody waits for; what it said so far is kept."""
        if turn.end is None:
            await self.end(turn, turn.interrupt())

    async def end(self, turn: LiveTurn, ending: Coroutine[Any, Any, None]) -> None:
        """
        Stop *turn* and do its *ending*, even where whoever wanted that is gone before it is done.

        Others follow the turn, and wait behind it.
        """
        task = asyncio.create_task(self._end(turn, ending))
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)
        await asyncio.shield(task)

    async def close(self) -> None:
        """Stop everything; a question of whose answer nothing was said yet waits in the store."""
        self._orphans.clear()
        # The last first: what waits is not to begin when what runs is stopped.
        for turn in reversed(self._turns.live()):
            if turn.waits_in_store:
                await self._stop(turn)
                if turn.end is None:
                    turn.put_off()
            else:
                await self.abandon(turn)

    async def erase(self) -> None:
        """Stop everything, and keep nothing of it."""
        self._orphans.clear()
        for turn in reversed(self._turns.live()):
            await self._stop(turn)
            if turn.end is None:
                turn.forget()

    async def _give_up(self, turn: LiveTurn) -> None:
        """Nobody follows *turn* any more: only what is not written yet costs anything."""
        if not turn.text_done.is_set() or self._turns.has_gone_on(turn.key):
            await self.abandon(turn)

    async def _stop(self, turn: LiveTurn) -> None:
        if turn in self._waiting:
            self._waiting.remove(turn)
        if (task := turn.task) is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _end(self, turn: LiveTurn, ending: Coroutine[Any, Any, None]) -> None:
        try:
            await self._stop(turn)
            await ending
        finally:
            self._turns.pass_floor(turn.key.tab)

    async def _answer_all(self) -> None:
        while self._waiting:
            turn = self._waiting.pop(0)
            self.begin(turn, self._answer)
            await turn.text_done.wait()

    async def _run(self, turn: LiveTurn, work: Work) -> None:
        """Do the work of *turn* to its end, whatever happens to it."""
        try:
            turn.begin()
            await work(turn)
            await turn.finish()
        except VoiceChatError as exc:
            await turn.fail(exc)
        except Exception:
            log.exception("A turn failed unexpectedly")
            await turn.fail(VoiceChatError("Something went wrong here. Please ask again."))
        finally:
            # What stopped it holds the frames it went through, and so the turn.
            turn.task = None
            self._turns.pass_floor(turn.key.tab)
