"""Reads `text/event-stream`, as far as mode v1 uses it: the event's name and one line of JSON."""

from __future__ import annotations

from typing import Any

import orjson


class EventStream:
    """Feed it the bytes as they come."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[str, dict[str, Any]]]:
        """
        Return the events that are complete with *data*: name and content.

        Raises:
            ValueError: If it is no stream of such events.
        """
        *blocks, self._rest = (self._rest + data).split(b"\n\n")
        return [_event(block) for block in blocks if block.strip()]


def _event(block: bytes) -> tuple[str, dict[str, Any]]:
    fields = dict(line.partition(b": ")[::2] for line in block.splitlines())
    content = orjson.loads(fields.get(b"data", b""))
    if not isinstance(content, dict):
        raise ValueError("the data of an event is an object")
    return fields.get(b"event", b"message").decode(), content
