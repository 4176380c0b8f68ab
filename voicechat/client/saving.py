"""The sound of an answer as one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..audio import SPEECH_RATE, Recording, decode, mp3, wav
from ..errors import VoiceChatError
from .errors import Failed

ENDINGS = (".wav", ".mp3")

LONGEST_SECONDS = 3600.0
"""Of one answer's sound."""


def pcm_of(sounds: Sequence[bytes], format: str) -> bytes:
    """
    Return *sounds*, pieces of a client's `sound_format`, as PCM of `audio.SPEECH_RATE`. Blocks.

    Raises:
        Failed: If one can't be decoded.
    """
    if format != "mp3":
        return b"".join(sounds)
    try:
        return b"".join(
            decode(Recording(sound, "mp3"), rate=SPEECH_RATE, max_seconds=LONGEST_SECONDS) for sound in sounds
        )
    except VoiceChatError as exc:
        raise Failed(f"The server's sound is no MP3: {exc}", exc.code) from exc


def save(path: Path, sounds: Sequence[bytes], format: str) -> None:
    """
    Write *sounds* to *path*, as its ending says. Blocks.

    Raises:
        Failed: If one can't be decoded.
        OSError: If the file can't be written.
    """
    if path.suffix.lower() == ".wav":
        content = wav(pcm_of(sounds, format), SPEECH_RATE)
    elif format == "mp3" and len(sounds) == 1:
        content = sounds[0]
    else:
        # Sentences are files of their own, each with silence of its encoder's around it.
        content = mp3(pcm_of(sounds, format))
    path.write_bytes(content)
