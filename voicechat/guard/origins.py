"""
Which websites' pages may use the bot.

An exact allow-list: scheme, host and port are compared as a whole. A request without an Origin
comes from a program and passes: this rule keeps other sites' pages out, no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from ..config import LOCAL_HOSTS
from ..errors import ConfigError, OriginRefused

_DEFAULT_PORTS = {"http": 80, "https": 443}


class OriginRule:
    """
    Raises:
        ConfigError: If an entry of *allowed* is not an origin.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(map(_configured, allowed))

    def check(self, origin: str | None, own_host: str) -> None:
        """
        Return if a page of *origin* may come in; *own_host* is the request's Host header.

        Raises:
            OriginRefused: If it may not; the text names the setting.
        """
        if origin is None:
            return
        parsed = _parse(origin)
        if parsed is None:
            raise OriginRefused("This page has no origin that could be allowed in VOICECHAT_ORIGINS.")
        if parsed in self._allowed or (not self._allowed and _is_own(parsed, own_host)):
            return
        raise OriginRefused(
            f"Pages of {origin} may not use this bot. "
            f"Its owner can allow them with VOICECHAT_ORIGINS={origin}"
        )


_Origin = tuple[str, str, int]


def _parse(origin: str) -> _Origin | None:
    if not origin.isascii():
        return None  # browsers send such hosts in their ASCII form
    try:
        parts = urlsplit(origin)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if (
        parts.scheme not in _DEFAULT_PORTS
        or not parts.hostname
        or origin != f"{parts.scheme}://{parts.netloc}"
    ):
        return None
    if parts.username is not None or parts.password is not None:
        return None
    return parts.scheme, parts.hostname.lower(), port


def _configured(origin: str) -> _Origin:
    parsed = _parse(origin.rstrip("/"))
    if parsed is None or "*" in origin:
        raise ConfigError(
            f"origins (VOICECHAT_ORIGINS): {origin!r} is no origin; one looks like https://shop.example"
        )
    return parsed


def _is_own(origin: _Origin, own_host: str) -> bool:
    """
    Whether a page comes from this server itself or from this machine, where no list is set.

    Any Host counts as this server's own. So a site whose name is made to point here (DNS rebinding)
    passes too, and reaches a server that only this network can. It finds no cookie and no chat
    without its id; what it could do is ask, at the owner's cost. A list ends that: then the Host
    counts for nothing.
    """
    scheme, host, _ = origin
    return host in LOCAL_HOSTS or _parse(f"{scheme}://{own_host}") == origin
