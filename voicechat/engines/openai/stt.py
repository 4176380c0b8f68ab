"""Speech recognition behind an OpenAI-compatible API."""

from __future__ import annotations

import asyncio
from functools import partial

import orjson

from ...audio import Recording, duration_seconds, is_surely_within
from ...config import Stt
from .body import read
from .client import Client, OpenAiEngine, Pauses
from .form import Form
from .http import Http
from .refusals import Refusal, Unusable


class OpenAiStt(OpenAiEngine):
    """Who listens."""

    def __init__(self, settings: Stt, http: Http, max_seconds: float, pauses: Pauses | None = None) -> None:
        self._timeout_seconds = settings.timeout_seconds
        self._max_seconds = max_seconds
        super().__init__(
            Client(
                "stt",
                http,
                model=settings.model or "whisper-1",
                base_url=settings.base_url,
                key=settings.key,
                pauses=pauses,
            )
        )

    async def transcribe(self, recording: Recording, language: str | None) -> str:
        # The provider takes money by the minute, so the length is looked at before it is sent.
        if not is_surely_within(recording, max_seconds=self._max_seconds):
            await asyncio.to_thread(duration_seconds, recording, max_seconds=self._max_seconds)
        with self._client.translated():
            attempt = partial(self._once, recording, iso_639_1(language))
            try:
                return await self._client.tries(attempt, self._timeout_seconds)
            except Refusal as exc:
                if exc.code == "audio_too_short":  # OpenAI's, below a tenth of a second
                    return ""
                raise

    async def _once(self, recording: Recording, language: str | None, left_seconds: float) -> str:
        fields = {"model": self.info.model, "response_format": "json"}
        if language:
            fields["language"] = language
        form = Form(fields, recording)
        async with asyncio.timeout(left_seconds):
            async with await self._client.post("audio/transcriptions", form, left_seconds) as response:
                return _text(await read(response))


def iso_639_1(language: str | None) -> str | None:
    """Return the two letters of a BCP 47 tag, as in `de` of `de-AT`; None where it has no such code."""
    code = (language or "").replace("_", "-").partition("-")[0].lower()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def _text(body: bytes) -> str:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise Unusable(f"no JSON: {body[:200]!r}") from exc
    if isinstance(content, dict):
        if error := content.get("error"):
            raise Refusal.in_stream(error)
        text = content.get("text")
        if isinstance(text, str):
            return text.strip()
    raise Unusable(f"no transcript: {body[:200]!r}")
