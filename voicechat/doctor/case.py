"""What is looked at: one server's settings, and where it is."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from ..config import LOCAL_HOSTS, Config
from ..engines import EngineInfo, Job

EVERY_ADDRESS = {"0.0.0.0", "::", ""}
HERE = "this machine"
"""`EngineInfo.place` of an embedded engine."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    file: Path | None = None
    overrides: dict[str, Any] = field(default_factory=dict)
    """Settings of the command line, as `config.load` takes them."""
    url: str | None = None
    """Where visitors reach the bot; None: where it listens."""
    page: str | None = None
    """A page that is to carry the bot; None: none is looked at."""
    seconds: float = 10.0
    """For each check."""


@dataclass(frozen=True, slots=True)
class Case:
    wanted: Wanted
    config: Config
    infos: tuple[EngineInfo, ...]
    """Of the engines, also of those that take over; of each job in their order."""
    session: aiohttp.ClientSession
    lacking: set[Job] = field(default_factory=set)
    """Jobs that their provider turned out not to have."""

    @property
    def seconds(self) -> float:
        return self.wanted.seconds

    @property
    def local_url(self) -> str:
        """Where the server listens, as a program on this machine reaches it."""
        config = self.config
        host = "localhost" if config.host in EVERY_ADDRESS | LOCAL_HOSTS else config.host
        host = f"[{host}]" if ":" in host else host
        return f"{'https' if config.tls_cert else 'http'}://{host}:{config.port}"

    @property
    def url(self) -> str:
        """Where visitors reach the bot."""
        return (self.wanted.url or self.local_url).rstrip("/")

    @property
    def is_public(self) -> bool:
        """Whether others than this machine can reach where it listens."""
        return not is_loopback(self.config.host)

    @property
    def modes(self) -> tuple[str, ...]:
        return ("v1", "v2") if self.config.mode == "both" else (self.config.mode,)


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine itself, as browsers see it too (W3C Secure Contexts, section 3.1)."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host in LOCAL_HOSTS or host.endswith(".localhost")


def is_secure(url: str) -> bool:
    """Whether browsers trust a page of *url* with a microphone."""
    parts = URL(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.host or ""))
