"""Where a job is done, and what opens its door."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass, field

from yarl import URL

from ...config import LOCAL_HOSTS
from ...errors import ConfigError


@dataclass(frozen=True, slots=True)
class Provider:
    """An address and its key, checked."""

    base_url: str
    key: str | None = field(repr=False)
    """None: none is sent; local servers need none."""

    proxy: str | None = field(init=False, repr=False, compare=False)
    """
    The proxy that the environment names for this address, as curl and the openai package take it.

    aiohttp's own `trust_env` would read `.netrc` too, and ask a thread before every request.
    """

    def __post_init__(self) -> None:
        try:
            url = URL(self.base_url)
        except ValueError:
            url = URL()
        if url.scheme not in ("http", "https") or not url.host:
            raise ConfigError("base_url: wanted an address such as https://api.openai.com/v1")
        if self.key and url.user:
            raise ConfigError("base_url: it holds a name, and there is a key; only one of both can be sent")
        if self.key is not None and not (self.key.isascii() and self.key.isprintable()):
            raise ConfigError("key: it holds a character that no key has, perhaps a line break")
        object.__setattr__(self, "proxy", _proxy_for(url))

    def url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/{path}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}

    @property
    def is_paid(self) -> bool:
        """Whether somebody may be billed: who we are is told, and not to this machine."""
        url = URL(self.base_url)
        return bool(self.key or url.user or url.password) and url.host not in LOCAL_HOSTS

    @property
    def place(self) -> str:
        """The address as it may be shown: without a name and password that may stand in it."""
        return str(URL(self.base_url).with_user(None))


def _proxy_for(url: URL) -> str | None:
    if urllib.request.proxy_bypass(url.host or ""):
        return None
    return urllib.request.getproxies().get(url.scheme)
