"""Errors as answers, and which pages may read them: what happens around every request."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable, Mapping

import orjson
from aiohttp import web

from ..errors import NotFound, OriginRefused, TooLarge, VoiceChatError
from .house import HOUSE

log = logging.getLogger("voicechat.api")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


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
    """Answer every error as JSON with its code; details of unexpected ones go to the log only."""
    try:
        return await handler(request)
    except VoiceChatError as exc:
        return error_response(exc)
    except web.HTTPRequestEntityTooLarge:
        return error_response(TooLarge("The request is too large."))
    except web.HTTPNotFound:
        return error_response(NotFound("There is nothing at this address."))
    except web.HTTPMethodNotAllowed as exc:
        return json_response(
            {
                "error": {
                    "code": "bad_method",
                    "message": f"Use {', '.join(sorted(exc.allowed_methods))} here.",
                }
            },
            405,
        )
    except web.HTTPException:
        raise
    except Exception:
        log.exception("A request failed unexpectedly")
        return error_response(VoiceChatError("Something went wrong here."))


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
    response = await handler(request) if request.method != "OPTIONS" else web.Response(status=204)
    if not response.prepared:
        response.headers.update(cors_headers(origin))
    return response


def cors_headers(origin: str) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "authorization, content-type, idempotency-key",
        "Access-Control-Expose-Headers": "retry-after",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }
