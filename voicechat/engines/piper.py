"""Text to speech on this machine: Piper voices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

from ..config import Tts
from ..errors import ConfigError, WarmingUp
from ..models import find, is_voice_name
from .interface import EngineInfo, Manner, Speech
from .piper_model import PiperModel
from .voices import Voices
from .workers import Workers

JOE = "en_US-joe-medium"

MODEL_ENDING = ".onnx"
"""Of a voice by which it is told from a speaker: it is a model of its own."""


class Piper:
    """
    Speaks one sentence a thread, each language with the voice that is set for it.

    *folder* is where pulled voices are, and where those that tell the times of their words are kept; None:
    only the bundled one and those of a path speak, and none tells.
    """

    def __init__(self, settings: Tts, folder: Path | None = None) -> None:
        self._settings = settings
        self._folder = folder
        self._voices = Voices(settings)
        self._spoken: dict[str, tuple[PiperModel, int | None]] = {}
        """Who speaks with which voice of the settings: a model, and one of its speakers."""
        self._workers = Workers(
            "tts",
            parallel=settings.parallel,
            waiting=settings.waiting,
            timeout_seconds=settings.timeout_seconds,
        )

    @property
    def info(self) -> EngineInfo:
        name = Path(self._settings.model or JOE).stem
        return EngineInfo("tts", "piper", name, paid=False, place="this machine")

    async def load(self) -> None:
        """See `Engine`. All voices at once: nobody waits for one later, and a wrong path shows now."""
        self._spoken = await asyncio.to_thread(self._load)

    async def close(self) -> None:
        self._workers.close()
        self._spoken = {}

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[Speech, None]:
        """See `TextToSpeech`."""
        if not self._spoken:
            raise WarmingUp("The assistant's voice is still warming up.", retry_after_seconds=5)
        if not any(character.isalnum() for character in text):
            return
        model, speaker = self._spoken[self._voices.of(manner.language)]
        # Each sentence is a job of its own: nothing is made that nobody asks for, and a long text
        # does not keep the others waiting to its end.
        pieces = model.pieces(text, speaker, manner.speed_of(self._settings.speed))
        while (piece := await self._workers.run(partial(next, pieces, None))) is not None:
            if piece:
                yield piece

    def _load(self) -> dict[str, tuple[PiperModel, int | None]]:
        usual = self._model(self._settings.model or JOE, "tts.model (VOICECHAT_TTS_MODEL)")
        spoken = {self._settings.voice: (usual, usual.speaker(self._settings.voice))}
        for voice in self._voices.by_language():
            if voice.endswith(MODEL_ENDING) or is_voice_name(voice):
                spoken[voice] = self._model(voice, "tts.voices (VOICECHAT_TTS_VOICES)"), None
            else:
                spoken[voice] = usual, usual.speaker(voice)
        for model, speaker in spoken.values():
            # The first words take twice as long; nobody waits for these.
            list(model.pieces("Hello.", speaker, 1.0))
        return spoken

    def _model(self, name: str, setting: str) -> PiperModel:
        """Return the voice of that name, or of that path."""
        path = find(self._folder, name, "tts")
        if path is None and is_voice_name(name):
            raise ConfigError(
                f"{setting}: {name!r} is not on this machine. To mend it: voicechat models pull {name}"
            )
        return PiperModel(path or Path(name), self._folder, setting)
