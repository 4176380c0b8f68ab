"""Mode v1: one HTTP request, one answer, as JSON or as a stream of events."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections import deque
from typing import Any

import orjson
from aiohttp import web

from ..audio import mp3
from ..conversation import Conversation, LiveTurn
from ..dialogue import AnswerAudio, AnswerText, End, Key, Mark, Message, Transcript
from ..errors import ChatGone, KeyInUse
from ..turn import Question, SoundFormat, Wish
from .bodies import MessageBody, parse_key, parse_message, read_json
from .errors import cors_headers, error_content, error_response, json_response
from .house import HOUSE, House

OPEN_KEYS = web.AppKey("open_keys", set[tuple[str, Key]])
"""The keys of requests that are being answered just now."""

HISTORY_PAGE = 50
"""Messages in one page of a chat's history."""


class Reader:
    """One request that follows its turn; messages wait for the response to be written."""

    def __init__(self, tab: str) -> None:
        self.tab = tab
        self.messages: deque[Any] = deque()
        """What came since they were last taken; all of it is kept by the turn too."""
        self.more = asyncio.Event()

    def takes(self, format: SoundFormat) -> bool:
        return True

    def hear(self, key: Key, message: Any) -> None:
        self.messages.append(message)
        self.more.set()


async def post_message(request: web.Request) -> web.StreamResponse:
    """Answer one question (`POST /api/message`)."""
    house = request.app[HOUSE]
    body = parse_message(await read_json(request, house.config.limits), house.config.limits)
    given_key = parse_key(request.headers.get("Idempotency-Key"))
    key = given_key or Key(secrets.token_urlsafe(16), 1)
    streams = "text/event-stream" in request.headers.get("Accept", "")
    conversation = await house.conversations.open(body.id)
    reader = Reader(key.tab)
    conversation.join(reader)
    try:
        with _Claim(request.app[OPEN_KEYS], conversation.chat, key):
            turn = await _ask(house, conversation, reader, key, body, whole=not streams)
            try:
                return await (_stream(request, turn, reader) if streams else _reply(turn))
            except asyncio.CancelledError:
                if given_key is None:
                    # Nobody can ever ask for this answer again: what it costs would be wasted.
                    await conversation.abandon(turn)
                raise
    finally:
        conversation.leave(reader)


async def _ask(
    house: House, conversation: Conversation, reader: Reader, key: Key, body: MessageBody, *, whole: bool
) -> LiveTurn:
    wish = Wish("mp3", whole) if body.wants_speech and house.speaks else None
    question = Question(body.text, body.recording, body.language, wish)
    return await conversation.ask(key, question, reader, lead_ms=None)


async def _reply(turn: LiveTurn) -> web.Response:
    await turn.ended.wait()
    if turn.error is not None:
        return error_response(turn.error)
    content = _closing(turn)
    content["answer"] = turn.answer
    if turn.is_spoken:
        content["transcript"] = turn.transcript
    if sound := turn.sound.whole():
        if turn.sound.format != "mp3":
            sound = await asyncio.to_thread(mp3, sound)
        content["audio"] = base64.b64encode(sound).decode()
    return json_response(content)


def _closing(turn: LiveTurn) -> dict[str, Any]:
    """Return what the JSON reply has besides text and sound, which is also the stream's last event."""
    content: dict[str, Any] = {
        "timings": {
            stage: turn.timings[stage] for stage in ("stt", "chat", "tts", "total") if stage in turn.timings
        }
    }
    if turn.speech_error is not None:
        content["audio_error"] = error_content(turn.speech_error)["error"]
    if turn.sources:
        content["sources"] = [{"title": s.title, "url": s.url} for s in turn.sources]
    return content


async def _stream(request: web.Request, turn: LiveTurn, reader: Reader) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    if origin := request.headers.get("Origin"):
        response.headers.update(cors_headers(origin))
    await response.prepare(request)
    encoder = _Events(turn.sound.format)
    while not (turn.ended.is_set() and not reader.messages):
        await reader.more.wait()
        reader.more.clear()
        # What is ready together leaves in one write.
        messages = [reader.messages.popleft() for _ in range(len(reader.messages))]
        if events := b"".join([await encoder.encode(message) for message in messages]):
            await response.write(events)
    if turn.error is not None:
        await response.write(_encode("error", error_content(turn.error)))
    else:
        await response.write(_encode("end", _closing(turn)))
    await response.write_eof()
    return response


def _encode(name: str, content: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(content))


class _Events:
    """Writes what a turn says as events, its sound as an MP3 for each sentence."""

    def __init__(self, format: SoundFormat) -> None:
        self._format = format
        self._sentence = bytearray()

    async def encode(self, message: Any) -> bytes:
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
            case Mark() | End() if self._sentence:
                sound, self._sentence = bytes(self._sentence), bytearray()
                encoded = await asyncio.to_thread(mp3, sound)
                return _encode("audio", {"audio": base64.b64encode(encoded).decode()})
        return b""


class _Claim:
    """Holds a key while a request with it is open."""

    def __init__(self, open_keys: set[tuple[str, Key]], chat: str, key: Key) -> None:
        self._open_keys = open_keys
        self._entry = (chat, key)

    def __enter__(self) -> None:
        if self._entry in self._open_keys:
            raise KeyInUse("A request with this key is being answered just now.")
        self._open_keys.add(self._entry)

    def __exit__(self, *_: object) -> None:
        self._open_keys.discard(self._entry)


async def post_chats(request: web.Request) -> web.Response:
    """Make a chat, or find the one of the Authorization header again (`POST /api/chats`)."""
    house = request.app[HOUSE]
    if (id_ := _bearer(request)) is None:
        return json_response({"chat": await house.conversations.create(), "next_turn": 1})
    content = await read_json(request, house.config.limits) if request.can_read_body else {}
    conversation = await house.conversations.open(id_)
    last_turn = await house.rooms.store.last_turn(conversation.chat, str(content.get("tab", "")))
    return json_response({"chat": id_, "next_turn": last_turn + 1})


async def get_messages(request: web.Request) -> web.Response:
    """Page backwards through the history of a minted chat (`GET /api/messages?before=n`)."""
    house = request.app[HOUSE]
    id_ = _bearer(request)
    if id_ is None or not id_.startswith("c_"):
        raise ChatGone("The history of a chat is given out for its id alone, in Authorization: Bearer.")
    conversation = await house.conversations.open(id_)
    before = request.query.get("before", "")
    messages, more = await house.rooms.store.messages(
        conversation.chat,
        before=int(before) if before.isascii() and before.isdigit() else None,
        limit=HISTORY_PAGE,
    )
    return json_response({"messages": [message_content(m) for m in messages], "more": more})


def message_content(message: Message) -> dict[str, Any]:
    """Return a stored message as both modes show it."""
    content: dict[str, Any] = {
        "n": message.n,
        "role": message.role,
        "text": message.text,
        "heard": message.heard,
        "status": message.status,
    }
    if message.sources:
        content["sources"] = [{"title": s.title, "url": s.url} for s in message.sources]
    return content


async def get_config(request: web.Request) -> web.Response:
    """Tell a page what WELCOME tells a socket (`GET /api/config`)."""
    house = request.app[HOUSE]
    engines = [
        {"job": info.job, "engine": info.name, "model": info.model, "paid": info.paid}
        for info in house.rooms.engines.infos()
    ]
    return json_response({"modes": house.modes, **house.facts(), "engines": engines})


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
