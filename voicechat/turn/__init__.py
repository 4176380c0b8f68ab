"""One question -> the pieces of its answer."""

from .answering import answer
from .longest import LongestWait, longest_wait
from .out import Out, Question, Rooms, SoundFormat, Wish
from .speaking import speak

__all__ = [
    "LongestWait",
    "Out",
    "Question",
    "Rooms",
    "SoundFormat",
    "Wish",
    "answer",
    "longest_wait",
    "speak",
]
