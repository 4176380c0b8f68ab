"""The Hugging Face hub, or what stands in for it: what it has, and how it is asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from yarl import URL

from .. import __version__
from .catalogue import (
    EARS,
    VOICES,
    VOICES_INDEX,
    BadIndex,
    WantedModel,
    ears_files,
    job_of,
    known_near,
    voice_files,
)

HUB = "https://huggingface.co"

MOST_REDIRECTS = 5
MOST_INDEX_BYTES = 16 << 20
"""Of an index or an answer of the API; the voices' own has some 300 kB."""


class PullError(Exception):
    """What was asked for can't be had; its text is for the one who asked."""


class UnknownModel(PullError):
    """The place has nothing by that name."""


class Cut(Exception):
    """A connection failed in a way that another try may mend."""

    def __init__(self, text: str, after_seconds: float = 0.0) -> None:
        super().__init__(text)
        self.after_seconds = after_seconds
        """How long the place asks to be left alone."""


@dataclass(frozen=True, slots=True)
class Patience:
    connect_seconds: float = 10.0
    silence_seconds: float = 30.0
    """Without a byte, after which a connection counts as cut."""
    tries: int = 6
    """In a row that bring next to nothing."""
    index_tries: int = 3
    """For what is asked before anything is fetched: without a network that should be said soon."""
    first_pause_seconds: float = 1.0
    """It doubles with every try that brings next to nothing."""
    longest_pause_seconds: float = 30.0

    def pause_seconds(self, failed: int, asked_for: float) -> float:
        """Return how long to wait after the *failed*-th try in a row; *asked_for* is the place's own wish."""
        own = self.first_pause_seconds * 2.0 ** (failed - 1)
        return min(max(own, asked_for), self.longest_pause_seconds)


class Place:
    """*base* is the address of a hub; over plain http only if it says so itself."""

    def __init__(self, session: aiohttp.ClientSession, base: URL, patience: Patience) -> None:
        self._session = session
        self._base = base
        self.patience = patience
        self._voices: tuple[Any, str] | None = None

    @property
    def name(self) -> str:
        return self._base.host or ""

    async def wanted(self, name: str) -> WantedModel:
        """
        Return what the model *name* is made of.

        Raises:
            UnknownModel: If the place has none of that name.
            PullError: If it can't be reached or says what makes no sense.
        """
        job = job_of(name)
        assert job, "only names of models are asked for"
        try:
            if job == "tts":
                index, revision = await self.voices()
                return WantedModel(name, job, VOICES, revision, voice_files(index, name))
            repository = EARS[name].repository if name in EARS else name
            answer, _ = await self._json(
                self._base / f"api/models/{repository}/revision/main" % {"blobs": "true"}
            )
            revision, files = ears_files(answer)
            return WantedModel(name, job, repository, revision, files)
        except KeyError:
            near = known_near(name, index)
            raise UnknownModel(
                f"{self.name} has no voice {name}.{near} `voicechat models list --all` shows all."
            ) from None
        except BadIndex as exc:
            raise PullError(f"{self.name} can't be pulled from: {exc}.") from exc

    async def voices(self) -> tuple[Any, str]:
        """
        Return the index of voices, and the commit that it describes, or `main`.

        Raises:
            PullError: If it can't be had.
        """
        if self._voices is None:
            index, headers = await self._json(self._base / f"{VOICES}/resolve/main/{VOICES_INDEX}")
            commit = headers.get("X-Repo-Commit", "")
            self._voices = index, commit if re.fullmatch(r"[0-9a-f]{40}", commit) else "main"
        return self._voices

    def address(self, model: WantedModel, path: str) -> URL:
        return self._base / f"{model.repository}/resolve/{model.revision}/{path}"

    async def _json(self, url: URL) -> tuple[Any, Mapping[str, str]]:
        failed = 0
        while True:
            try:
                async with self.get(url, {}) as response:
                    body = await _read(response, MOST_INDEX_BYTES)
                return orjson.loads(body), response.headers
            except Cut as exc:
                failed += 1
                if failed >= self.patience.index_tries:
                    raise PullError(f"{exc}.") from exc
                await self.wait(failed, exc)
            except orjson.JSONDecodeError as exc:
                raise PullError(f"{self.name} answers with something else than JSON.") from exc

    async def wait(self, failed: int, cut: Cut, note: Callable[[str], None] | None = None) -> None:
        """
        Pause before the next try, after *failed* in a row.

        Raises:
            PullError: If those were enough.
        """
        if failed >= self.patience.tries:
            raise PullError(f"{cut}.") from cut
        seconds = self.patience.pause_seconds(max(failed, 1), cut.after_seconds)
        if note is not None:
            note(f"{cut}; going on in {seconds:.0f} s.")
        await asyncio.sleep(seconds)

    @asynccontextmanager
    async def get(self, url: URL, headers: Mapping[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
        """
        Yield the response to a GET once its head is there, from where it was redirected to.

        Raises:
            Cut: If the connection fails, also while the response is read, or the place is busy.
            PullError: If it refuses, or redirects to where it is not safe to follow.
        """
        try:
            for _ in range(MOST_REDIRECTS + 1):
                async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                    if response.status not in (301, 302, 303, 307, 308):
                        self._judge(response)
                        yield response
                        return
                    url = self._followed(response)
        except aiohttp.ClientSSLError as exc:
            raise PullError(f"{url.host} shows no certificate that this machine trusts.") from exc
        except aiohttp.ClientConnectorError as exc:
            raise Cut(f"{url.host} can't be reached ({_reason(exc)})") from exc
        except ValueError as exc:  # an impossible port or name is found out as late as here
            raise PullError(f"{self.name} is no address, or redirects to none.") from exc
        except TimeoutError as exc:
            raise Cut(f"{url.host} was silent for too long") from exc
        except (aiohttp.ClientError, ConnectionError) as exc:
            raise Cut(f"the connection to {url.host} broke off") from exc
        raise PullError(f"{self.name} redirects in circles.")

    def _followed(self, response: aiohttp.ClientResponse) -> URL:
        try:
            target = response.url.join(URL(response.headers["Location"]))
            is_safe = target.scheme == "https" or target.origin() == self._base.origin()
        except (KeyError, ValueError) as exc:
            raise PullError(f"{response.url.host} redirects to nowhere.") from exc
        if not is_safe:
            raise PullError(f"{response.url.host} redirects to {target.host} without https.")
        return target

    def _judge(self, response: aiohttp.ClientResponse) -> None:
        host = response.url.host
        if response.status in (408, 425, 429) or response.status >= 500:
            after = response.headers.get("Retry-After", "")
            raise Cut(
                f"{host} answers {response.status}",
                float(after) if after.isascii() and after.isdigit() else 0,
            )
        if response.status in (401, 403):
            raise PullError(
                f"{host} keeps this from who has no account ({response.status}), or has no such model."
            )
        if response.status in (404, 410):
            raise UnknownModel(f"{host} has no {response.url.path} ({response.status}).")
        if response.status not in (200, 206, 416):
            raise PullError(f"{host} answers {response.status}.")


@asynccontextmanager
async def place_at(address: str | None, patience: Patience) -> AsyncIterator[Place]:
    """
    Yield the hub, or what is at *address*.

    Raises:
        PullError: If that is no address.
    """
    try:
        base = URL(address or HUB)
    except ValueError as exc:
        raise PullError("models_url (VOICECHAT_MODELS_URL): this is no address.") from exc
    timeout = aiohttp.ClientTimeout(
        total=None, sock_connect=patience.connect_seconds, sock_read=patience.silence_seconds
    )
    async with aiohttp.ClientSession(
        timeout=timeout,
        # Ranges count the bytes of what is not packed.
        headers={"User-Agent": f"voicechat/{__version__}", "Accept-Encoding": "identity"},
        cookie_jar=aiohttp.DummyCookieJar(),
        # Many reach the internet only through the proxy that HTTPS_PROXY names.
        trust_env=True,
    ) as session:
        yield Place(session, base, patience)


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        body += chunk
        if len(body) > most:
            raise PullError(f"{response.url.host} sends more than {most:,} bytes for an index.")
    return bytes(body)


def _reason(error: aiohttp.ClientConnectorError) -> str:
    return error.os_error.strerror or str(error.os_error) or "no connection"
