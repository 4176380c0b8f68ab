"""Every setting, in one place, with its unit and default."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

Mode = Literal["v1", "v2", "both"]

OPENAI_URL = "https://api.openai.com/v1"

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
"""The names by which a machine knows itself."""

SLOWEST, FASTEST = 0.25, 4.0
"""Bounds of a voice's speed, those of OpenAI's API; past them nobody understands it anyway."""

LANGUAGE = re.compile(r"(?=.{2,35}\Z)[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,5}")
"""A tag of BCP 47, as long as every one in use (RFC 5646, section 4.4.1): it reaches engines and prompts."""

SYSTEM_PROMPT = (
    "You are the assistant of this website and you are spoken to. "
    "Answer in one to three short sentences of plain speech, in the visitor's language, "
    "without lists, tables or headings unless the visitor asks for them. "
    "If you do not know, say so."
)


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Stt(Section):
    """Speech to text: who listens."""

    engine: str | None = None
    """`openai`, `whisper` or `none`; unset: `openai` where a key or an address is set, else `whisper`."""
    model: str | None = None
    """Unset: `whisper-1` for `openai`, the bundled `tiny.en` for `whisper`; also a folder or a model's name
    for `whisper`."""
    base_url: str | None = None
    """The provider's address; unset: `OPENAI_BASE_URL`, else OpenAI's."""
    key: SecretStr | None = None
    """The provider's key; unset: `OPENAI_API_KEY`."""
    timeout_seconds: float = Field(30, gt=0, le=600)
    """Seconds for one recording, waiting included."""
    parallel: int = Field(1, ge=1, le=64)
    """Recordings that the embedded engine works on at once."""
    waiting: int = Field(16, ge=0, le=1000)
    """Recordings that may wait for the embedded engine."""
    threads: int = Field(1, ge=1, le=64)
    """Processor threads for one recording, embedded engine."""


class Chat(Section):
    """The chat model: who thinks."""

    engine: str | None = None
    """`openai` or `site`; unset: `openai` where a key or an address is set, else `site`."""
    model: str | None = None
    """Unset: `gpt-4o-mini` for `openai`."""
    base_url: str | None = None
    """The provider's address; unset: `OPENAI_BASE_URL`, else OpenAI's."""
    key: SecretStr | None = None
    """The provider's key; unset: `OPENAI_API_KEY`."""
    temperature: float | None = Field(None, ge=0, le=2)
    """Unset: the provider's own."""
    max_tokens: int | None = Field(800, ge=1, le=100000)
    """Tokens of one answer at most."""
    connect_seconds: float = Field(5, gt=0, le=60)
    """Seconds to reach the provider."""
    first_token_seconds: float = Field(20, gt=0, le=600)
    """Seconds until the first token."""
    between_tokens_seconds: float = Field(15, gt=0, le=600)
    """Seconds between two tokens."""
    total_seconds: float = Field(120, gt=0, le=3600)
    """Seconds for one answer."""
    retries: int = Field(2, ge=0, le=10)
    """Further tries while nothing has reached the visitor."""
    system_prompt: str = Field(SYSTEM_PROMPT, min_length=1, max_length=20000)
    """What the model is told before the chat."""
    history_messages: int = Field(20, ge=0, le=1000)
    """Earlier messages that the model is given."""


class Tts(Section):
    """Text to speech: who speaks."""

    engine: str | None = None
    """`openai`, `piper` or `none`; unset: `openai` where a key or an address is set, else `piper`."""
    model: str | None = None
    """Unset: `tts-1` for `openai`, the bundled `en_US-joe-medium` for `piper`; also the path of a Piper
    voice's `.onnx`."""
    base_url: str | None = None
    """The provider's address; unset: `OPENAI_BASE_URL`, else OpenAI's."""
    key: SecretStr | None = None
    """The provider's key; unset: `OPENAI_API_KEY`."""
    voice: str = Field("alloy", min_length=1, max_length=100)
    """The provider's voice; for a Piper model with several speakers, the speaker's name or number."""
    format: Literal["pcm", "wav", "mp3"] = "pcm"
    """What the provider is asked for: `pcm` (24 kHz), `wav` or `mp3`."""
    speed: float = Field(1.0, ge=SLOWEST, le=FASTEST)
    """1 is the voice's own pace, 2 twice as fast."""
    timeout_seconds: float = Field(30, gt=0, le=600)
    """Seconds for one sentence."""
    silence_seconds: float = Field(60, gt=0, le=3600)
    """Seconds of silence that waiting for the voice may cost one answer; then its rest stays unsaid."""
    parallel: int = Field(1, ge=1, le=64)
    """Sentences that the embedded engine speaks at once."""
    waiting: int = Field(64, ge=0, le=1000)
    """Sentences that may wait for the embedded engine."""
    cache_bytes: int = Field(33554432, ge=0, le=1099511627776)
    """Bytes of spoken sentences that are kept, to be said again without the engine; 0: none."""
    cache_folder: Path | None = None
    """Folder where as many are kept beside, over restarts; unset: in memory alone."""


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
    """Folder of what is made of models; unset: `voicechat` in the user's cache (`~/.cache`)."""
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
    def _split_by_commas(cls, value: Any) -> Any:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("language")
    @classmethod
    def _is_tag(cls, value: str | None) -> str | None:
        if value is not None and not LANGUAGE.fullmatch(value):
            raise ValueError("Wanted is a tag of BCP 47, such as en or de-CH")
        return value
