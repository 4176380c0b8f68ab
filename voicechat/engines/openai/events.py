"""
An event stream's bytes -> the data of its events. Pure.

The format is "Server-sent events" of the HTML standard
(https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream), of which
a chat completion uses `data` alone: the other fields and the comments are read over.
"""

from __future__ import annotations

MAX_EVENT_BYTES = 1 << 20
"""No honest piece of an answer comes near it; without a bound one endless line would fill the memory."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventTooLarge(ValueError):
    """An event, or one line of it, is over the limit."""


class EventStream:
    """
    The reader of one stream.

    It works on bytes and leaves the text to the JSON parser: a line ends with an ASCII byte, which
    never stands inside a UTF-8 sequence, so a character cut in two by the network is whole again here.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_bytes = max_event_bytes
        self._line: list[bytes] = []
        """The line that has no end yet, as it came: joined once, when its end is there."""
        self._data: list[bytes] = []
        """The data lines of the event that has no end yet."""
        self._bytes = 0
        """Of both."""
        self._after_cr = False
        self._first = True

    def feed(self, data: bytes) -> list[bytes]:
        """
        Return the data of every event that *data* completes, in order.

        Raises:
            EventTooLarge: If what waits for its end is over the limit.
        """
        if not data:
            return []
        if self._after_cr or b"\r" in data:
            data = self._with_plain_ends(data)
        head, end, tail = data.rpartition(b"\n")
        self._bytes += len(data)
        events: list[bytes] = []
        if end:
            if self._line:
                head = b"".join((*self._line, head))
                self._line.clear()
            for line in head.split(b"\n"):
                self._take(line, events)
            self._bytes = len(tail) + sum(map(len, self._data))
        if tail:
            self._line.append(tail)
        if self._bytes > self._max_bytes:
            raise EventTooLarge(f"an event of more than {self._max_bytes} bytes")
        return events

    def _take(self, line: bytes, events: list[bytes]) -> None:
        if self._first:
            self._first = False
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if line[:5] == b"data:":
            self._data.append(line[6:] if line[5:6] == b" " else line[5:])
        elif line == b"data":
            self._data.append(b"")
        elif not line and self._data:
            events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
            self._data.clear()

    def _with_plain_ends(self, data: bytes) -> bytes:
        """CRLF and CR -> LF, also where CR and LF came apart. JSON has neither inside."""
        if self._after_cr:
            data = data.removeprefix(b"\n")
        self._after_cr = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
