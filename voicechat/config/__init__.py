"""The settings: `settings.py` is their table, `loading.py` reads them once."""

from .loading import Source, inherited, load, settings, sources
from .settings import (
    FASTEST,
    LOCAL_HOSTS,
    OPENAI_URL,
    SLOWEST,
    Chat,
    Config,
    Knowledge,
    Limits,
    Mode,
    Stt,
    Tts,
)
from .tls import tls_context

__all__ = [
    "FASTEST",
    "LOCAL_HOSTS",
    "OPENAI_URL",
    "SLOWEST",
    "Chat",
    "Config",
    "Knowledge",
    "Limits",
    "Mode",
    "Source",
    "Stt",
    "Tts",
    "inherited",
    "load",
    "settings",
    "sources",
    "tls_context",
]
