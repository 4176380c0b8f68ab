"""One question -> the pieces of its answer."""

from .answering import answer
from .out import Out, Question, Rooms, SoundFormat, Wish
from .speaking import speak

__all__ = ["Out", "Question", "Rooms", "SoundFormat", "Wish", "answer", "speak"]
