"""
Who listens, thinks and speaks: three interfaces, and the table of those who can do it.

A new engine is a file in this folder and a row in `ENGINES`; the contract tests run on every row.
"""

from .interface import VERBS, ChatModel, Engine, EngineInfo, Job, SpeechToText, TextToSpeech
from .table import ENGINES, open_engines
from .working import LOADING_SECONDS, Engines, Task

__all__ = [
    "ENGINES",
    "LOADING_SECONDS",
    "VERBS",
    "ChatModel",
    "Engine",
    "EngineInfo",
    "Engines",
    "Job",
    "SpeechToText",
    "Task",
    "TextToSpeech",
    "open_engines",
]
