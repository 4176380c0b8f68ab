"""Requests that the doctor makes, and what is wrong with the way to somebody, in plain words."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import threading
import urllib.request
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from .. import __version__

MOST_BYTES = 2 << 20
"""Of one answer: a list of models, a host's page."""


class Unreachable(Exception):
    """Somebody can't be spoken to."""

    def __init__(self, text: str, mend: str) -> None:
        super().__init__(text)
        self.text = text
        """Goes on from 'HOST: '."""
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Any
    """A `CIMultiDictProxy`: names in any case, some several times."""
    body: bytes
    url: URL

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class _Resolver(AbstractResolver):
    """
    The system's, asked in threads that nobody waits for.

    A name server that is silent takes half a minute, and asyncio would wait for it at the end.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Any]] = loop.create_future()

        def settle(found: list[Any], error: Exception | None) -> None:
            if not future.done():
                future.set_exception(error) if error else future.set_result(found)

        def ask() -> None:
            found, error = [], None
            try:
                found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
            except (OSError, UnicodeError) as exc:
                error = exc if isinstance(exc, OSError) else OSError(socket.EAI_NONAME, str(exc))
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, found, error)

        threading.Thread(target=ask, daemon=True, name="name of a host").start()
        return [
            ResolveResult(
                hostname=host,
                host=address[0],
                port=address[1],
                family=family_,
                proto=proto,
                flags=socket.AI_NUMERICHOST,
            )
            for family_, _, proto, _, address in await future
        ]

    async def close(self) -> None:
        pass


def open_session() -> aiohttp.ClientSession:
    """Return the session of one examination; the caller closes it."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=_Resolver()),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"voicechat/{__version__} doctor"},
    )


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for *url*, which the server takes for it too."""
    parts = URL(url)
    if urllib.request.proxy_bypass(parts.host or ""):
        return None
    return urllib.request.getproxies().get(parts.scheme)


async def ask(session: aiohttp.ClientSession, method: str, url: str, **more: Any) -> Answer:
    """
    Return what *url* answers; its body as far as `MOST_BYTES`.

    Raises:
        Unreachable: If it does not come to an answer.
    """
    options = {"allow_redirects": False, "proxy": proxy_for(url), **more}
    try:
        async with session.request(method, url, **options) as response:
            body = b""
            while len(body) < MOST_BYTES and (piece := await response.content.readany()):
                body += piece
            return Answer(response.status, response.headers.copy(), body[:MOST_BYTES], response.url)
    except (aiohttp.ClientError, OSError, ValueError) as exc:
        if isinstance(exc, TimeoutError):
            raise
        raise unreachable(exc) from exc


_CERTIFICATES = {
    9: ("its certificate is not valid yet", "Set this machine's clock."),
    10: ("its certificate has expired", "Have it renewed, or set this machine's clock if that is wrong."),
    18: ("its certificate signed itself, so anybody could have made it", "own"),
    19: ("its certificate was signed by somebody whom this machine does not know", "own"),
    20: ("its certificate was signed by somebody whom this machine does not know", "own"),
    21: ("its certificate comes without those that signed it", "own"),
    62: ("its certificate is for other names", "Take the name that the certificate was made for."),
    64: ("its certificate is for other addresses", "Take the name that the certificate was made for."),
}
"""OpenSSL's numbers (x509_vfy.h)."""

_OWN_AUTHORITY = (
    "If it is your own or your firm's, name the file of its authority: SSL_CERT_FILE=authority.pem"
)


def unreachable(exc: BaseException) -> Unreachable:
    """Say what *exc*, which aiohttp raised, means to somebody who runs a server."""
    match exc:
        case aiohttp.ClientConnectorCertificateError(certificate_error=ssl.SSLCertVerificationError() as tls):
            known = _CERTIFICATES.get(tls.verify_code)
            text, mend = known or (f"its certificate is refused ({tls.verify_message})", "own")
            return Unreachable(text, _OWN_AUTHORITY if mend == "own" else mend)
        case aiohttp.ClientSSLError():
            return Unreachable("it does not speak https there", "Is it http:// or another port?")
        case aiohttp.ClientProxyConnectionError():
            return Unreachable("the proxy cannot be reached", "Correct HTTPS_PROXY, HTTP_PROXY or NO_PROXY.")
        case aiohttp.ClientConnectorDNSError():
            return Unreachable("there is no host of that name", "Correct the address, or this machine's DNS.")
        case aiohttp.ClientConnectorError(os_error=OSError(errno=errno.ECONNREFUSED)):
            return Unreachable("nobody listens there", "Start it, or correct the address and port.")
        case aiohttp.ClientConnectorError(os_error=OSError(strerror=str(reason))):
            return Unreachable(f"there is no way to it ({reason})", "Does this machine have a network?")
        case aiohttp.ServerDisconnectedError() | ConnectionResetError():
            return Unreachable("it hangs up without an answer", "Is it https:// or another port?")
        case aiohttp.TooManyRedirects():
            return Unreachable("it sends on and on", "Name the address where that ends.")
        case aiohttp.ClientResponseError():
            return Unreachable("what answers there is no HTTP", "Correct the address and port.")
        case aiohttp.InvalidURL() | ValueError():
            return Unreachable("that is no address", "One looks like https://bot.example")
    return Unreachable(f"the connection fails ({type(exc).__name__})", "Try again; then look at its log.")
