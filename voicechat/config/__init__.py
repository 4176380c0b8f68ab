"""The settings: `settings.py` is their table, `loading.py` reads them once."""

from .loading import Source, inherited, load, settings, sources
from .settings import LOCAL_HOSTS, OPENAI_URL, Chat, Config, Knowledge, Limits, Mode, Stt, Tts
from .tls import tls_context

__all__ = [
    "LOCAL_HOSTS",
    "OPENAI_URL",
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
