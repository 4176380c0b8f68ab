"""The settings: `settings.py` is their table, `loading.py` reads them once."""

from .jobs import FASTEST, OPENAI_URL, SLOWEST, Chat, Stt, Tts, listed
from .loading import Source, inherited, load, settings, sources
from .settings import LOCAL_HOSTS, Config, Knowledge, Limits, Mode
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
    "listed",
    "load",
    "settings",
    "sources",
    "tls_context",
]
