"""The streamed form of mode v1: what a turn says, as events of one response."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import orjson
from aiohttp import web

from ..audio import mp3
from ..conversation import LiveTurn
from ..dialogue import AnswerAudio, AnswerText, End, Key, Mark, Transcript, TurnMessage
from ..errors import VoiceChatError
from ..turn import SoundFormat
from .errors import error_content

log = logging.getLogger("voicechat.v1")

_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    # nginx would gather the answer before it passes it on.
    "X-Accel-Buffering": "no",
}


class Reader:
    """
    One request of *tab* that follows one turn; messages wait for the response to be written.

    *streams* False: the turn's end is all that is waited for, and no message is kept.
    """

    def __init__(self, tab: str, *, streams: bool) -> None:
        self.tab = tab
        self._streams = streams
        self.messages: deque[TurnMessage] = deque()
        """What came since they were last taken; all of it is kept by the turn too."""
        self.more = asyncio.Event()

    def takes(self, format: SoundFormat) -> bool:
        return True

    def hear(self, key: Key, message: TurnMessage) -> None:
        if self._streams:
            self.messages.append(message)
            self.more.set()


class ReaderStalled(Exception):
    """
    Whoever asked takes nothing of *response* any more.

    The connection still has to be aborted: a close would wait for the same reader.
    """

    def __init__(self, response: web.StreamResponse) -> None:
        super().__init__("The reader of a stream stalled.")
        self.response = response


async def stream(
    request: web.Request,
    turn: LiveTurn,
    reader: Reader,
    write_seconds: float,
    unsaid: VoiceChatError | None,
) -> web.StreamResponse:
    """
    Write what *turn* says as it comes; *unsaid* as in `closing`.

    Raises:
        ReaderStalled: If a write took longer than *write_seconds*, or the connection is closing.
    """
    response = web.StreamResponse(headers=_HEADERS)
    async with _patience(response, write_seconds):
        await response.prepare(request)
    encoder = _Events(turn.sound.format)
    while not (turn.ended.is_set() and not reader.messages):
        await reader.more.wait()
        reader.more.clear()
        # What is ready together leaves in one write.
        messages = [reader.messages.popleft() for _ in range(len(reader.messages))]
        if events := b"".join([await encoder.encode(message) for message in messages]):
            async with _patience(response, write_seconds):
                await response.write(events)
    last = _encode("end", closing(turn, unsaid))
    if turn.error is not None:
        last = _encode("error", _error_content(turn.error))
    async with _patience(response, write_seconds):
        await response.write_eof(last)
    return response


@contextlib.asynccontextmanager
async def _patience(response: web.StreamResponse, seconds: float) -> AsyncIterator[None]:
    """Bound how long a reader may hold its turn, the turn's memory and its key."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as exc:
        log.warning("A reader took nothing of its stream for %g seconds", seconds)
        raise ReaderStalled(response) from exc
    except ConnectionError as exc:
        # Found out by writing, before this request is cancelled for it.
        raise ReaderStalled(response) from exc


def closing(turn: LiveTurn, unsaid: VoiceChatError | None) -> dict[str, Any]:
    """
    Return what the JSON reply has besides text and sound, which is also the stream's last event.

    *unsaid*: why this request gets no sound, where that is no failure of the turn's own.
    """
    content: dict[str, Any] = {
        "timings": {
            stage: turn.stages.took[stage]
            for stage in ("stt", "chat", "tts", "total")
            if stage in turn.stages.took
        }
    }
    if (speech_error := turn.speech_error or unsaid) is not None:
        content["audio_error"] = error_content(speech_error)["error"]
    if turn.sources:
        content["sources"] = turn.sources
    if turn.suggestions:
        content["suggestions"] = turn.suggestions
    return content


def _error_content(error: VoiceChatError) -> dict[str, Any]:
    """Return an error as an event has it: there are no headers any more to say when to come back."""
    content: dict[str, Any] = error_content(error)
    if error.retry_after_seconds is not None:
        content["error"] |= {"retry_after": error.retry_after_seconds}
    return content


def _encode(name: str, content: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(content))


class _Events:
    """Writes what a turn says as events, its sound as an MP3 for each sentence."""

    def __init__(self, format: SoundFormat) -> None:
        self._format = format
        self._sentence = bytearray()

    async def encode(self, message: TurnMessage) -> bytes:
        match message:
            case Transcript(text, _, True):
                return _encode("transcript", {"text": text})
            case AnswerText(_, text) if text:
                return _encode("text", {"text": text})
            case AnswerAudio(_, data) if self._format == "mp3":
                return _encode("audio", {"audio": base64.b64encode(data).decode()})
            case AnswerAudio(_, data):
                # The turn was begun in v2, in PCM: a sentence is whole at the next mark or the end.
                self._sentence += data
            case Mark(words=False) | End() if self._sentence:
                sound, self._sentence = bytes(self._sentence), bytearray()
                encoded = await asyncio.to_thread(mp3, sound)
                return _encode("audio", {"audio": base64.b64encode(encoded).decode()})
        return b""
