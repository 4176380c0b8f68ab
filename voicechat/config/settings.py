"""Every setting, in one place but those of the jobs, with its unit and default."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from .jobs import LANGUAGE, Chat, Section, Stt, Tts, split_by_commas

Mode = Literal["v1", "v2", "both"]

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
"""The names by which a machine knows itself."""


class Knowledge(Section):
    """The site's own pages."""

    on: bool = True
    """Whether passages of the pages are handed to the chat engine."""
    folder: Path | None = None
    """Folder of Markdown pages; unset: the example shop."""
    base_url: str | None = Field(None, pattern=r"^https?://[^\s?#]+$")
    """The address of the site that the pages stand for: links to sources go there; unset: this server's own
    pages."""
    passages: int = Field(4, ge=1, le=20)
    """Passages handed over at most."""
    follow_ups: bool = True
    """Whether an answer is followed by questions to tap, taken from the pages' headings."""


class Limits(Section):
    """What one visitor may cost; the page is told them."""

    text_chars: int = Field(4000, ge=1, le=100000)
    """Characters of a typed question."""
    frame_bytes: int = Field(65536, ge=1024, le=16777216)
    """Bytes of one WebSocket message."""
    recording_bytes: int = Field(12582912, ge=1024, le=104857600)
    """Bytes of one recording; the default holds two minutes of 48 kHz WAV, mono and 16 bit."""
    recording_seconds: float = Field(120, ge=1, le=3600)
    """Seconds of one recording."""
    held_bytes: int = Field(268435456, ge=65536, le=1099511627776)
    """Bytes of all recordings and request bodies that the server holds at once, until they are answered; at
    least twice those of one recording."""
    queue: int = Field(4, ge=0, le=100)
    """Questions of one chat that may wait."""
    connections: int = Field(1000, ge=1, le=1000000)
    """WebSockets open at once."""
    chats: int = Field(10000, ge=1, le=10000000)
    """Chats kept at once; past it the shortest one in which nobody is makes room for a new one."""
    hello_seconds: float = Field(10, gt=0, le=600)
    """Seconds until a new WebSocket has said who it is."""
    body_seconds: float = Field(30, gt=0, le=600)
    """Seconds for a request's body to arrive."""
    idle_seconds: float = Field(600, gt=0, le=86400)
    """Seconds after which a silent WebSocket is closed."""
    heartbeat_seconds: float = Field(20, gt=0, le=600)
    """Seconds between two pings of a WebSocket."""
    lead_ms: int = Field(4000, ge=500, le=60000)
    """Milliseconds of sound sent ahead of what was played."""
    outbox_bytes: int = Field(1048576, ge=65536, le=104857600)
    """Bytes that may wait for a slow reader."""
    orphan_seconds: float = Field(60, ge=0, le=3600)
    """Seconds that an answer goes on with nobody there."""
    resume_seconds: float = Field(300, ge=0, le=86400)
    """Seconds for which a page that lost its connection goes on where it was, in its recording and its
    answer's sound too."""
    drain_seconds: float = Field(6, ge=0, le=3600)
    """Seconds that running answers get when the server is asked to stop; the default stays, with the one to
    close in, below the ten after which containers are killed."""

    @model_validator(mode="after")
    def _holds_one_recording(self) -> Self:
        # In base64 it takes a third more; a setting that refuses every long recording is a mistake.
        if self.held_bytes < 2 * self.recording_bytes:
            raise ValueError("Wanted are held_bytes of at least twice recording_bytes")
        return self


class Config(Section):
    """All settings of one server. `load` builds it and words the errors for a person."""

    mode: Mode = "both"
    """Which doors answer: `v1`, `v2` or `both`."""
    host: str = Field("127.0.0.1", min_length=1)
    """Address to listen on; `0.0.0.0`: every one."""
    port: int = Field(8080, ge=0, le=65535)
    """Port to listen on; 0: any free one."""
    tls_cert: Path | None = None
    """Certificate as PEM, those that signed it behind it; with it and its key the server speaks https."""
    tls_key: Path | None = None
    """The certificate's private key as PEM, without a password."""
    origins: tuple[str, ...] = ()
    """Web origins whose pages may use the bot, as `https://shop.example`; none: this server's own pages and
    localhost."""
    welcome: str | None = Field(None, max_length=2000)
    """The first words in the panel; unset: a greeting in the page's language."""
    language: str | None = None
    """BCP 47 language of visitors; unset: the page's."""
    speech: bool = True
    """Whether answers are spoken."""
    writing_effect: bool = True
    """Whether mode v1 writes the answer out in step with its speech."""
    store: str | None = None
    """Where chats are kept: `sqlite:` and a file, made where it is missing; or `memory`, gone with the
    process; unset: `sqlite:voicechat.db`, and for one mode alone `sqlite:voicechat-v1.db` or
    `sqlite:voicechat-v2.db`, so that both can run from one folder."""
    models: Path | None = None
    """Folder of the models that were pulled, and of what is made of models; unset: `voicechat` in the user's
    cache (`XDG_CACHE_HOME`, else `~/.cache`)."""
    models_url: str | None = Field(None, pattern=r"^https?://[^\s?#/]+[^\s?#]*$")
    """Address from which `voicechat models` fetches, a mirror of the Hugging Face hub; unset:
    `https://huggingface.co`."""
    idle_minutes: float | None = Field(None, gt=0, le=5256000)
    """Minutes after which a silent chat is forgotten; unset: 30 days in a file, 5 minutes in memory."""

    openai_api_key: SecretStr | None = None
    """Key of every `openai` engine that has no address of its own."""
    openai_base_url: str | None = None
    """Address of every `openai` engine that has none of its own."""

    stt: Stt = Stt()
    chat: Chat = Chat()
    tts: Tts = Tts()
    knowledge: Knowledge = Knowledge()
    limits: Limits = Limits()

    @property
    def models_folder(self) -> Path:
        """Where `models` is, or would be."""
        if self.models is not None:
            return self.models
        cache = os.environ.get("XDG_CACHE_HOME", "")
        if os.path.isabs(cache):  # others are to be left aside (XDG Base Directory Specification)
            return Path(cache, "voicechat")
        try:
            return Path("~/.cache/voicechat").expanduser()
        except RuntimeError:  # a user without a home
            return Path(tempfile.gettempdir(), "voicechat")

    @property
    def store_address(self) -> str:
        """Where chats are kept, as `store` says it."""
        return self.store or f"sqlite:voicechat{'' if self.mode == 'both' else f'-{self.mode}'}.db"

    @field_validator("origins", mode="before")
    @classmethod
    def _split_origins(cls, value: Any) -> Any:
        return split_by_commas(value) if isinstance(value, str) else value

    @field_validator("language")
    @classmethod
    def _is_tag(cls, value: str | None) -> str | None:
        if value is not None and not LANGUAGE.fullmatch(value):
            raise ValueError("Wanted is a tag of BCP 47, such as en or de-CH")
        return value
