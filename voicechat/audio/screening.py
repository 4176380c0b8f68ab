"""
What a recording may not bring to the demuxer.

FFmpeg's demuxers believe what a file says of itself before they have read it, and a file of a few
kilobytes can say what fills gigabytes. What can be left out is left out; what can't is refused.
The sizes below were measured with FFmpeg 8.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from ..errors import BadAudio
from .recording import Recording

_BROKEN = "The recording is damaged: its parts do not fit together."


def screened(recording: Recording) -> bytes:
    """
    Return the bytes of *recording* that are safe to demux.

    Raises:
        BadAudio: If its structure is broken or claims far more sound than its bytes can hold.
    """
    data = recording.data
    if recording.container == "wav":
        return _format_and_samples(data)
    if recording.container == "mp3":
        return _without_tags(data)
    if recording.container == "mp4":
        _refuse_more_samples_than_fit(data)
    # Its head names its type. By another one, who looks at the content itself may find another file in
    # it, and a longer one: FFmpeg, asked without a name, heard 16 s of MPEG-TS in a WebM of 20 ms.
    if recording.container == "webm" and b"webm" not in data[:64] and b"matroska" not in data[:64]:
        raise BadAudio(_BROKEN)
    return data


def _format_and_samples(data: bytes) -> bytes:
    """
    Return a WAV file of the two chunks that are sound.

    The others may be tags of compressed text. A header written before its length was known says 0
    or the largest number; such samples go on to the end of the file.
    """
    form, pos = b"", 12
    while pos + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, pos)
        pos += 8
        if name == b"fmt ":
            form = data[pos : pos + size]
        elif name == b"data":
            samples = data[pos : pos + size] if size else data[pos:]
            return b"".join(
                (
                    struct.pack("<4sI4s", b"RIFF", 20 + len(form) + len(samples), b"WAVE"),
                    struct.pack("<4sI", b"fmt ", len(form)) + form,
                    struct.pack("<4sI", b"data", len(samples)) + samples,
                )
            )
        pos += size + size % 2
    raise BadAudio(_BROKEN)


def _without_tags(data: bytes) -> bytes:
    """Cut off ID3v2 tags: their text may be compressed (220 kB of it took 200 MB)."""
    pos = 0
    while data[pos : pos + 3] == b"ID3" and pos + 10 <= len(data):
        flags = data[pos + 5]
        size = 0
        for byte in data[pos + 6 : pos + 10]:
            size = size << 7 | byte & 0x7F
        pos += 10 + size + (10 if flags & 0x10 else 0)
    return data[pos:]


_COUNTED_BOXES = re.compile(
    rb"(?:stsz|stz2).{8}(?P<count>.{4})|trun.{4}(?P<run>.{4})|(?P<packed>cmov)", re.DOTALL
)


def _refuse_more_samples_than_fit(data: bytes) -> None:
    """
    Refuse an MP4 whose tables speak of more samples than its bytes can hold.

    FFmpeg makes room for every one of them at once: a file of 5 kB took 1.8 GB. The boxes are looked
    for as text in all but the media data, because FFmpeg takes them at any depth.
    """
    claimed = 0
    for box in _boxes_but_media(data):
        for found in _COUNTED_BOXES.finditer(box):
            if found["packed"]:  # tables that are compressed themselves
                raise BadAudio(_BROKEN)
            claimed += int.from_bytes(found["count"] or found["run"], "big")
    # Four bytes are a sample's entry in its table; the sample itself comes on top.
    if claimed > len(data) // 4:
        raise BadAudio(_BROKEN)


def _boxes_but_media(data: bytes) -> Iterator[bytes]:
    pos = 0
    while pos + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, pos)
        head = 8
        if size == 1 and pos + 16 <= len(data):  # the size follows in 64 bits
            (size,) = struct.unpack_from(">Q", data, pos + 8)
            head = 16
        elif size == 0:  # to the end of the file
            size = len(data) - pos
        if size < head:
            raise BadAudio(_BROKEN)
        if name != b"mdat":
            yield data[pos : pos + size]
        pos += size
