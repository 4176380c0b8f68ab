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
from ..wire import LONGEST_TAB, parse_language

# Bounded, for Python refuses to read a number of thousands of digits.
_TURN = re.compile(r"[0-9]{1,5}")
_MESSAGE = re.compile(r"[0-9]{1,10}")


MAX_BRACKETS = 100
"""Opening brackets of a body beside those that the visitor typed."""


def max_body_bytes(limits: Limits) -> int:
    """Return how large a body may be: the largest recording in base64, and some room for the rest."""
    return limits.recording_bytes * 4 // 3 + limits.text_chars * 12 + 4096


async def read_json(request: web.Request, limits: Limits) -> dict[str, Any]:
    """
    Raises:
        BadRequest, TooLarge, UnknownFormat: If the body is no JSON object within the limits.
    """
    if "Content-Encoding" in request.headers:
        raise UnknownFormat("Send the body as it is, without Content-Encoding.")
    try:
        async with asyncio.timeout(limits.body_seconds):
            body = await request.read()
    except TimeoutError as exc:
        raise BadRequest(f"The body did not arrive within {limits.body_seconds:g} seconds.") from exc
    except web.HTTPRequestEntityTooLarge as exc:
        raise TooLarge(
            f"A request has at most {max_body_bytes(limits):,} bytes, "
            f"the recording in it at most {limits.recording_bytes:,}."
        ) from exc
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
    if not 1 <= len(tab) <= LONGEST_TAB or not _TURN.fullmatch(turn) or not 1 <= int(turn) <= 0x7FFF:
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
