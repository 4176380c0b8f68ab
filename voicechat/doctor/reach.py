"""Who answers at an address, and whether all that the widget needs comes through to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import aiohttp
from yarl import URL

from .case import Case
from .finding import Check, Finding
from .network import Unreachable, ask, proxy_for

LOADER = "chat.js"


@dataclass(frozen=True, slots=True)
class Running:
    """A voicechat that answers."""

    modes: tuple[str, ...]
    engines: tuple[str, ...]
    warming: tuple[str, ...]

    def __str__(self) -> str:
        modes = f"mode{'s' if self.modes[1:] else ''} {' and '.join(self.modes)}"
        warming = f"; still loading: {', '.join(self.warming)}" if self.warming else ""
        return f"a voicechat with {modes} and the engines {', '.join(self.engines)}{warming}"


async def running(case: Case, url: str, **more: Any) -> Running | None:
    """
    Return what says of itself that it is a voicechat at *url*; None: another program answers.

    Raises:
        Unreachable: If nobody does.
    """
    answer = await ask(case.session, "GET", f"{url}/api/config", **more)
    try:
        facts = json.loads(answer.body)
        engines = tuple(f"{engine['job']}: {engine['engine']}" for engine in facts["engines"])
        return Running(tuple(facts["modes"]), engines, tuple(facts.get("warming", ())))
    except (ValueError, KeyError, TypeError):
        return None


async def check_url(case: Case) -> Check:
    """Look at the address that visitors use, as their browsers will."""
    url = case.wanted.url
    if url is None:
        return
    parts = URL(url)
    if parts.scheme not in ("http", "https") or not parts.host:
        yield Finding("port", "problem", f"{url}: that is no address.", "One looks like https://bot.example")
        return
    try:
        found = await running(case, case.url)
        if found is None:
            mend = "Let the proxy pass on every path below it, or correct --url."
            yield Finding("port", "problem", f"{case.url}: what answers is no voicechat.", mend)
            return
        yield Finding("port", "ok", f"{case.url}: {found}.")
        yield await _loader(case)
        if "v2" in found.modes:
            yield await _socket(case, alone=found.modes == ("v2",))
    except Unreachable as exc:
        yield Finding("port", "problem", f"{case.url}: {exc.text}.", exc.mend)


async def _loader(case: Case) -> Finding:
    answer = await ask(case.session, "GET", f"{case.url}/{LOADER}")
    here = files("voicechat") / "widget" / LOADER
    if answer.status != 200:
        mend = "Let the proxy pass on every path below it."
        return Finding("port", "problem", f"{case.url}/{LOADER}: status {answer.status}.", mend)
    if not here.is_file() or answer.body == here.read_bytes():
        return Finding("port", "ok", f"{case.url}/{LOADER}: the widget's script.")
    text = f"{case.url}/{LOADER}: the widget there is another one than here."
    return Finding("port", "warning", text, "Restart the server, or install the same version at both places.")


async def _socket(case: Case, *, alone: bool) -> Finding:
    url = f"{case.url}/ws"
    try:
        async with case.session.ws_connect(url, proxy=proxy_for(url)):
            return Finding("port", "ok", f"{url}: WebSockets come through.")
    except aiohttp.WSServerHandshakeError as exc:
        text = f"{url}: WebSockets do not come through (status {exc.status}), so v2 does not work there."
        mend = (
            "In nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
            'proxy_set_header Connection "upgrade"; proxy_set_header Host $http_host;'
        )
        return Finding("port", "problem" if alone else "warning", text, mend)
    except (aiohttp.ClientError, OSError) as exc:
        return Finding(
            "port", "warning", f"{url}: WebSockets do not come through: {exc}.", "Look at the proxy."
        )
