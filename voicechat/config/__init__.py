"""The settings: `settings.py` is their table, `loading.py` reads them once."""

from .loading import load, settings
from .settings import LOCAL_HOSTS, OPENAI_URL, Chat, Config, Knowledge, Limits, Mode, Stt, Tts

__all__ = [
    "LOCAL_HOSTS",
    "OPENAI_URL",
    "Chat",
    "Config",
    "Knowledge",
    "Limits",
    "Mode",
    "Stt",
    "Tts",
    "load",
    "settings",
]
