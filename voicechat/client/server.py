"""The server as a client finds it: its address, what it says of itself, and what may be wrong with it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Literal

import aiohttp
import orjson
from yarl import URL

from ..dialogue import Json
from .errors import Gone, ModeOff, NotThere

DEFAULT_URL = "http://localhost:8080"

CONNECT_SECONDS = 10.0
"""How long a server may take to take a connection, and to say who it is."""

TIMEOUTS = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
"""An answer may take its time: its silence is watched by `Exchange`."""

Mode = Literal["v1", "v2"]


def parse_url(text: str) -> str:
    """
    Return the address *text* without the slash at its end.

    Raises:
        ValueError: If it is none of a web server.
    """
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.host or url.query_string or url.fragment:
        raise ValueError(f"{text!r} is no address of a server, such as {DEFAULT_URL}")
    return text.rstrip("/")


@contextlib.contextmanager
def reaching(url: str) -> Iterator[None]:
    """
    Translate what may go wrong on the way to *url*.

    Raises:
        NotThere: If nothing could be asked.
        Gone: If the connection broke.
    """
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as exc:
        why = getattr(exc.certificate_error, "verify_message", "") or _words(exc)
        raise NotThere(f"The certificate of {url} is not trusted here: {why}.") from exc
    except aiohttp.ClientConnectorSSLError as exc:
        raise NotThere(f"No safe connection to {url}: {_words(exc)}") from exc
    except aiohttp.ClientConnectorDNSError as exc:
        raise NotThere(f"There is no server of the name in {url}.") from exc
    except aiohttp.ClientConnectorError as exc:
        raise NotThere(
            f"Nobody answers at {url}. Start the server with `voicechat serve`, or name another with --url."
        ) from exc
    except TimeoutError as exc:
        raise NotThere(f"{url} does not answer within {CONNECT_SECONDS:g} seconds.") from exc
    except (aiohttp.ClientError, OSError) as exc:
        raise Gone(f"The connection to {url} was lost: {_words(exc)}") from exc


async def ask_facts(http: aiohttp.ClientSession, url: str) -> Json:
    """
    Return what the server says of itself (`GET /api/config`).

    Raises:
        NotThere, Gone: If there is none, or no voicechat.
    """
    with reaching(url):
        timeout = aiohttp.ClientTimeout(total=CONNECT_SECONDS)
        async with http.get(f"{url}/api/config", timeout=timeout) as response:
            status, body = response.status, await response.read()
    try:
        facts = orjson.loads(body)
        if set(facts["modes"]) & {"v1", "v2"}:
            return dict(facts)
    except (ValueError, LookupError, TypeError):
        pass
    raise NotThere(f"What answers at {url} is no voicechat (HTTP {status}).")


def check_mode(facts: Json, mode: Mode, url: str) -> None:
    """
    Raises:
        ModeOff: If the server does not answer in *mode*.
    """
    if mode not in facts["modes"]:
        served = facts["modes"][0]
        raise ModeOff(f"The server at {url} answers in mode {served} only: use --mode {served}.")


async def best_mode(url: str) -> Mode:
    """
    Return v2 where the server has it.

    Raises:
        NotThere, Gone: If there is none.
    """
    async with aiohttp.ClientSession(timeout=TIMEOUTS) as http:
        return "v2" if "v2" in (await ask_facts(http, url))["modes"] else "v1"


def _words(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
