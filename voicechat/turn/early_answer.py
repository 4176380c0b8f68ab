"""
An answer that is begun before its question is known for sure.

Nothing of it is told, stored, spoken or done until the question turns out to be the one that was
guessed: then what has come so far is there at once. Else it is stopped, upstream too, and was a waste.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from ..audio import Activity
from ..dialogue import Prompt
from ..errors import VoiceChatError
from .calls import is_pause
from .prompting import prompt_of
from .rooms import Rooms

log = logging.getLogger("voicechat.turn")

_Task = asyncio.Task[VoiceChatError | None]


class EarlyAnswer:
    """Guesses at the answer to one question of *chat*, at most *tries* times."""

    def __init__(self, chat: str, language: str | None, rooms: Rooms, tries: int) -> None:
        self.begun = 0
        """How often the chat model was asked, or was to be."""
        self.wasted = 0
        """How often in vain."""
        self._chat = chat
        self._language = language
        self._rooms = rooms
        self._tries = tries
        self._text = ""
        self._until = 0
        """How many samples of the recording the question covers to which it was begun; 0: to none."""
        self._prompt: Prompt | None = None
        """What the model was asked; None: it was not yet."""
        self._pieces: list[str] = []
        self._more = asyncio.Event()
        self._task: _Task | None = None
        self._stopping: set[_Task] = set()

    def look(self, activity: Activity, text: str, until: int) -> None:
        """
        Begin it where who spoke pauses and *text* is all that was said; stop it where more is said.

        *text* was heard in the recording's first *until* samples.
        """
        if 0 < self._until < activity.spoke_until:
            self._until = 0
            self.drop()
        if activity.spoke_until > until or not is_pause(activity) or until == self._until:
            return
        self._until = until
        if text:
            self._begin(text)

    def _begin(self, text: str) -> None:
        """Ask the model, for *text* may be the whole question; what was guessed before was wrong then."""
        if self._task is not None and self._text == text:
            return
        self.drop()
        if self.begun < self._tries and not self._rooms.engines.warming():
            self.begun += 1
            self._text = text
            self._task = asyncio.create_task(self._run(text))

    def drop(self) -> None:
        """Stop, for it was guessed wrongly or nobody wants it. Safe to call again, or when it was taken."""
        if (task := self._task) is None:
            return
        self._let_go()
        self.wasted += 1
        log.debug("An answer that was begun early is thrown away")
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)
        task.cancel()

    def take(self, prompt: Prompt) -> AsyncGenerator[str, None] | None:
        """
        Return the answer to *prompt* as `ChatModel.reply` does; None: it was not begun, or came to nothing.

        The caller closes the generator, which must be asked for its first piece without waiting before.
        """
        task, pieces, more = self._task, self._pieces, self._more
        if task is None:
            return None
        if self._prompt != prompt or (task.done() and _has_failed(task)):
            self.drop()
            return None
        self._let_go()
        return _told(task, pieces, more)

    def _let_go(self) -> None:
        self._task = self._prompt = None
        self._pieces, self._more = [], asyncio.Event()

    async def _run(self, text: str) -> VoiceChatError | None:
        """Ask the model; return why it failed, if it did."""
        pieces, more = self._pieces, self._more
        try:
            newest, _ = await self._rooms.store.messages(self._chat, limit=1)
            # Its number is the one behind the newest, unless somebody else asks first.
            n = newest[-1].n + 1 if newest else 1
            prompt = await prompt_of(self._chat, n, text, self._language, self._rooms)
            self._prompt = prompt
            async with aclosing(self._rooms.engines.chat.reply(prompt)) as reply:
                async for piece in reply:
                    pieces.append(piece)
                    more.set()
        except VoiceChatError as exc:
            return exc
        finally:
            more.set()
        return None


def _has_failed(task: _Task) -> bool:
    return task.cancelled() or task.exception() is not None or task.result() is not None


async def _told(task: _Task, pieces: list[str], more: asyncio.Event) -> AsyncGenerator[str, None]:
    """Yield *pieces*, to which *task* adds, then raise what it raised; closing stops it."""
    told = 0
    try:
        while True:
            while told < len(pieces):
                told += 1
                yield pieces[told - 1]
            if task.done():
                if (error := task.result()) is not None:
                    raise error
                return
            more.clear()
            await more.wait()
            if not pieces[told:]:
                await asyncio.wait([task])
    finally:
        task.cancel()
        await asyncio.wait([task])
