"""
Who listens, thinks and speaks: three interfaces, and the table of those who can do it.

A new engine is a file in this folder and a row in `ENGINES`; the contract tests run on every row.
"""

from .early import HearsEarly, transcribe_early
from .interface import (
    VERBS,
    ChatModel,
    Engine,
    EngineInfo,
    Job,
    Manner,
    Speech,
    SpeechToText,
    TextToSpeech,
    TimedWord,
    sound_of,
)
from .loading import LOADING_SECONDS
from .table import ENGINES, is_elsewhere, open_engines
from .working import Engines, Task

__all__ = [
    "ENGINES",
    "LOADING_SECONDS",
    "VERBS",
    "ChatModel",
    "Engine",
    "EngineInfo",
    "Engines",
    "HearsEarly",
    "Job",
    "Manner",
    "Speech",
    "SpeechToText",
    "Task",
    "TextToSpeech",
    "TimedWord",
    "is_elsewhere",
    "open_engines",
    "sound_of",
    "transcribe_early",
]
