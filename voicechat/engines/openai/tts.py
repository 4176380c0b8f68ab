"""Speech behind an OpenAI-compatible API."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from functools import partial
from typing import TYPE_CHECKING

import orjson

from ...config import Tts
from ..interface import Manner
from ..voices import Voices
from .client import Client, OpenAiEngine, Pauses
from .http import Http
from .refusals import Refusal
from .sound import Sound

if TYPE_CHECKING:
    from openai.types.audio import SpeechCreateParams

log = logging.getLogger("voicechat.engines.openai")

MAX_INPUT_CHARS = 4096
"""OpenAI's limit (https://platform.openai.com/docs/api-reference/audio/createSpeech)."""


class OpenAiTts(OpenAiEngine):
    """Who speaks."""

    def __init__(self, settings: Tts, http: Http, pauses: Pauses | None = None) -> None:
        self._settings = settings
        self._voices = Voices(settings)
        self._refused_speeds: set[float] = set()
        """Several servers refuse the field, or take less than OpenAI's; hundredths, so they are few."""
        super().__init__(
            Client(
                "tts",
                http,
                model=settings.model or "tts-1",
                base_url=settings.base_url,
                key=settings.key,
                pauses=pauses,
            )
        )

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[bytes, None]:
        # The API has no field for the language: the voices tell it by the text, but each has its accent.
        with self._client.translated():
            for part in split(text):
                sound = await self._begun(part, manner)
                try:
                    pcm = sound.first
                    while pcm:
                        yield pcm
                        pcm = await sound.more()
                finally:
                    sound.close()

    async def _begun(self, text: str, manner: Manner) -> Sound:
        """Return sound whose first bytes are there, at the voice's own pace where another one is refused."""
        attempt, seconds = partial(self._begin, text, manner), self._settings.timeout_seconds
        speed = manner.speed_of(self._settings.speed)
        try:
            # Who speaks sentence by sentence comes again with several in one request.
            return await self._client.tries(attempt, seconds, busy_too=False)
        except Refusal as exc:
            if not exc.about_the_speed or speed in self._refused_speeds:
                raise
            log.warning("%s takes no speed of %g, and speaks at its own: %s", self.info.place, speed, exc)
            self._refused_speeds.add(speed)
        return await self._client.tries(attempt, seconds, busy_too=False)

    async def _begin(self, text: str, manner: Manner, left_seconds: float) -> Sound:
        """Return sound whose first bytes are there: until then a further try is possible."""
        settings = self._settings
        request: SpeechCreateParams = {
            "model": self.info.model,
            "input": text,
            "voice": self._voices.of(manner.language),
            "response_format": settings.format,
        }
        speed = manner.speed_of(settings.speed)
        if speed != 1 and speed not in self._refused_speeds:
            request["speed"] = speed
        loop = asyncio.get_running_loop()
        until = loop.time() + left_seconds
        response = await self._client.post("audio/speech", orjson.dumps(request), left_seconds)
        sound = Sound(response, settings.format, until - loop.time())
        try:
            await sound.begin()
        except BaseException:
            sound.close()
            raise
        return sound


def split(text: str, max_chars: int = MAX_INPUT_CHARS) -> Iterator[str]:
    """Yield *text* in parts of at most *max_chars*, cut behind a sentence, else at a space, else anywhere."""
    while len(text := text.strip()) > max_chars:
        window = text[: max_chars + 1]
        cut = max(window.rfind(end) + 1 for end in (". ", "! ", "? ", "\n"))
        cut = cut or window.rfind(" ") or max_chars
        cut = cut if cut > 0 else max_chars
        yield text[:cut].strip()
        text = text[cut:]
    if text:
        yield text
