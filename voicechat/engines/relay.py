"""
Several engines for one job: the next one takes over from the one before.

                   asked          fails, or is silent for too long
    question ──> first engine ─────────────────────────────────────> second engine ──> …
                      │  fails three times in a row: its circuit opens  ^
                      └─────── questions pass it over meanwhile ────────┘

Nothing is said twice. An answer of which a word has reached the visitor stays with its chat model.
A spoken one goes on with the next voice, where the first one broke off (`TakenOver`), and stays with it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Generic, TypeVar

from ..audio import Recording
from ..dialogue import Prompt
from ..errors import ProviderFailed, TakenOver
from .early import transcribe_early
from .interface import ChatModel, Engine, EngineInfo, Manner, Speech, SpeechToText, TextToSpeech
from .link import FAILURES, Link

E = TypeVar("E", bound=Engine)


class _Relay(Generic[E]):
    """What the three have in common: *links*, in the order in which they are asked."""

    def __init__(self, links: Sequence[Link[E]]) -> None:
        self.links = links

    @property
    def info(self) -> EngineInfo:
        """That of the first: who it is to be."""
        return self.links[0].engine.info

    @property
    def successors(self) -> tuple[EngineInfo, ...]:
        return tuple(link.engine.info for link in self.links[1:])

    async def load(self) -> None:
        """
        Load all of them at once, and return as soon as the first is ready that can be.

        The others go on, and are passed over until then.

        Raises:
            Exception: That of the first, if none can be loaded.
        """
        for link in self.links:
            link.begin_loading()
        failures: list[BaseException] = []
        for link in self.links:
            if (failure := await link.loaded()) is None:
                return
            failures.append(failure)
        raise failures[0]

    async def close(self) -> None:
        for link in self.links:
            await link.close()


class RelayStt(_Relay[SpeechToText]):
    async def transcribe(self, recording: Recording, language: str | None) -> str:
        """See `SpeechToText`. All the time that a recording takes counts as silence."""
        for link in self.links:
            try:
                async with link.asked():
                    return await link.in_time(link.engine.transcribe(recording, language))
            except FAILURES:
                if link.is_last:
                    raise
                link.handed_on += 1
        raise AssertionError("the last one returns or raises")

    async def transcribe_if_idle(self, recording: Recording, language: str | None) -> str | None:
        """See `HearsEarly`. The first alone is asked: a guess is worth nobody else's time, or bill."""
        link = self.links[0]
        if link.rests:
            return None
        async with link.asked():
            return await link.in_time(transcribe_early(link.engine, recording, language))


class RelayChat(_Relay[ChatModel]):
    async def reply(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        """See `ChatModel`."""
        for link in self.links:
            is_begun = False
            try:
                async with link.asked(), aclosing(link.engine.reply(prompt)) as pieces:
                    first = await link.in_time(anext(pieces, None))
                    if first is None:
                        raise ProviderFailed("The answer was empty. Please ask again.")
                    is_begun = True
                    yield first
                    async for piece in pieces:
                        yield piece
                return
            except FAILURES:
                if is_begun or link.is_last:
                    raise
                link.handed_on += 1


class RelayTts(_Relay[TextToSpeech]):
    """*voices* are those of *links*, with what stands before them, such as a memory."""

    def __init__(
        self, links: Sequence[Link[TextToSpeech]], voices: Sequence[TextToSpeech] | None = None
    ) -> None:
        super().__init__(links)
        self._voices = voices or [LinkVoice(link) for link in links]

    async def close(self) -> None:
        for voice in self._voices:
            await voice.close()

    def speak(self, text: str, manner: Manner) -> AsyncGenerator[Speech, None]:
        """See `TextToSpeech`; for who has one text alone spoken."""
        return self.for_one_answer().speak(text, manner)

    def for_one_answer(self) -> AnswerVoice:
        return AnswerVoice(self._voices)


class AnswerVoice:
    """The voice of one answer: once another one has taken over, that speaks all the rest of it."""

    def __init__(self, voices: Sequence[TextToSpeech]) -> None:
        self._voices = voices

    @property
    def info(self) -> EngineInfo:
        """That of who is asked next."""
        return self._voices[0].info

    async def load(self) -> None:
        """It is loaded with its relay."""

    async def close(self) -> None:
        """It is closed with its relay."""

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[Speech, None]:
        """
        See `TextToSpeech`.

        Raises:
            TakenOver: If the voice broke off when some of it was said: the next one speaks what is
                asked for from now on.
        """
        while True:
            is_begun = False
            try:
                async with aclosing(self._voices[0].speak(text, manner)) as parts:
                    async for part in parts:
                        is_begun = True
                        yield part
                return
            except FAILURES as exc:
                if len(self._voices) == 1:
                    raise
                self._voices = self._voices[1:]
                if is_begun:
                    raise TakenOver("The voice of this answer broke off.") from exc


class LinkVoice:
    """The engine of *link* as its list asks it."""

    def __init__(self, link: Link[TextToSpeech]) -> None:
        self._link = link

    @property
    def info(self) -> EngineInfo:
        return self._link.engine.info

    async def load(self) -> None:
        if (failure := await self._link.loaded()) is not None:
            raise failure

    async def close(self) -> None:
        await self._link.close()

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[Speech, None]:
        """See `TextToSpeech`. No words come without the sound that they are in."""
        link = self._link
        try:
            async with link.asked(), aclosing(link.engine.speak(text, manner)) as parts:
                held: list[Speech] = []
                while (part := await link.in_time(anext(parts, None))) is not None:
                    held.append(part)
                    if isinstance(part, bytes):
                        for one in held:
                            yield one
                        held = []
        except FAILURES:
            link.handed_on += not link.is_last
            raise
