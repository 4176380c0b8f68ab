"""One question -> the pieces of its answer."""

from .answering import answer
from .early_hearing import hear_early
from .hearing import Hearing
from .longest import LongestWait, longest_wait
from .out import Out, Question, SoundFormat, Wish
from .rooms import Rooms
from .speaking import speak

__all__ = [
    "Hearing",
    "LongestWait",
    "Out",
    "Question",
    "Rooms",
    "SoundFormat",
    "Wish",
    "answer",
    "hear_early",
    "longest_wait",
    "speak",
]
