"""A visitor's recording, and what it is, told by its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..errors import UnknownFormat

Container = Literal["wav", "mp3", "ogg", "flac", "webm", "mp4"]

MEDIA_TYPES: Mapping[Container, str] = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "webm": "audio/webm",
    "mp4": "audio/mp4",
}


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording as the visitor's side sent it, byte for byte."""

    data: bytes
    container: Container

    @property
    def file_name(self) -> str:
        """What to call it where it is uploaded: OpenAI-like APIs tell the format by the name's end."""
        return f"speech.{self.container}"


def identify(data: bytes) -> Container:
    """
    Tell the container by the first bytes; what a client says of its own file may be wrong.

    Raises:
        UnknownFormat: If it is none of those that are taken.
    """
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return "wav"
    if data.startswith(b"OggS"):
        return "ogg"
    if data.startswith(b"fLaC"):
        return "flac"
    if data.startswith(b"\x1a\x45\xdf\xa3"):  # EBML: Matroska, of which WebM is a part
        return "webm"
    if data[4:8] == b"ftyp":
        return "mp4"
    if data.startswith(b"ID3") or _is_mp3_frame(data):
        return "mp3"
    raise UnknownFormat(
        "This is no sound format that is understood here. WAV, MP3, OGG, FLAC, WebM and MP4 are."
    )


def _is_mp3_frame(data: bytes) -> bool:
    """Tell an MPEG audio frame of layer III by its header (ISO 11172-3, 2.4.1.3); AAC's ADTS has layer 0."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return False
    version, layer = data[1] >> 3 & 3, data[1] >> 1 & 3
    bit_rate, rate = data[2] >> 4, data[2] >> 2 & 3
    return version != 1 and layer == 1 and bit_rate != 15 and rate != 3
