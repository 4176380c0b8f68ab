"""
The models that are on this machine, and how more of them come here: `voicechat models`.

Engines ask `find` for a model by its name; nothing is fetched but by the command.
"""

from .catalogue import is_ears_name, is_voice_name, known_near
from .command import add_models
from .kept import find
from .weights import JOE_WEIGHTS, LOCAL_EXTRA, TINY_WEIGHTS

__all__ = [
    "JOE_WEIGHTS",
    "LOCAL_EXTRA",
    "TINY_WEIGHTS",
    "add_models",
    "find",
    "is_ears_name",
    "is_voice_name",
    "known_near",
]
