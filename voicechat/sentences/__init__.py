"""What of a text is spoken, and in which pieces: no engine, no clock."""

from .cutting import LONGEST, LONGEST_CLAUSE, Piece, Sentences, Whole
from .spoken import FIRST_UNSPACED, Spoken, spoken, word_spans

__all__ = [
    "FIRST_UNSPACED",
    "LONGEST",
    "LONGEST_CLAUSE",
    "Piece",
    "Sentences",
    "Spoken",
    "Whole",
    "spoken",
    "word_spans",
]
