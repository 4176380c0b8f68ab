"""A chat completion's bytes -> the pieces of its text. Pure."""

from __future__ import annotations

from typing import Any

import orjson

from .events import EventStream, EventTooLarge
from .refusals import Refusal, Unusable


class Completion:
    """The reader of one streamed completion."""

    def __init__(self) -> None:
        self.done = False
        """Whether its end mark came: what follows is nothing to us."""
        self.finished = False
        """Whether the model said that it stops; servers that send no end mark stop at that."""
        self.failure: Refusal | Unusable | None = None
        """What went wrong behind the last piece; nothing after it is read."""
        self._events = EventStream()

    def feed(self, data: bytes) -> list[str]:
        """Return the pieces that *data* completes, in order; none is empty."""
        pieces: list[str] = []
        try:
            for event in self._events.feed(data):
                if event == b"[DONE]":
                    self.done = True
                    break
                self._take(event, pieces)
        except EventTooLarge as exc:
            self.failure = Unusable(str(exc))
        except (Refusal, Unusable) as exc:
            # Not raised: the pieces before it came in the same packet and are good.
            self.failure = exc
        return pieces

    def _take(self, event: bytes, pieces: list[str]) -> None:
        chunk = _parsed(event)
        try:
            choices = chunk.get("choices")
            if not choices or chunk.get("error"):
                _raise_if_refused(chunk)
                return  # the usage, or something of the server's own
            choice = choices[0]
            delta = choice.get("delta")
            text = delta.get("content") if delta else None
            if text and type(text) is str:
                pieces.append(text)
            if choice.get("finish_reason"):
                self.finished = True
        except (AttributeError, LookupError, TypeError) as exc:
            raise Unusable(f"an event that is no chunk of a completion: {event[:200]!r}") from exc


def plain_text(body: bytes) -> str:
    """
    Return the text of a completion that was not streamed; empty if it has none.

    Raises:
        Refusal: If it is an error in place of a completion.
        Unusable: If it is no completion.
    """
    content = _parsed(body)
    try:
        if not content.get("choices"):
            _raise_if_refused(content)
        text = content["choices"][0]["message"]["content"]
    except (AttributeError, LookupError, TypeError) as exc:
        raise Unusable(f"no completion: {body[:200]!r}") from exc
    return text if isinstance(text, str) else ""


def _parsed(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        raise Unusable(f"no JSON: {data[:200]!r}") from exc


def _raise_if_refused(content: dict[str, Any]) -> None:
    if error := content.get("error"):
        raise Refusal.in_stream(error)
    if content.get("object") == "error":  # vLLM, before it took over OpenAI's form
        raise Refusal.in_stream(content)
