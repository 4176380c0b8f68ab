"""Where a job is done, and what opens its door."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass, field

from yarl import URL

from ...errors import ConfigError


@dataclass(frozen=True, slots=True)
class Provider:
    """An address and its key, checked."""

    base_url: str
    key: str | None = field(repr=False)
    """None: none is sent; local servers need none."""

    def __post_init__(self) -> None:
        url = URL(self.base_url)
        if url.scheme not in ("http", "https") or not url.host:
            raise ConfigError("base_url: wanted an address such as https://api.openai.com/v1")
        if self.key is not None and not (self.key.isascii() and self.key.isprintable()):
            raise ConfigError("key: it holds a character that no key has, perhaps a line break")

    def url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/{path}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}

    @property
    def proxy(self) -> str | None:
        """
        The proxy that the environment names for this address, as curl and the openai package take it.

        aiohttp's `trust_env` would also read `.netrc`, and ask a thread before every request.
        """
        url = URL(self.base_url)
        if urllib.request.proxy_bypass(url.host or ""):
            return None
        return urllib.request.getproxies().get(url.scheme)

    @property
    def place(self) -> str:
        """The address as it may be shown: without a name and password that may stand in it."""
        return str(URL(self.base_url).with_user(None))
