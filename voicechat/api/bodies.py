"""Request bodies: read within limits, checked once."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from ..audio import Recording, identify
from ..config import Limits
from ..dialogue import Key
from ..errors import BadAudio, BadRequest, TooLarge, UnknownFormat
from ..guard import Share
from ..wire import LONGEST_TAB, parse_language

# Bounded, for Python refuses to read a number of thousands of digits.
_TURN = re.compile(r"[0-9]{1,5}")
_MESSAGE = re.compile(r"[0-9]{1,10}")


MAX_BRACKETS = 100
"""Opening brackets of a body beside those that the visitor typed."""


SMALL_BODY_BYTES = 65_536
"""Of a request that carries no recording."""


def max_body_bytes(limits: Limits) -> int:
    """Return how large a body may be: the largest recording in base64, and some room for the rest."""
    return limits.recording_bytes * 4 // 3 + limits.text_chars * 12 + 4096


async def read_message(request: web.Request, limits: Limits, share: Share) -> dict[str, Any]:
    """
    Read a body that may carry a recording; *share* has its bytes from then on.

    Raises:
        BadRequest, TooLarge, UnknownFormat: If the body is no JSON object within the limits.
        Unavailable: If the server holds too much already.
    """
    most = max_body_bytes(limits)
    too_large = (
        f"A request has at most {most:,} bytes, the recording in it at most {limits.recording_bytes:,}."
    )
    return parse_object(await _read(request, limits, share, most, too_large), limits)


async def read_small(request: web.Request, limits: Limits, share: Share) -> bytearray:
    """
    Read a body that carries no recording; otherwise as `read_message`.

    Raises:
        BadRequest, TooLarge, UnknownFormat, Unavailable: As `read_message` does.
    """
    most = SMALL_BODY_BYTES
    return await _read(request, limits, share, most, f"A request to this address has at most {most:,} bytes.")


async def _read(request: web.Request, limits: Limits, share: Share, most: int, too_large: str) -> bytearray:
    if "Content-Encoding" in request.headers:
        raise UnknownFormat("Send the body as it is, without Content-Encoding.")
    if (request.content_length or 0) > most:
        raise TooLarge(too_large)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.content.iter_any():
                if len(body) + len(chunk) > most:
                    raise TooLarge(too_large)
                share.grow(len(chunk))
                body += chunk
    except TimeoutError as exc:
        raise BadRequest(f"The body did not arrive within {limits.body_seconds:g} seconds.") from exc
    return body


def parse_object(body: bytearray, limits: Limits) -> dict[str, Any]:
    """
    Raises:
        BadRequest: If *body* is no JSON object of a size that a request has.
    """
    if body.count(b"{") + body.count(b"[") > limits.text_chars + MAX_BRACKETS:
        # Parsed, ten megabytes of empty objects become hundreds: no question has so many brackets.
        raise BadRequest("The body holds more objects than a request has.")
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise BadRequest("The body is no JSON.") from exc
    if not isinstance(content, dict):
        raise BadRequest("The body is a JSON object.")
    return content


@dataclass(frozen=True, slots=True)
class MessageBody:
    """What `POST /api/message` is asked, checked."""

    id: str
    text: str | None
    recording: Recording | None
    language: str | None
    wants_speech: bool


def parse_message(content: dict[str, Any], limits: Limits) -> MessageBody:
    """
    Raises:
        BadRequest, TooLarge, BadAudio, UnknownFormat: Names the field that is wrong.
    """
    id_, text, audio = content.get("id"), content.get("message"), content.get("audio")
    if not isinstance(id_, str):
        raise BadRequest("The field id is missing: the chat's id, a string.")
    if (text is None) == (audio is None):
        raise BadRequest("Send exactly one of message and audio.")
    language = parse_language(content.get("language"))
    if not isinstance(wants_speech := content.get("speech", True), bool):
        raise BadRequest("The field speech is true or false.")
    if audio is not None:
        return MessageBody(id_, None, _parse_audio(audio, limits), language, wants_speech)
    return MessageBody(id_, _parse_text(text, limits), None, language, wants_speech)


def _parse_text(text: Any, limits: Limits) -> str:
    if not isinstance(text, str) or not text.strip():
        raise BadRequest("The field message is what the visitor typed, not empty.")
    if len(text) > limits.text_chars:
        raise TooLarge(f"A question has at most {limits.text_chars:,} characters.")
    return text


def _parse_audio(audio: Any, limits: Limits) -> Recording:
    if not isinstance(audio, str):
        raise BadRequest("The field audio is base64 of one recording.")
    if audio.startswith("data:"):
        # What a browser's FileReader gives for a recording.
        audio = audio.partition(",")[2]
    too_large = TooLarge(f"A recording has at most {limits.recording_bytes:,} bytes.")
    if len(audio) * 3 // 4 > limits.recording_bytes + 2:
        raise too_large  # before anything is decoded
    try:
        data = base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise BadAudio("The field audio is no base64.") from exc
    if len(data) > limits.recording_bytes:
        raise too_large
    if not data:
        raise BadAudio("The recording is empty.")
    return Recording(data, identify(data))


def parse_key(header: str | None) -> Key | None:
    """
    Return the key of an `Idempotency-Key: <tab>:<turn>` header; None: there is none.

    Raises:
        BadRequest: If it has another form.
    """
    if header is None:
        return None
    tab, _, turn = header.rpartition(":")
    if (
        not 1 <= len(tab) <= LONGEST_TAB
        or not tab.isprintable()
        or not _TURN.fullmatch(turn)
        or not 1 <= int(turn) <= 0x7FFF
    ):
        raise BadRequest("Idempotency-Key is <tab>:<turn>, the turn from 1 to 32767.")
    return Key(tab, int(turn))


def parse_before(value: str | None) -> int | None:
    """
    Return the number of a message, as in `?before=n`; None: there is none.

    Raises:
        BadRequest: If it is no number.
    """
    if value is None:
        return None
    if not _MESSAGE.fullmatch(value):
        raise BadRequest("The parameter before is the number of a message.")
    return int(value)


def parse_tab(tab: Any) -> str:
    """
    Raises:
        BadRequest: If *tab* is no name of a tab; empty stands for none.
    """
    if not isinstance(tab, str) or len(tab) > LONGEST_TAB:
        raise BadRequest(f"`tab` is a text of at most {LONGEST_TAB} characters.")
    return tab
