"""A recording that is still arriving -> the sound of what is there, each piece decoded once."""

from __future__ import annotations

from typing import Any, Protocol

import av

from ..errors import UnknownFormat
from .decoding import mono
from .opus import packet_seconds
from .packets import NotRead, OggPackets, WebmPackets
from .pcm import HEARING_RATE, Resampler
from .recording import identify

_ENOUGH_BYTES = 12
"""With so many the container is told."""

_MOST_IDLE, _IDLE_PER_PACKET = 1_000, 8
"""
How much that is no packet of sound is gone through: in all, and for each packet that came.

Browsers write some 30 elements in front, and at most a cluster and a group with a packet. Ten megabytes of
two-byte elements, each of which is nothing, would keep a processor busy for seconds.
"""


class Arriving(Protocol):
    """The sound of one recording."""

    rate: int
    """Samples a second of what `feed` returns."""
    is_immediate: bool
    """Whether `feed` takes no time, and no memory for what it returns."""

    def feed(self, data: bytes) -> bytes:
        """
        Return the sound, 16 bit mono, that is complete with *data*. Blocks, unless it is immediate.

        Raises:
            NotRead: If it can't be read before its end; nothing may be fed any more.
        """

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing in what was fed that `feed` has not returned."""


class ArrivingPcm:
    """Raw sound of *rate*."""

    is_immediate = True

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._rest = b""

    @property
    def is_whole(self) -> bool:
        return not self._rest

    def feed(self, data: bytes) -> bytes:
        if not self._rest and not len(data) % 2:
            return data  # nearly always: not copied
        data = self._rest + data
        size = len(data) & ~1
        self._rest = data[size:]
        return data[:size]


class ArrivingFile:
    """Opus in WebM or Ogg, as the bytes tell, of at most *max_seconds*."""

    rate = HEARING_RATE
    is_immediate = False

    def __init__(self, max_seconds: float) -> None:
        self._left_seconds = max_seconds
        self._left_idle = _MOST_IDLE
        self._start = b""
        self._packets: WebmPackets | OggPackets | None = None
        self._decoder: Any = None
        self._resampler: Resampler | None = None

    @property
    def is_whole(self) -> bool:
        return self._packets is not None and self._packets.is_between

    def feed(self, data: bytes) -> bytes:
        if self._packets is None:
            self._start = data = self._start + data
            if len(data) < _ENOUGH_BYTES:
                return b""
            self._packets = _packets_of(data)
            self._start = b""
        pieces = []
        for packet in self._packets.feed(data):
            self._left_idle += _IDLE_PER_PACKET if packet else -1
            self._left_seconds -= packet_seconds(packet)
            if self._left_idle < 0 or self._left_seconds < 0:
                raise NotRead
            if packet:
                pieces.append(self._decode(packet, self._packets.head))
        return b"".join(pieces)

    def _decode(self, packet: bytes, head: bytes) -> bytes:
        if self._decoder is None:
            self._decoder = _opus_decoder(head)
        try:
            frames = self._decoder.decode(av.Packet(packet))
        except av.FFmpegError as exc:
            raise NotRead from exc
        pieces = []
        for frame in frames:
            if self._resampler is None:
                self._resampler = Resampler(frame.sample_rate, self.rate)
            pieces.append(self._resampler.push(mono(frame)))
        return b"".join(pieces)


def arriving(format: str | None, max_seconds: float) -> Arriving:
    """
    Return what reads a recording in *format*, as HELLO names it; None: the bytes tell.

    Of a format that can't be read before its end its first bytes say so.
    """
    if format is not None and format.startswith("pcm16/"):
        return ArrivingPcm(int(format.removeprefix("pcm16/")))
    return ArrivingFile(max_seconds)


def _packets_of(data: bytes) -> WebmPackets | OggPackets:
    try:
        container = identify(data)
    except UnknownFormat as exc:
        raise NotRead from exc
    if container == "webm":
        return WebmPackets()
    if container == "ogg":
        return OggPackets()
    raise NotRead


def _opus_decoder(head: bytes) -> Any:
    # Channels stand behind the version; of more than two a table follows that nobody's microphone needs.
    if not head.startswith(b"OpusHead") or len(head) < 19 or head[9] not in (1, 2) or head[18]:
        raise NotRead
    decoder: Any = av.CodecContext.create("opus", "r")
    decoder.extradata = head
    decoder.sample_rate = 48_000
    decoder.layout = "mono" if head[9] == 1 else "stereo"
    decoder.thread_count = 1
    return decoder
