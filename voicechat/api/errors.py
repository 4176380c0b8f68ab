"""Errors as answers, and which pages may read them: what happens around every request."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable, Mapping

import orjson
from aiohttp import web

from ..errors import BadMethod, BadRequest, NotFound, OriginRefused, VoiceChatError
from .house import HOUSE

log = logging.getLogger("voicechat.api")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_READER = web.RequestKey("reader", str)
"""The allowed origin whose page may read the response."""

_HAS_BEGUN = web.RequestKey("has_begun", bool)
"""Set once the first bytes of a response are on their way, or the connection is a WebSocket."""


def json_response(content: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(content), status=status, content_type="application/json")


def error_content(error: VoiceChatError) -> dict[str, object]:
    return {"error": {"code": error.code, "message": str(error)}}


def error_response(error: VoiceChatError, headers: Mapping[str, str] | None = None) -> web.Response:
    response = json_response(error_content(error), error.status)
    response.headers.update(headers or {})
    if error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after_seconds))
    return response


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """
    Answer every error as JSON with its code; details of unexpected ones go to the log only.

    Where a response has begun, a second one would land in the middle of it: there the error goes on
    to aiohttp, which logs it and cuts the connection.
    """
    try:
        return await handler(request)
    except Exception as exc:
        if _HAS_BEGUN in request:
            raise
        return error_response(_as_ours(exc))


def _as_ours(error: Exception) -> VoiceChatError:
    match error:
        case VoiceChatError():
            return error
        case web.HTTPNotFound():
            return NotFound("There is nothing at this address.")
        case web.HTTPMethodNotAllowed():
            return BadMethod(f"Use {', '.join(sorted(error.allowed_methods))} here.")
        case web.HTTPClientError():
            # Such as a GET of the WebSocket's address without an upgrade; aiohttp's text says what it missed.
            missed = " ".join((error.text or error.reason).split())
            return BadRequest(f"The request does not fit this address: {missed}")
    log.error("A request failed unexpectedly", exc_info=error)
    return VoiceChatError("Something went wrong here.")


@web.middleware
async def allow_origins(request: web.Request, handler: Handler) -> web.StreamResponse:
    """
    Let pages of allowed origins in, and tell the browser so; refuse others before anything is done.

    There are no cookies, so nothing of a visitor rides along that another page could use.
    """
    origin = request.headers.get("Origin")
    if origin is None or request.path.startswith(("/widget/", "/chat.js")):
        return await handler(request)
    try:
        request.app[HOUSE].origins.check(origin, request.host)
    except OriginRefused as exc:
        # The refused page may read why, so that its console can name the setting.
        return error_response(exc, {"Access-Control-Allow-Origin": "*"})
    request[_READER] = origin
    return await handler(request) if request.method != "OPTIONS" else web.Response(status=204)


async def begin_response(request: web.Request, response: web.StreamResponse) -> None:
    """Let an allowed page read *response*, be it an answer, a stream or an error (`on_response_prepare`)."""
    request[_HAS_BEGUN] = True
    if (origin := request.get(_READER)) is not None:
        response.headers.update(_cors_headers(origin))


def _cors_headers(origin: str) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "authorization, content-type, idempotency-key",
        "Access-Control-Expose-Headers": "retry-after",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }
