"""
How long a recording sounds that a browser wrote, told by its bytes alone.

FFmpeg takes a third to half a millisecond to open a recording of two seconds and hand out its packets,
and a thread besides: two fifths of what a spoken question costs the server. So the form is read here
that Chromium writes: one track of Opus, then clusters of simple blocks with a packet each (RFC 9559).
Of everything else, down to a single element more, nothing is said and FFmpeg is asked: this never
finds less sound than it would.
"""

from __future__ import annotations

from .opus import packet_seconds

_EBML, _SEGMENT, _INFO, _TRACKS, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
_TRACK, _AUDIO, _NUMBER, _CODEC = 0xAE, 0xE1, 0xD7, 0x86
_TIMESTAMP, _SIMPLE_BLOCK = 0xE7, 0xA3
_DOC_TYPE = 0x4282

_PARENTS = {
    # EBMLVersion, EBMLReadVersion, EBMLMaxIDLength, EBMLMaxSizeLength; DocType and its two versions
    _EBML: {0x4286, 0x42F7, 0x42F2, 0x42F3, _DOC_TYPE, 0x4287, 0x4285},
    # TimestampScale, MuxingApp, WritingApp
    _INFO: {0x2AD7B1, 0x4D80, 0x5741},
    _TRACKS: {_TRACK},
    # besides: TrackUID, TrackType, CodecPrivate, CodecDelay, SeekPreRoll
    _TRACK: {_NUMBER, 0x73C5, 0x83, _CODEC, 0x63A2, _AUDIO, 0x56AA, 0x56BB},
    # SamplingFrequency, Channels, BitDepth
    _AUDIO: {0xB5, 0x9F, 0x6264},
}
"""What the elements at a recording's head may hold: not, for one, the encoding of what is in a block."""

_BYTES = {_DOC_TYPE, 0x4D80, 0x5741, _CODEC, 0x63A2}
"""Elements of text or bytes; all others are numbers, of eight bytes at most."""

_MOST_ELEMENTS = 1_000
"""Forty seconds as Chromium writes; it bounds this to two milliseconds, so no thread is needed."""

_MOST_HEAD_BYTES = 1_000
"""Of each element before the clusters: what browsers write takes a tenth of it."""

_UNKNOWN = -1
_BLOCK_HEAD_BYTES = 4
_LACED = 0x06


def plain_seconds(data: bytes) -> float | None:
    """Return how long *data* sounds; None: it is not in the plain form, so FFmpeg is to tell."""
    try:
        return _seconds(data)
    except (IndexError, _NotPlainError):
        return None


class _NotPlainError(Exception):
    """There is more to it than browsers write."""


def _seconds(data: bytes) -> float:
    head: dict[int, bytes] = {}
    pos = _leaves(data, 0, _EBML, head)
    # By another one, what looks at the content itself may take it for something else, and longer.
    if head.get(_DOC_TYPE) != b"webm":
        raise _NotPlainError
    id_, start, size = _element(data, pos)
    if (id_, size) != (_SEGMENT, _UNKNOWN):
        raise _NotPlainError
    pos = _leaves(data, start, _INFO, {})
    track: dict[int, bytes] = {}
    pos = _leaves(data, pos, _TRACKS, track)
    if track.get(_CODEC) != b"A_OPUS" or data.find(_CLUSTER.to_bytes(4, "big"), 0, pos + 4) != pos:
        raise _NotPlainError
    # Of one byte, so a block begins with it and the bit that says so.
    number = track.get(_NUMBER, b"")
    if len(number) != 1 or not 0 < number[0] < 0x7F:
        raise _NotPlainError
    return _seconds_of_blocks(data, pos, 0x80 | number[0])


def _leaves(data: bytes, pos: int, wanted: int, found: dict[int, bytes]) -> int:
    """Put what the element *wanted* at *pos* holds, at any depth, into *found*; return where it ends."""
    id_, start, size = _element(data, pos)
    end = start + size
    if id_ != wanted or not 0 <= size <= _MOST_HEAD_BYTES or end > len(data):
        raise _NotPlainError
    pos = start
    while pos < end:
        id_, start, size = _element(data, pos)
        if id_ not in _PARENTS[wanted] or id_ in found or size == _UNKNOWN:
            raise _NotPlainError
        found[id_] = data[start : start + size]
        if id_ in _PARENTS:
            _leaves(data, pos, id_, found)
        elif id_ not in _BYTES and not 0 < size <= 8:
            raise _NotPlainError
        pos = start + size
    if pos != end:
        raise _NotPlainError
    return end


def _seconds_of_blocks(data: bytes, pos: int, track: int) -> float:
    seconds = 0.0
    for _ in range(_MOST_ELEMENTS):
        if pos == len(data):
            return seconds
        id_, start, size = _element(data, pos)
        pos = start + size
        if id_ == _SIMPLE_BLOCK:
            packet = start + _BLOCK_HEAD_BYTES
            if packet >= pos or data[start] != track or data[packet - 1] & _LACED:
                raise _NotPlainError
            seconds += packet_seconds(data[packet : min(packet + 2, pos)])
        elif id_ == _CLUSTER and size == _UNKNOWN:
            pos = start
        elif id_ != _TIMESTAMP or not 0 < size <= 8:
            raise _NotPlainError
    raise _NotPlainError


def _element(data: bytes, pos: int) -> tuple[int, int, int]:
    """Return the id of the element at *pos*, where its content begins, and the content's size."""
    # Both are numbers whose zeros in front say of how many bytes they are; a size has that mark cut off.
    start = pos + 9 - data[pos].bit_length()
    end = start + 9 - data[start].bit_length()
    if start > pos + 4 or end > start + 8 or end > len(data):
        raise _NotPlainError
    bits = 7 * (end - start)
    size = int.from_bytes(data[start:end], "big") - (1 << bits)
    return int.from_bytes(data[pos:start], "big"), end, _UNKNOWN if size == (1 << bits) - 1 else size
