"""The engines of one server while it runs: what is loading, what is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from .interface import ChatModel, Engine, EngineInfo, SpeechToText, TextToSpeech
from .loading import LOADING_SECONDS, load_logged, loaded_in_time
from .relay import RelayChat, RelayStt, RelayTts

Task = Literal["stt", "chat", "tts", "knowledge"]

SILENCE_SECONDS = 60.0
"""As the settings have it by default."""


class Engines:
    """
    Who does the three jobs, and whether they can yet.

    `start` begins to load them beside the server's work; `ready` waits for one.
    """

    def __init__(
        self,
        stt: SpeechToText | None,
        chat: ChatModel,
        tts: TextToSpeech | None,
        *,
        loading_seconds: float = LOADING_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self.stt = stt
        """None: nobody can listen here, and spoken questions are refused."""
        self.chat = chat
        self.tts = tts
        """None: nobody can speak here, and answers are text alone."""
        self.silence_seconds = silence_seconds
        """How long the voice may leave who listens in silence, in one answer and in all."""
        self._loading_seconds = loading_seconds
        self._loads: dict[Task, asyncio.Task[None]] = {}

    def infos(self) -> tuple[EngineInfo, ...]:
        """Return who does each job, as long as it can."""
        return tuple(engine.info for engine in self._all().values())

    def successors(self) -> tuple[EngineInfo, ...]:
        """Return who takes over from those of `infos`, each job's in their order."""
        relays = (
            engine for engine in self._all().values() if isinstance(engine, RelayStt | RelayChat | RelayTts)
        )
        return tuple(info for relay in relays for info in relay.successors)

    def voice(self) -> TextToSpeech | None:
        """Return the voice of one answer: whoever takes over in it stays; None: nobody can speak here."""
        return self.tts.for_one_answer() if isinstance(self.tts, RelayTts) else self.tts

    def start(self, more: Mapping[Task, Callable[[], Awaitable[None]]]) -> None:
        """Begin to load the engines and what *more* names, all at once."""
        loads = {task: engine.load for task, engine in self._all().items()} | dict(more)
        for task, load in loads.items():
            self._loads[task] = asyncio.create_task(load_logged(task, load))

    def warming(self) -> tuple[Task, ...]:
        """Return what is not ready yet."""
        return tuple(task for task, load in self._loads.items() if not load.done())

    async def ready(self, task: Task) -> None:
        """
        Return once *task* can be done; at once where it was never to be loaded.

        Raises:
            WarmingUp: If it still loads after a while.
            Unavailable: If loading failed; the log says why.
        """
        if (load := self._loads.get(task)) is not None:
            await loaded_in_time(load, self._loading_seconds)

    async def close(self) -> None:
        for load in self._loads.values():
            load.cancel()
        await asyncio.gather(*self._loads.values(), return_exceptions=True)
        for engine in self._all().values():
            await engine.close()

    def _all(self) -> dict[Task, Engine]:
        engines: dict[Task, Engine | None] = {"stt": self.stt, "chat": self.chat, "tts": self.tts}
        return {task: engine for task, engine in engines.items() if engine is not None}
