"""The order in which the questions of a chat are answered, and what becomes of an answer that fails."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from ..errors import VoiceChatError
from .live_turn import LiveTurn

log = logging.getLogger("voicechat.conversation")

Work = Callable[[LiveTurn], Awaitable[None]]
"""Makes the answer of a turn, into it."""


class Queue:
    """
    Turns that wait; the next one begins when the text of the one before is complete.

    *answer* is the work that each of them is; *ended* is told of each that has come to its end.
    """

    def __init__(self, answer: Work, ended: Callable[[LiveTurn], None]) -> None:
        self._answer = answer
        self._ended = ended
        self._waiting: deque[LiveTurn] = deque()
        self._task: asyncio.Task[None] | None = None
        self._endings: set[asyncio.Task[None]] = set()

    def put(self, turn: LiveTurn) -> None:
        self._waiting.append(turn)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._answer_all())

    def begin(self, turn: LiveTurn, work: Work) -> None:
        """Do *work* for *turn* now, beside what waits."""
        turn.task = asyncio.create_task(self._run(turn, work))

    async def stop(self, turn: LiveTurn) -> None:
        if turn in self._waiting:
            self._waiting.remove(turn)
        if turn.task is not None:
            turn.task.cancel()
            await asyncio.wait([turn.task])

    async def end(self, turn: LiveTurn, ending: Coroutine[Any, Any, None]) -> None:
        """
        Stop *turn* and do its *ending*, even where whoever wanted that is gone before it is done.

        Others follow the turn, and wait behind it.
        """
        task = asyncio.create_task(self._end(turn, ending))
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)
        await asyncio.shield(task)

    async def _end(self, turn: LiveTurn, ending: Coroutine[Any, Any, None]) -> None:
        try:
            await self.stop(turn)
            await ending
        finally:
            self._ended(turn)

    async def _answer_all(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
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
            self._ended(turn)
