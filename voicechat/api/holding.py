"""What visitors make this server hold: bodies that are read, recordings until they are heard."""

from __future__ import annotations

import asyncio

from aiohttp import web

from ..audio import Recording
from ..conversation import LiveTurn
from ..guard import Budget, Share
from ..wire import Room


class Holding:
    """One budget for all doors; what a turn works on is counted until the turn has ended."""

    def __init__(self, most_bytes: int) -> None:
        self.budget = Budget(most_bytes)
        self._kept: set[asyncio.Task[None]] = set()

    def share(self) -> Share:
        return self.budget.share()

    def keep(self, room: Room, turn: LiveTurn, recording: Recording | None) -> None:
        """
        Leave what *room* has taken to *turn*, whatever becomes of who asked.

        Not where *turn* was known before: then it does not hold this *recording*.
        """
        if recording is None or turn.question.recording is not recording:
            return
        task = asyncio.create_task(_until_ended(room.hand_over(), turn))
        self._kept.add(task)
        task.add_done_callback(self._kept.discard)


async def _until_ended(room: Room, turn: LiveTurn) -> None:
    try:
        # Not only until it was heard: what answers the question holds its recording as long as it runs.
        await turn.ended.wait()
    finally:
        room.give_back()


HOLDING = web.AppKey("holding", Holding)
