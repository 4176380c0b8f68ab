"""
The packets of Opus in a recording that is still arriving, taken out of WebM and Ogg as the bytes come.

FFmpeg's demuxers take a file that stops for one that has ended, and can't go on. What browsers write is
simple enough to be read here (RFC 9559, RFC 3533, RFC 7845). Of anything else `NotRead` says so: it can
still be heard when it is complete, by way of FFmpeg.
"""

from __future__ import annotations

from collections.abc import Iterator

_DESCENDED = {0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0xA0}
"""Segment, Cluster, Tracks, TrackEntry, BlockGroup: what they hold is read as if it stood outside."""

_CODEC, _HEAD, _NUMBER, _ENCODINGS = 0x86, 0x63A2, 0xD7, 0x6D80
_SIMPLE_BLOCK, _BLOCK = 0xA3, 0xA1
_BLOCK_HEAD_BYTES = 4
_LACED = 0x06

_MOST_ELEMENT_BYTES = 1 << 20
"""That are waited for until an element is complete; a block of Opus has at most some kilobytes."""

_PAGE_HEAD_BYTES = 27


class NotRead(Exception):
    """This recording can't be read before its end."""


class WebmPackets:
    """The packets of a WebM of one track in Opus."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._codec = b""
        self._tracks = 0
        self.head = b""
        """OpusHead; empty: it did not come yet."""

    @property
    def is_between(self) -> bool:
        """Whether all that came was taken: no element is half there."""
        return not self._data

    def feed(self, data: bytes) -> Iterator[bytes]:
        """
        Yield the packets that are complete with *data*, and nothing (`b""`) for what else was gone through.

        Raises:
            NotRead: If it is more than browsers write.
        """
        self._data += data
        pos = 0
        while (element := _element(self._data, pos)) is not None:
            id_, start, size = element
            if id_ in _DESCENDED:
                self._tracks += id_ == 0xAE
                pos = start
                yield b""
                continue
            if size is None or size > _MOST_ELEMENT_BYTES:
                raise NotRead
            if start + size > len(self._data):
                break
            pos = start + size
            yield self._take(id_, bytes(self._data[start:pos]))
        del self._data[:pos]

    def _take(self, id_: int, content: bytes) -> bytes:
        """Return the packet that an element holds, nothing where it is of another kind."""
        if id_ == _CODEC:
            self._codec = content
        elif id_ == _HEAD:
            self.head = content
        elif id_ == _ENCODINGS:
            raise NotRead
        elif id_ in (_SIMPLE_BLOCK, _BLOCK):
            is_plain = len(content) > _BLOCK_HEAD_BYTES and content[0] & 0x80 and not content[3] & _LACED
            if not is_plain or self._codec != b"A_OPUS" or self._tracks != 1:
                raise NotRead
            return content[_BLOCK_HEAD_BYTES:]
        return b""


def _element(data: bytearray, pos: int) -> tuple[int, int, int | None] | None:
    """
    Return the id of the element at *pos*, where its content begins and its size, None: unknown.

    None in place of all: it is not there yet.
    """
    if pos >= len(data):
        return None
    # Both are numbers whose zeros in front say of how many bytes they are; a size has that mark cut off.
    start = pos + 9 - data[pos].bit_length()
    if start > pos + 4:
        raise NotRead
    if start >= len(data):
        return None
    end = start + 9 - data[start].bit_length()
    if end > start + 8:
        raise NotRead
    if end > len(data):
        return None
    bits = 7 * (end - start)
    size = int.from_bytes(data[start:end], "big") - (1 << bits)
    return int.from_bytes(data[pos:start], "big"), end, None if size == (1 << bits) - 1 else size


class OggPackets:
    """The packets of an Ogg of one stream in Opus."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._serial = b""
        self._begun = bytearray()
        """Of a packet that goes on on the next page."""
        self._count = 0
        self.head = b""

    @property
    def is_between(self) -> bool:
        return not (self._data or self._begun)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """As `WebmPackets.feed`."""
        self._data += data
        while (page := self._page()) is not None:
            yield b""
            for packet in self._packets(*page):
                self._count += 1
                if self._count == 1:
                    if not packet.startswith(b"OpusHead"):
                        raise NotRead
                    self.head = packet
                elif self._count > 2:  # the second has the tags
                    yield packet

    def _page(self) -> tuple[bytes, bytes] | None:
        """Return the table of the next page that is complete, and what it holds; None: there is none."""
        data = self._data
        if len(data) < _PAGE_HEAD_BYTES or len(data) < _PAGE_HEAD_BYTES + data[26]:
            return None
        if data[:4] != b"OggS":
            raise NotRead
        start = _PAGE_HEAD_BYTES + data[26]
        table = bytes(data[_PAGE_HEAD_BYTES:start])
        end = start + sum(table)
        if end > len(data):
            return None
        self._serial = self._serial or bytes(data[14:18])
        if data[14:18] != self._serial:
            raise NotRead
        body = bytes(data[start:end])
        del data[:end]
        return table, body

    def _packets(self, table: bytes, body: bytes) -> Iterator[bytes]:
        pos = 0
        for size in table:
            self._begun += body[pos : pos + size]
            pos += size
            if len(self._begun) > _MOST_ELEMENT_BYTES:
                raise NotRead
            if size < 255:
                packet, self._begun = bytes(self._begun), bytearray()
                yield packet
