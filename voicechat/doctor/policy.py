"""
What a page's headers let it load and do.

Content-Security-Policy as "Content Security Policy Level 3" matches sources (section 6.7.2), and
Permissions-Policy as far as the microphone goes. Pure: texts in, verdicts out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}

FALLBACKS = {
    "script-src": ("script-src-elem", "script-src", "default-src"),
    "connect-src": ("connect-src", "default-src"),
}

_SOURCE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9.-]+|\[[0-9a-f:]+\])"
    r"(?::(?P<port>\d+|\*))?(?P<path>/.*)?",
    re.IGNORECASE,
)


def policies(headers: Iterable[str]) -> list[dict[str, list[str]]]:
    """Return every policy in *headers*, by directive; a page must satisfy all of them."""
    found = []
    for text in ",".join(headers).split(","):
        policy: dict[str, list[str]] = {}
        for directive in text.split(";"):
            if words := directive.split():
                # Of two with the same name the first counts.
                policy.setdefault(words[0].lower(), words[1:])
        if policy:
            found.append(policy)
    return found


def sources(policy: dict[str, list[str]], kind: str) -> list[str] | None:
    """Return what *policy* allows for *kind*, a key of `FALLBACKS`; None: everything."""
    return next((policy[name] for name in FALLBACKS[kind] if name in policy), None)


def allows(policy: dict[str, list[str]], kind: str, url: str, page: str, nonce: str = "") -> bool:
    """Whether *page* may load *url* as *kind* under *policy*; *nonce* is the script tag's."""
    allowed = sources(policy, kind)
    if allowed is None:
        return True
    if kind == "script-src":
        if nonce and f"'nonce-{nonce}'" in allowed:
            return True
        if "'strict-dynamic'" in allowed:
            return False  # then addresses count for nothing
    return any(_matches(source, url, page) for source in allowed)


def _matches(source: str, url: str, page: str) -> bool:
    target, own = urlsplit(url), urlsplit(page)
    if source.lower() == "'self'":
        same_host = target.hostname == own.hostname
        both_default = _port(target.scheme, target.port) == PORTS.get(target.scheme) and (
            _port(own.scheme, own.port) == PORTS.get(own.scheme)
        )
        same_port = both_default or target.port == own.port
        return same_host and same_port and _scheme_matches(own.scheme, target.scheme, own=True)
    if source == "*":
        return target.scheme in PORTS
    if re.fullmatch(r"[a-z][a-z0-9+.-]*:", source, re.IGNORECASE):
        return _scheme_matches(source[:-1].lower(), target.scheme)
    parts = _SOURCE.fullmatch(source)
    if parts is None:
        return False
    scheme = (parts["scheme"] or own.scheme).lower()
    return (
        _scheme_matches(scheme, target.scheme)
        and _host_matches(parts["host"].lower(), target.hostname or "")
        and _port_matches(parts["port"], target.scheme, target.port)
        and _path_matches(parts["path"] or "", target.path)
    )


def _port(scheme: str, port: int | None) -> int | None:
    return port or PORTS.get(scheme)


def _scheme_matches(source: str, scheme: str, *, own: bool = False) -> bool:
    """A scheme stands for its secure form too; https for wss only where the source is the page itself."""
    upgrades = {("http", "https"), ("ws", "wss"), ("ws", "http"), ("ws", "https"), ("wss", "https")}
    if own:
        upgrades |= {("http", "ws"), ("http", "wss"), ("https", "wss")}
    return source == scheme or (source, scheme) in upgrades


def _host_matches(pattern: str, host: str) -> bool:
    if pattern.startswith("*"):
        return pattern == "*" or host.endswith(pattern[1:])
    return pattern.strip("[]") == host


def _port_matches(pattern: str | None, scheme: str, port: int | None) -> bool:
    found = _port(scheme, port)
    if pattern is None:
        return found == PORTS.get(scheme)
    return pattern == "*" or int(pattern) == found or (pattern == "80" and found == 443)


def _path_matches(pattern: str, path: str) -> bool:
    if pattern in ("", "/"):
        return True
    return path.startswith(pattern) if pattern.endswith("/") else path == pattern


def forbids_microphone(headers: Sequence[str], origin: str) -> bool:
    """Whether Permissions-Policy (W3C, section 5.2) keeps the microphone from a page of *origin*."""
    lists = re.findall(r"(?:^|[,\s])microphone\s*=\s*(\([^)]*\)|[^\s,;]+)", ",".join(headers), re.IGNORECASE)
    # Of a dictionary's two equal keys the last counts.
    return bool(lists) and not {"self", "*", f'"{origin}"'} & set(lists[-1].strip("()").split())
