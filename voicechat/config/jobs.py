"""The settings of the three jobs: who listens, who thinks, who speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

OPENAI_URL = "https://api.openai.com/v1"

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

MOST_VOICES = 40
"""Of languages: with `piper` each may be a model of its own, all in memory."""

MOST_ENGINES = 4
"""Of one job. Each may keep a visitor waiting."""


def split_by_commas(value: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, value.split(","))))


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Stt(Section):
    """Speech to text: who listens."""

    engine: str | None = None
    """`openai`, `whisper` or `none`; unset: `openai` where a key or an address is set, else `whisper`."""
    model: str | None = None
    """Unset: `whisper-1` for `openai`, the bundled `tiny.en` for `whisper`; also a folder, or the name of a
    pulled model, for `whisper`."""
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
    early_calls: int | None = Field(None, ge=0, le=1000)
    """How often one recording is transcribed at most while it is spoken, for live captions and an early
    answer; unset: 80 where the engine is free, 0 where it costs money."""
    handover_seconds: float = Field(15, gt=0, le=600)
    """Seconds that this engine may take for a recording before the next one is asked, where there is one."""
    next: Stt | None = None
    """Who takes over when this engine fails, in settings as these: `VOICECHAT_STT_NEXT_ENGINE` and so on, in
    TOML `[stt.next]`; a third one is `…_NEXT_NEXT_…`, four are the most."""


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
    early_answers: int = Field(0, ge=0, le=2)
    """How often an answer is begun at most before its spoken question is over, at a pause; what was begun
    in vain is stopped, and a provider may charge for it."""
    history_messages: int = Field(20, ge=0, le=1000)
    """Earlier messages that the model is given."""
    handover_seconds: float = Field(10, gt=0, le=600)
    """Seconds that this engine may be silent at first before the next one is asked, where there is one."""
    next: Chat | None = None
    """Who takes over when this engine fails, in settings as these: `VOICECHAT_CHAT_NEXT_ENGINE` and so on, in
    TOML `[chat.next]`; a third one is `…_NEXT_NEXT_…`, four are the most. Of `system_prompt` and
    `history_messages` those of the first count."""


class Tts(Section):
    """Text to speech: who speaks."""

    engine: str | None = None
    """`openai`, `piper` or `none`; unset: `openai` where a key or an address is set, else `piper`."""
    model: str | None = None
    """Unset: `tts-1` for `openai`, the bundled `en_US-joe-medium` for `piper`; also the name of a
    pulled voice, or the path of one's `.onnx`."""
    base_url: str | None = None
    """The provider's address; unset: `OPENAI_BASE_URL`, else OpenAI's."""
    key: SecretStr | None = None
    """The provider's key; unset: `OPENAI_API_KEY`."""
    voice: str = Field("alloy", min_length=1, max_length=100)
    """The provider's voice; for a Piper model with several speakers, the speaker's name or number."""
    voices: tuple[str, ...] = ()
    """Voices of languages, as `de=nova,fr=voices/fr.onnx`: the most specific tag of the visitor's language
    counts, `de` for `de-AT`, else `voice` speaks; for `piper` also the name of a pulled voice, or the path
    of one's `.onnx`."""
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
    handover_seconds: float = Field(5, gt=0, le=600)
    """Seconds that this engine may be silent before the next one is asked, where there is one."""
    next: Tts | None = None
    """Who takes over when this engine fails, in settings as these: `VOICECHAT_TTS_NEXT_ENGINE` and so on, in
    TOML `[tts.next]`; a third one is `…_NEXT_NEXT_…`, four are the most. Of `silence_seconds` that of the
    first counts."""

    @field_validator("voices", mode="before")
    @classmethod
    def _split_voices(cls, value: Any) -> Any:
        if isinstance(value, str):
            return split_by_commas(value)
        # In TOML, [tts.voices] is a table.
        return tuple(f"{key}={voice}" for key, voice in value.items()) if isinstance(value, dict) else value

    @field_validator("voices")
    @classmethod
    def _name_languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        entries = [entry.partition("=") for entry in value]
        languages = {language.lower() for language, _, _ in entries}
        if not all(LANGUAGE.fullmatch(language) and voice.strip() for language, _, voice in entries):
            raise ValueError("Wanted are a language's tag and its voice, such as de=nova")
        if len(languages) < len(entries) or len(entries) > MOST_VOICES:
            raise ValueError(f"Wanted is one voice for each language, and {MOST_VOICES} at most")
        return value


def listed(first: Stt | Chat | Tts) -> Iterator[tuple[tuple[str, ...], Stt | Chat | Tts]]:
    """Yield *first* and all that take over from it, each with what leads to it: `next`, `next` `next` …"""
    path: tuple[str, ...] = ()
    section: Stt | Chat | Tts | None = first
    while section is not None:
        yield path, section
        path, section = (*path, "next"), section.next
