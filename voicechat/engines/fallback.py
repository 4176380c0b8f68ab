"""When a provider lacks a job, the embedded engine takes it over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Generic, TypeVar

from ..audio import Recording
from ..errors import ProviderLacks, Unavailable, VoiceChatError, WarmingUp
from ..models import LOCAL_EXTRA
from .early import transcribe_early
from .interface import Engine, EngineInfo, Manner, Speech, SpeechToText, TextToSpeech
from .loading import LOADING_SECONDS, load_logged

log = logging.getLogger("voicechat.engines")

E = TypeVar("E", bound=Engine)


class _Fallback(Generic[E]):
    """
    Two engines, of which the first works until it says that its provider has no such service.

    Whether a provider has it shows at the first question only: there is no other way to ask that
    all servers answer.
    """

    def __init__(self, primary: E, substitute: E | None, *, loading_seconds: float = LOADING_SECONDS) -> None:
        self._primary = primary
        self._substitute = substitute
        self._loading_seconds = loading_seconds
        self._loading: asyncio.Task[None] | None = None
        """None: the primary does the job."""

    @property
    def info(self) -> EngineInfo:
        """That of the engine in use."""
        if self._loading is None or self._substitute is None:
            return self._primary.info
        return self._substitute.info

    async def load(self) -> None:
        await self._primary.load()

    async def close(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait([self._loading])
        await self._primary.close()
        if self._substitute is not None:
            await self._substitute.close()

    async def _instead(self) -> E:
        """
        Return the substitute, loaded; the first call loads it, and tells the log.

        Raises:
            WarmingUp: If it still loads after a while.
            Unavailable: If there is none, or it can't be loaded.
        """
        if self._loading is None:
            self._loading = asyncio.create_task(self._load_substitute())
        job = "speech recognition" if self._primary.info.job == "stt" else "voice"
        try:
            # Shielded: the question that came first may be cancelled, the others wait for the same load.
            async with asyncio.timeout(self._loading_seconds):
                await asyncio.shield(self._loading)
        except TimeoutError as exc:
            raise WarmingUp(
                f"The {job} of this server is still warming up. Please try again in a moment.",
                retry_after_seconds=10,
            ) from exc
        except VoiceChatError as exc:
            raise Unavailable(f"The {job} of this server does not work at the moment.") from exc
        if self._substitute is None:
            raise Unavailable(
                f"This server has no {job}: its provider lacks it, and the embedded one is not installed."
            )
        return self._substitute

    async def _load_substitute(self) -> None:
        job, place = self._primary.info.job, self._primary.info.place
        if self._substitute is None:
            log.error("%s: %s has no such service, and %s is not installed", job, place, LOCAL_EXTRA)
            return
        info = self._substitute.info
        log.warning(
            "%s: %s has no such service; %s (%s) does it from now on", job, place, info.name, info.model
        )
        await load_logged(f"{job}: {info.name}", self._substitute.load)


class FallbackStt(_Fallback[SpeechToText]):
    """Who listens: the provider, or Whisper on this machine."""

    async def transcribe(self, recording: Recording, language: str | None) -> str:
        if self._loading is None:
            try:
                return await self._primary.transcribe(recording, language)
            except ProviderLacks:
                pass
        return await (await self._instead()).transcribe(recording, language)

    async def transcribe_if_idle(self, recording: Recording, language: str | None) -> str | None:
        if self._loading is None:
            try:
                return await transcribe_early(self._primary, recording, language)
            except ProviderLacks:
                pass
        return await transcribe_early(await self._instead(), recording, language)


class FallbackTts(_Fallback[TextToSpeech]):
    """Who speaks: the provider, or Piper on this machine."""

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[Speech, None]:
        if self._loading is None:
            try:
                async with aclosing(self._primary.speak(text, manner)) as speech:
                    async for part in speech:
                        yield part
                return
            except ProviderLacks:
                pass
        async with aclosing((await self._instead()).speak(text, manner)) as speech:
            async for part in speech:
                yield part
