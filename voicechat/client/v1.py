"""Mode v1 from the client's side: one HTTP request, one answer, whole or as a stream of events."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, Self

import aiohttp
import orjson

from .. import dialogue as d
from .errors import Failed, Gone
from .event_stream import EventStream
from .exchange import Exchange
from .interface import Wishes
from .moments import Asked, Moment, Sent
from .server import TIMEOUTS, Mode, ask_facts, check_mode, reaching
from .spoken import Spoken

STREAM = "text/event-stream"

CHUNK_BYTES = 65_536
"""Of a body in one write, so that it can be told when the last of it has left."""


class V1Client:
    """See `Client`; *streams* False: the answer comes whole, as JSON."""

    mode: Mode = "v1"
    sound_format = "mp3"

    def __init__(self, url: str, wishes: Wishes | None = None, *, streams: bool = True) -> None:
        self._url = url
        self._wishes = wishes or Wishes()
        self._streams = streams
        self._http: aiohttp.ClientSession
        self._exchange: Exchange | None = None
        self.chat = self._wishes.chat or ""
        self.facts: d.Json = {}

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(timeout=TIMEOUTS, auto_decompress=False)
        try:
            self.facts = await ask_facts(self._http, self._url)
            check_mode(self.facts, self.mode, self._url)
            if not self.chat:
                await self._make_chat()
        except BaseException:
            await self._http.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def _make_chat(self) -> None:
        with reaching(self._url):
            async with self._http.post(f"{self._url}/api/chats") as response:
                body = await response.read()
        if response.status != 200:
            raise _failure(response, body)
        with _as_v1():
            self.chat = orjson.loads(body)["chat"]

    def ask(self, text: str) -> AsyncGenerator[Moment, None]:
        return self._converse(text, None)

    def ask_spoken(self, spoken: Spoken) -> AsyncGenerator[Moment, None]:
        return self._converse(None, spoken)

    async def played(self, ms: int, flags: d.PlayedFlag = d.PlayedFlag.NONE) -> None:
        """In v1 the server does not want to know."""

    async def cancel(self, heard_ms: int) -> None:
        """Go away: without a key of the request that stops the engines."""
        if self._exchange is not None:
            await self._exchange.note(d.End(0, heard_ms, d.EndFlag.CUT))

    async def _converse(self, text: str | None, spoken: Spoken | None) -> AsyncGenerator[Moment, None]:
        exchange = self._exchange = Exchange(0, self._wishes.patience_seconds)
        async with exchange.doing(self._ask(text, spoken, exchange)), aclosing(exchange.moments()) as moments:
            async for moment in moments:
                yield moment

    async def _ask(self, text: str | None, spoken: Spoken | None, exchange: Exchange) -> None:
        question: dict[str, Any] = {"message": text}
        if spoken is not None:
            question = {"audio": base64.b64encode(await spoken.whole()).decode()}
        await exchange.note(Asked())
        if self._wishes.language:
            question["language"] = self._wishes.language
        question["speech"] = self._wishes.speech
        try:
            await self._post(question, exchange)
        except Failed as exc:
            if exc.code != "chat_gone" or self.chat == self._wishes.chat:
                raise
            # Ours lay idle for too long and was forgotten; one that was asked for by name is told.
            await self._make_chat()
            await self._post(question, exchange)

    async def _post(self, question: dict[str, Any], exchange: Exchange) -> None:
        body = orjson.dumps({"id": self.chat, **question})
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        if self._streams:
            headers["Accept"] = STREAM
        with reaching(self._url):
            async with self._http.post(
                f"{self._url}/api/message", data=_leaving(body, exchange), headers=headers
            ) as response:
                if response.status == 200 and response.content_type == STREAM:
                    await _take_events(response, exchange)
                else:
                    await _take_whole(response, exchange)


async def _leaving(body: bytes, exchange: Exchange) -> AsyncIterator[bytes]:
    for start in range(0, len(body), CHUNK_BYTES):
        chunk = body[start : start + CHUNK_BYTES]
        yield chunk
        exchange.went_up(len(chunk))
    await exchange.note(Sent())


async def _take_whole(response: aiohttp.ClientResponse, exchange: Exchange) -> None:
    body = bytearray()
    async for data in response.content.iter_any():
        exchange.came_down(len(data))
        body += data
    if response.status != 200:
        raise _failure(response, body)
    telling = _Telling(exchange)
    with _as_v1():
        reply = orjson.loads(body)
        if "transcript" in reply:
            await telling.tell("transcript", {"text": reply["transcript"]})
        await telling.tell("text", {"text": reply["answer"]})
        if "audio" in reply:
            await telling.tell("audio", reply)
        await telling.tell("end", reply)


async def _take_events(response: aiohttp.ClientResponse, exchange: Exchange) -> None:
    stream, telling = EventStream(), _Telling(exchange)
    async for data in response.content.iter_any():
        exchange.came_down(len(data))
        with _as_v1():
            for name, content in stream.feed(data):
                await telling.tell(name, content)
    if not exchange.is_over:
        raise Gone("The connection ended in the middle of the answer.")


@contextmanager
def _as_v1() -> Iterator[None]:
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError) as exc:
        raise Gone("The server's answer is none of mode v1.") from exc


class _Telling:
    """Says in the words of `dialogue` what the events of one answer say."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._text_bytes = 0

    async def tell(self, name: str, content: dict[str, Any]) -> None:
        note = self._exchange.note
        match name:
            case "transcript":
                text = content["text"]
                await note(d.Transcript(text, len(text.encode()), final=True))
            case "text":
                await note(d.AnswerText(self._text_bytes, content["text"]))
                self._text_bytes += len(content["text"].encode())
            case "audio":
                await note(d.AnswerAudio(0, base64.b64decode(content["audio"])))
            case "error":
                error = content["error"]
                await note(d.Fault(error["code"], error["message"], error.get("retry_after")))
                await note(d.End(self._text_bytes, 0, d.EndFlag.FAILED))
            case "end":
                await self._end(content)

    async def _end(self, content: dict[str, Any]) -> None:
        note = self._exchange.note
        flags = d.EndFlag.COMPLETE
        if (unsaid := content.get("audio_error")) is not None:
            flags |= d.EndFlag.UNSAID
            await note(d.Fault(unsaid["code"], unsaid["message"]))
        if content.get("sources"):
            await note(d.ServerEvent({"type": "sources", "sources": content["sources"]}))
        await note(d.Timing(content.get("timings", {})))
        await note(d.End(self._text_bytes, 0, flags))


def _failure(response: aiohttp.ClientResponse, body: bytes | bytearray) -> Failed:
    """Return what the server says went wrong, or that something between us and it does."""
    try:
        error = orjson.loads(body)["error"]
        code, message = str(error["code"]), str(error["message"])
    except (ValueError, LookupError, TypeError):
        code = f"http_{response.status}"
        message = f"HTTP {response.status} {response.reason or ''} and nothing that a voicechat says."
    seconds = response.headers.get("Retry-After", "")
    return Failed(message, code, float(seconds) if seconds.isdecimal() else None)
