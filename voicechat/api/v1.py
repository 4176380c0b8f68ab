"""Mode v1: one HTTP request, one answer, as JSON or as a stream of events."""

from __future__ import annotations

import asyncio
import base64
import secrets
from contextlib import suppress
from typing import Any

from aiohttp import web

from ..audio import mp3
from ..conversation import LiveTurn
from ..dialogue import Key, Message
from ..errors import KeyInUse, NotKept, Unauthorized, VoiceChatError
from ..guard import Share, is_minted
from ..turn import Question, Wish
from .bodies import (
    MessageBody,
    parse_before,
    parse_key,
    parse_message,
    parse_object,
    parse_tab,
    read_message,
    read_small,
)
from .errors import error_response, json_response
from .events import take_event
from .holding import HOLDING
from .house import HOUSE
from .streaming import Reader, ReaderStalled, closing, stream
from .visitors import VISITORS

OPEN_KEYS = web.AppKey("open_keys", set[tuple[str, Key]])
"""The keys of requests that are being answered just now."""

HISTORY_PAGE = 50
"""Messages in one page of a chat's history."""


async def post_message(request: web.Request) -> web.StreamResponse:
    """Answer one question (`POST /api/message`)."""
    visitors = request.app[VISITORS]
    visitors.check_not_draining()
    with visitors.answering():
        response = await _answer_body(request)
        # aiohttp would write it afterwards, when nothing tells any more that somebody still reads.
        with suppress(ConnectionError):
            await response.prepare(request)
            await response.write_eof()
        return response


async def _answer_body(request: web.Request) -> web.StreamResponse:
    limits = request.app[HOUSE].config.limits
    with request.app[HOLDING].share() as share:
        body = parse_message(await read_message(request, limits, share), limits)
        share.shrink_to(len(body.recording.data) if body.recording else 0)
        return await _answer(request, body, share)


async def _answer(request: web.Request, body: MessageBody, share: Share) -> web.StreamResponse:
    house = request.app[HOUSE]
    given_key = parse_key(request.headers.get("Idempotency-Key"))
    key = given_key or Key(secrets.token_urlsafe(16), 1)
    streams = "text/event-stream" in request.headers.get("Accept", "")
    reader = Reader(key.tab, streams=streams)
    wish = Wish("mp3", whole=not streams) if body.wants_speech and house.speaks else None
    conversation = await house.conversations.enter(body.id, reader, wish, body.language)
    try:
        request.app[VISITORS].check_not_draining()  # the body may have taken long to arrive
        with _Claim(request.app[OPEN_KEYS], conversation.chat, key):
            question = Question(
                body.text, body.recording, body.language, wish, can_come_back=given_key is not None
            )
            turn = await asyncio.shield(conversation.asking.ask(key, question, reader, lead_ms=None))
            request.app[HOLDING].keep(share, turn, body.recording)
            # Looked at before anything is awaited: what is kept now is sent, whatever is asked meanwhile.
            unsaid = _why_unsaid(turn) if wish else None
            try:
                seconds = house.config.limits.body_seconds
                return await (
                    stream(request, turn, reader, seconds, unsaid) if streams else _reply(turn, unsaid)
                )
            except (asyncio.CancelledError, ReaderStalled) as exc:
                if given_key is None:
                    # Nobody can ever ask for this answer again: what it costs would be wasted.
                    await conversation.abandon(turn)
                if isinstance(exc, asyncio.CancelledError):
                    raise
                if request.transport is not None:
                    request.transport.abort()
                return exc.response
    finally:
        conversation.leave(reader)


def _why_unsaid(turn: LiveTurn) -> NotKept | None:
    """Say that a repeated key comes too late for the sound: to speak it again would cost again."""
    return None if turn.sound.is_kept else NotKept("The sound of this answer is not kept any more.")


async def _reply(turn: LiveTurn, unsaid: VoiceChatError | None) -> web.Response:
    await turn.ended.wait()
    if turn.error is not None:
        return error_response(turn.error)
    content = closing(turn, unsaid)
    content["answer"] = turn.answer
    if turn.is_spoken:
        content["transcript"] = turn.transcript
    if sound := turn.sound.whole():
        if turn.sound.format != "mp3":
            sound = await asyncio.to_thread(mp3, sound)
        content["audio"] = base64.b64encode(sound).decode()
    return json_response(content)


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
    body = await _small_body(request)
    if (id_ := _bearer(request)) is None:
        return json_response({"chat": await house.conversations.create(), "next_turn": 1})
    content = parse_object(body, house.config.limits) if body else {}
    chat = await house.conversations.find(id_)
    last_turn = await house.rooms.store.last_turn(chat, parse_tab(content.get("tab", "")))
    return json_response({"chat": id_, "next_turn": last_turn + 1})


async def get_messages(request: web.Request) -> web.Response:
    """Page backwards through the history of a minted chat (`GET /api/messages?before=n`)."""
    house = request.app[HOUSE]
    id_ = _minted(request, "The history of a chat is given out")
    before = parse_before(request.query.get("before"))
    chat = await house.conversations.find(id_)
    messages, more = await house.rooms.store.messages(chat, before=before, limit=HISTORY_PAGE)
    return json_response({"messages": [message_content(m) for m in messages], "more": more})


def message_content(message: Message) -> dict[str, Any]:
    """Return a stored message as both modes show it."""
    content: dict[str, Any] = {
        "n": message.n,
        "role": message.role,
        "text": message.text,
        "heard": message.heard,
        "status": message.status,
        "at": round(message.at, 3),
    }
    if message.rating:
        content["rating"] = message.rating
    if message.sources:
        content["sources"] = message.sources
    return content


async def post_events(request: web.Request) -> web.Response:
    """Take what a page tells beside its questions (`POST /api/events`)."""
    house = request.app[HOUSE]
    id_ = _minted(request, "Events of a chat are taken")
    content = parse_object(await _small_body(request), house.config.limits)
    await take_event(content, await house.conversations.find(id_), house)
    return web.Response(status=204)


async def get_config(request: web.Request) -> web.Response:
    """Tell a page what WELCOME tells a socket (`GET /api/config`)."""
    house = request.app[HOUSE]
    engines = [
        {"job": info.job, "engine": info.name, "model": info.model, "paid": info.paid}
        for info in house.rooms.engines.infos()
    ]
    return json_response({"modes": house.modes, **house.facts(), "engines": engines})


async def _small_body(request: web.Request) -> bytearray:
    """Return a body that carries no recording; empty where there is none."""
    with request.app[HOLDING].share() as share:
        return await read_small(request, request.app[HOUSE].config.limits, share)


def _minted(request: web.Request, what: str) -> str:
    """
    Return the id of the Authorization header, which is one that a server gave.

    Raises:
        Unauthorized: If there is none, or it is a client's own; *what* is done for no other.
    """
    id_ = _bearer(request)
    if id_ is None or not is_minted(id_):
        raise Unauthorized(f"{what} for its id alone, in Authorization: Bearer.")
    return id_


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
