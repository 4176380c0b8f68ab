"""Speech to text on this machine: Whisper's models, run by faster-whisper."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from ..audio import HEARING_RATE, Recording, decode
from ..config import Stt
from ..errors import ConfigError, WarmingUp
from ..models import LOCAL_EXTRA, find, is_ears_name, known_near
from .interface import EngineInfo
from .workers import Workers

log = logging.getLogger("voicechat.engines")

TINY = "tiny.en"

MOST_REPETITIVE = 2.4
"""
How far a text may be compressed by zlib before it counts as a loop, in which Whisper is caught by
music and tones. The number is OpenAI's own (`compression_ratio_threshold`).
"""


class Whisper:
    """
    Hears one recording a thread. Recordings over *max_seconds* are refused while they are decoded.

    *models* is the folder of what was pulled; None: nothing was.
    """

    def __init__(self, settings: Stt, max_seconds: float, models: Path | None = None) -> None:
        self._settings = settings
        self._max_seconds = max_seconds
        self._models = models
        self._name = settings.model or TINY
        self._model: Any = None
        self._has_warned = False
        self._workers = Workers(
            "stt",
            parallel=settings.parallel,
            waiting=settings.waiting,
            timeout_seconds=settings.timeout_seconds,
        )

    @property
    def info(self) -> EngineInfo:
        # Of a folder the name alone: visitors may be shown this.
        name = Path(self._name).name if Path(self._name).is_dir() else self._name
        return EngineInfo("stt", "whisper", name, paid=False, place="this machine")

    async def load(self) -> None:
        self._model = await asyncio.to_thread(self._load)

    async def close(self) -> None:
        self._workers.close()
        self._model = None

    async def transcribe(self, recording: Recording, language: str | None) -> str:
        with self._work(recording, language) as work:
            return await self._workers.run(work)

    async def transcribe_if_idle(self, recording: Recording, language: str | None) -> str | None:
        """As `HearsEarly` has it."""
        with self._work(recording, language) as work:
            return await self._workers.run_if_idle(work)

    @contextmanager
    def _work(self, recording: Recording, language: str | None) -> Iterator[Callable[[], str]]:
        """Yield what a thread is to do; it leaves off when the body of the `with` is left."""
        if self._model is None:
            raise WarmingUp("The assistant's ears are still warming up.", retry_after_seconds=5)
        unwanted = Event()
        try:
            yield partial(hear, self._model, recording, self._language(language), self._max_seconds, unwanted)
        finally:
            unwanted.set()

    def _language(self, language: str | None) -> str | None:
        """Return Whisper's code for a BCP 47 tag; None, so that it finds out, where there is none."""
        if language is None:
            return None
        code = language.partition("-")[0].lower()
        if code in self._model.model.supported_languages:
            return code
        if not self._has_warned:
            self._has_warned = True
            log.warning("%s was not made for the language %.12r; stt.model takes another.", self._name, code)
        return None

    def _load(self) -> Any:
        try:
            from faster_whisper import BatchedInferencePipeline, WhisperModel
        except ImportError as exc:
            raise ConfigError(
                f"stt.engine: faster-whisper is not installed; {LOCAL_EXTRA} brings it."
            ) from exc
        folder = self._folder()
        try:
            model = WhisperModel(
                str(folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=self._settings.threads,
                # The one more is for what is heard before its end; they share the weights.
                num_workers=self._settings.parallel + 1,
            )
            return BatchedInferencePipeline(model)
        except Exception as exc:
            raise ConfigError(
                f"stt.model (VOICECHAT_STT_MODEL): {folder} holds no model for faster-whisper."
            ) from exc

    def _folder(self) -> Path:
        name = self._name
        if name != TINY and Path(name).is_dir():
            return Path(name)
        if found := find(self._models, name, "stt"):
            return found
        setting = f"stt.model (VOICECHAT_STT_MODEL): {name!r}"
        if not is_ears_name(name):
            raise ConfigError(f"{setting} is no folder, and no model of faster-whisper.{known_near(name)}")
        from faster_whisper.utils import download_model

        try:
            # What other programs, or earlier versions of this one, put into Hugging Face's own folder.
            return Path(download_model(name, local_files_only=True))
        except Exception as exc:
            # Nothing is fetched here: a server that starts must not wait for a gigabyte.
            raise ConfigError(
                f"{setting} is not on this machine. To mend it: voicechat models pull {name}"
            ) from exc


def hear(model: Any, recording: Recording, language: str | None, max_seconds: float, unwanted: Event) -> str:
    """
    Return the words in *recording*, as *model*, a `BatchedInferencePipeline`, hears them. Blocks.

    Leaves off at the next window of at most 30 s once *unwanted* is set.
    """
    pcm = decode(recording, rate=HEARING_RATE, max_seconds=max_seconds)
    segments, _ = model.transcribe(
        np.frombuffer(pcm, "<i2").astype(np.float32) / 32_768,
        language=language,
        # Whisper makes words of silence and noise ("Thank you."); the voice detector that comes with
        # faster-whisper takes 2 ms a second of sound and leaves it nothing to make them of. Windows
        # end where nobody speaks: cut by Whisper's own timestamps, whole sentences can be lost.
        vad_filter=True,
        without_timestamps=True,
        batch_size=1,
        # What it is unsure of it would try again up to five times, and loops would feed on themselves.
        temperature=0.0,
        condition_on_previous_text=False,
    )
    words = []
    for segment in segments:  # each window is worked out when it is asked for
        if unwanted.is_set():
            break
        if segment.compression_ratio <= MOST_REPETITIVE:
            words.append(segment.text)
    return "".join(words).strip()
