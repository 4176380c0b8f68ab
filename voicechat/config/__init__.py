"""The settings: `settings.py` is their table, `loading.py` reads them once."""

from .loading import load, settings
from .settings import OPENAI_URL, Chat, Config, Knowledge, Limits, Mode, Stt, Tts

__all__ = ["OPENAI_URL", "Chat", "Config", "Knowledge", "Limits", "Mode", "Stt", "Tts", "load", "settings"]
