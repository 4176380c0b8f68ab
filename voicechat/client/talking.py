"""One question, or a chat in the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from .answering import Answer
from .devices import Loudspeaker, Microphone
from .errors import ClientError
from .interface import Client
from .interrupts import Interrupts
from .moments import Moment
from .spoken import PCM, Spoken
from .terminal import Lines, Terminal


@dataclass(frozen=True, slots=True)
class Talk:
    """With whom, and how what comes of it is shown."""

    client: Client
    terminal: Terminal
    interrupts: Interrupts
    url: str
    timings: bool
    loudspeaker: Loudspeaker | None = None

    async def answer(self, moments: AsyncGenerator[Moment, None]) -> Answer:
        """
        Show one answer, and beside it what it is made of.

        Raises:
            ClientError: If there is none.
        """
        answer = Answer(self.client, self.terminal, self.url, self.loudspeaker)
        chat = self.client.chat
        try:
            async with self.interrupts.stoppable(answer.stop):
                await answer.show(moments)
            answer.note_sources()
        finally:
            if self.timings:
                answer.note_timings()
            if self.client.chat != chat:
                self.terminal.note("The server had forgotten this chat; what came now begins a new one.")
        return answer

    async def chat(self, lines: Lines, microphone: Microphone | None) -> bool:
        """Ask what the lines say up to their end; return whether everything was answered."""
        is_answered = True
        try:
            while True:
                self.terminal.prompt()
                if (line := await lines.next()) is None:
                    return is_answered
                if line.strip():
                    moments = self.client.ask(line.strip())
                elif microphone is not None:
                    moments = self.client.ask_spoken(self._recorded(microphone, lines))
                else:
                    continue
                try:
                    await self.answer(moments)
                except ClientError as exc:
                    self.terminal.complain(str(exc))
                    is_answered = False
        finally:
            self.terminal.leave_prompt()
            if self.loudspeaker is not None:
                self.loudspeaker.stop()

    def _recorded(self, microphone: Microphone, lines: Lines) -> Spoken:
        """Return what the microphone hears up to the next line, which is not read any further."""
        seconds = self.client.facts["limits"]["recording_seconds"]
        self.terminal.note(f"Recording, for {seconds:g} seconds at most. Enter ends it.")
        until = asyncio.ensure_future(lines.next())
        return Spoken(PCM, microphone.record(until, seconds), is_live=True)
