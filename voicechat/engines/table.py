"""The table of engines, and how the ones that a configuration names are opened."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar

from ..config import Chat, Config, Stt, Tts, listed
from ..errors import ConfigError
from ..models import LOCAL_EXTRA
from .interface import Job
from .link import Link
from .relay import LinkVoice, RelayChat, RelayStt, RelayTts
from .speech_cache import CachedVoice
from .voices import Voices
from .working import Engines

log = logging.getLogger("voicechat.engines")

Settings = TypeVar("Settings", Stt, Tts)


class Opening:
    """What engines may share while they are opened."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._http: Any = None

    @property
    def http(self) -> Any:
        """The one HTTP client of the process, made when the first engine needs it."""
        if self._http is None:
            from .openai import Http

            self._http = Http()
        return self._http


# Imported only when wanted: each brings a large library along.


def _openai_stt(opening: Opening, settings: Stt) -> Any:
    from .fallback import FallbackStt
    from .openai import OpenAiStt

    engine = OpenAiStt(settings, opening.http, opening.config.limits.recording_seconds)
    return FallbackStt(engine, _whisper(opening, _embedded(settings)) if _has_whisper() else None)


def _whisper(opening: Opening, settings: Stt) -> Any:
    from .whisper import Whisper

    config = opening.config
    return Whisper(settings, config.limits.recording_seconds, config.models_folder)


def _openai_chat(opening: Opening, settings: Chat) -> Any:
    from .openai import OpenAiChat

    return OpenAiChat(settings, opening.http)


def _site(opening: Opening, settings: Chat) -> Any:
    from .site import Site

    return Site()


def _openai_tts(opening: Opening, settings: Tts) -> Any:
    from .fallback import FallbackTts
    from .openai import OpenAiTts

    engine = OpenAiTts(settings, opening.http)
    return FallbackTts(engine, _piper(opening, _embedded(settings)) if _has_piper() else None)


def _piper(opening: Opening, settings: Tts) -> Any:
    from .piper import Piper

    return Piper(settings, opening.config.models_folder)


def _embedded(settings: Settings) -> Settings:
    """Return *settings* for the engine that takes over: a provider's model and voices are none of its own."""
    theirs = {"model": None} | ({"voices": ()} if isinstance(settings, Tts) else {})
    return settings.model_copy(update=theirs)


def _scripted_stt(opening: Opening, settings: Stt) -> Any:
    from .scripted import ScriptedStt

    return ScriptedStt(settings.model, opening.config.limits.recording_seconds)


def _scripted_chat(opening: Opening, settings: Chat) -> Any:
    from .scripted import ScriptedChat

    return ScriptedChat(settings.model)


def _scripted_tts(opening: Opening, settings: Tts) -> Any:
    from .scripted import ScriptedTts

    return ScriptedTts(settings.model)


ENGINES: dict[Job, dict[str, Callable[[Opening, Any], Any]]] = {
    "stt": {"openai": _openai_stt, "whisper": _whisper, "scripted": _scripted_stt},
    "chat": {"openai": _openai_chat, "site": _site, "scripted": _scripted_chat},
    "tts": {"openai": _openai_tts, "piper": _piper, "scripted": _scripted_tts},
}


def _has_whisper() -> bool:
    return find_spec("faster_whisper") is not None


def _has_piper() -> bool:
    return find_spec("piper") is not None


def is_elsewhere(settings: Stt | Chat | Tts) -> bool:
    """Whether a provider does it: where none is named, where there is a key or an address."""
    return settings.engine == "openai" or (
        settings.engine is None and bool(settings.key or settings.base_url)
    )


def open_engines(config: Config) -> Engines:
    """
    Return the engines that *config* names, not loaded yet.

    Raises:
        ConfigError: If one is not in the table, or what it needs is not installed.
    """
    opening = Opening(config)
    return Engines(
        _open_list(opening, "stt", config.stt, "whisper" if _has_whisper() else "none"),
        _open_list(opening, "chat", config.chat, "site"),
        _open_list(opening, "tts", config.tts, "piper" if _has_piper() else "none"),
        silence_seconds=config.tts.silence_seconds,
    )


def _open_list(opening: Opening, job: Job, first: Stt | Chat | Tts, embedded: str) -> Any:
    """Open what *first* names and all that take over from it; None: nobody."""
    opened: list[tuple[Any, Any]] = []
    for path, settings in listed(first):
        if (engine := _open(opening, job, settings, (job, *path), embedded)) is not None:
            opened.append((engine, settings))
    if len(opened) < 2:
        engine, settings = opened[0] if opened else (None, first)
        return _cached(engine, settings) if isinstance(settings, Tts) else engine
    successors = [*(engine.info for engine, _ in opened[1:]), None]
    links: list[Link[Any]] = [
        Link(engine, successor, settings.handover_seconds)
        for (engine, settings), successor in zip(opened, successors, strict=True)
    ]
    if job == "tts":
        # Each has a memory of its own, and what it remembers it says however its engine is.
        return RelayTts(
            links, [_cached(LinkVoice(link), s) for link, (_, s) in zip(links, opened, strict=True)]
        )
    return RelayStt(links) if job == "stt" else RelayChat(links)


def _cached(voice: Any, settings: Tts) -> Any:
    if voice is None or not settings.cache_bytes:
        return voice
    configured = f"{settings.speed:g} {settings.format}"
    return CachedVoice(voice, Voices(settings), configured, settings.cache_bytes, settings.cache_folder)


def _open(
    opening: Opening, job: Job, settings: Stt | Chat | Tts, path: tuple[str, ...], embedded: str
) -> Any:
    """
    Open what *settings* name, which stand at *path*.

    By default OpenAI's where there is a key or an address, else *embedded*.
    """
    name = "openai" if is_elsewhere(settings) else settings.engine or embedded
    setting, variable = ".".join((*path, "engine")), "_".join(("voicechat", *path, "engine")).upper()
    if name == "none" and (job != "chat" or len(path) > 1):
        if settings.engine is None:
            missing = "ears" if job == "stt" else "voice"
            log.warning("This server has no %s; %s adds it.", missing, LOCAL_EXTRA)
        return None
    if name not in ENGINES[job]:
        known = ", ".join([*ENGINES[job], *(["none"] if job != "chat" else [])])
        raise ConfigError(f"{setting} ({variable}): {name!r} is none of {known}.")
    if (name == "whisper" and not _has_whisper()) or (name == "piper" and not _has_piper()):
        raise ConfigError(f"{setting}: {name} is not installed; {LOCAL_EXTRA} brings it.")
    return ENGINES[job][name](opening, settings)
