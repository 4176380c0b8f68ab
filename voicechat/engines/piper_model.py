"""One Piper model in memory: what makes sound, and the times of words, of a text."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..audio import SPEECH_RATE, Resampler
from ..config import Tts
from ..errors import ConfigError
from ..models import LOCAL_EXTRA
from ..sentences import word_spans
from .interface import Speech
from .timed_voice import timed
from .word_times import PlacedWord, WordTimes, phoneme_ends, place_words

LONGEST_PHONEMES = 250
"""Some 12 s of speech, made in one go and in 220 MB; 400 take 380 MB."""

THREADS = min(2, max(1, (os.cpu_count() or 1) - 1))
"""Processor threads for one sentence. Four seconds of speech take one 0.3 s, and two 0.2 s at best; the event
loop wants a processor too."""

PEAK = 0.9
"""The loudest sample of a sentence; resampling and MP3 go a little over what they are given."""

QUIETEST_PEAK = 0.01
"""Under this a sentence is no speech and is not made louder."""


class PiperModel:
    """
    The model at *path*, an `.onnx` with its `.onnx.json` beside it. Everything blocks.

    *folder* is where a voice that tells the times of its words is kept; None: it tells none.
    *setting* is the one that names *path*, for who has to correct it.

    Raises:
        ConfigError: If it is no Piper voice.
    """

    def __init__(self, path: Path, folder: Path | None, setting: str) -> None:
        try:
            from onnxruntime import InferenceSession, SessionOptions
            from piper import PiperConfig, PiperVoice
        except ImportError as exc:
            raise ConfigError(f"tts.engine: piper-tts is not installed; {LOCAL_EXTRA} brings it.") from exc
        options = SessionOptions()
        options.intra_op_num_threads = THREADS
        # By default what waits for work spins.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            config = PiperConfig.from_dict(json.loads(Path(f"{path}.json").read_text("utf-8")))
            model = path if folder is None else timed(path, folder)
            session = InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as exc:
            raise ConfigError(
                f"{setting}: {path} and {path.name}.json beside it are no Piper voice."
            ) from exc
        self._voice = PiperVoice(session, config)

    def speaker(self, name: str) -> int | None:
        """Return the number of the speaker *name*; see `speaker_number`."""
        config = self._voice.config
        return speaker_number(name, config.speaker_id_map, config.num_speakers)

    def pieces(self, text: str, speaker: int | None, speed: float) -> Iterator[Speech]:
        """Yield *text* sentence by sentence, before each the times of its words where they are known."""
        from piper import SynthesisConfig

        voice: Any = self._voice
        synthesis = SynthesisConfig(speaker_id=speaker, length_scale=voice.config.length_scale / speed)
        rate = voice.config.sample_rate
        resampler = Resampler(rate, SPEECH_RATE)
        # Piper reads what stands in double brackets as phonemes.
        text = text.replace("[[", "[ ").replace("]]", " ]")
        sentences = voice.phonemize(text)
        times = WordTimes(self._placed(text, sentences))
        for phonemes in itertools.chain.from_iterable(map(cut, sentences)):
            numbers = voice.phonemes_to_ids(phonemes)
            audio, samples = voice.phoneme_ids_to_audio(numbers, synthesis, include_alignments=True)
            ends = None if samples is None else phoneme_ends(phonemes, voice.config.phoneme_id_map, samples)
            if ends is not None:
                ends_ms = [end * 1000 / rate for end in ends]
                yield tuple(times.of(ends_ms, len(audio) * 1000 / rate))
            yield resampler.push(_pcm(audio))
        yield resampler.flush()

    def _placed(self, text: str, sentences: list[list[str]]) -> list[PlacedWord]:
        """Return where the words of *text* are among the phonemes of *sentences*, if times are told."""
        voice: Any = self._voice
        if len(voice.session.get_outputs()) < 2:
            return []

        def phonemes(word: str) -> list[str]:
            return list(itertools.chain.from_iterable(voice.phonemize(word)))

        said = list(itertools.chain.from_iterable(sentences))
        return place_words(text, list(word_spans(text)), said, phonemes)


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
