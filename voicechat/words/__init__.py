"""
What the words of a question and of a page have in common: terms, stems, synonyms, slips of the finger.

Both who finds the passage that answers (`knowledge`) and who picks the sentence out of it
(`engines.site`) read by the same rules.
"""

from .kinship import (
    NEAR_GROUPS,
    NEAR_LIKENESS,
    PREFIX_CHARS,
    PREFIX_LIKENESS,
    SAME_GROUPS,
    SAME_LIKENESS,
    likeness,
)
from .reading import MAX_SAID_CHARS, Asked, asked, fold, is_how_to, is_light, page_terms, terms, words
from .stems import distance, stem

__all__ = [
    "MAX_SAID_CHARS",
    "NEAR_GROUPS",
    "NEAR_LIKENESS",
    "PREFIX_CHARS",
    "PREFIX_LIKENESS",
    "SAME_GROUPS",
    "SAME_LIKENESS",
    "Asked",
    "asked",
    "distance",
    "fold",
    "is_how_to",
    "is_light",
    "likeness",
    "page_terms",
    "stem",
    "terms",
    "words",
]
