"""How long a voice takes for a text."""

from __future__ import annotations

from collections import OrderedDict

from ..engines import EngineInfo
from ..sentences import FIRST_UNSPACED

MS_PER_LETTER = 65
"""How long a voice takes until something is known of it: some 15 characters a second."""

PRIOR_LETTERS = 60
"""How many letters of a voice are to be heard before what it is known to take counts as much as that."""

MOST_PACES = 100
"""The languages are what the listeners say they are."""

_PAUSES = dict.fromkeys(",;:–—、，；：", 4) | dict.fromkeys(".!?…。！？", 6)
_DIGIT, _DENSE = 3, 3
"""Of a dense script a character is a syllable or a word."""


class Pace:
    """How long one voice takes for a text, learnt from what it has said."""

    def __init__(self) -> None:
        self._letters = float(PRIOR_LETTERS)
        self._ms = self._letters * MS_PER_LETTER

    def learn(self, text: str, ms: float) -> None:
        """The voice took *ms* for *text*, or would have at its usual speed."""
        # What was said last counts most: half of it is forgotten with each piece.
        self._letters = self._letters / 2 + weight(text)
        self._ms = self._ms / 2 + ms

    def ms_of(self, text: str, speed: float = 1.0) -> int:
        """Return how long it will take for *text* at *speed*, times its usual one."""
        return round(weight(text) * self._ms / self._letters / speed)


class Paces:
    """Those of all voices that were heard lately, in each language of their listeners."""

    def __init__(self) -> None:
        self._paces: OrderedDict[tuple[str, str, str | None], Pace] = OrderedDict()
        """The one that was wanted last stands last."""

    def of(self, voice: EngineInfo, language: str | None) -> Pace:
        key = (voice.place, voice.model, language)
        pace = self._paces.setdefault(key, Pace())
        self._paces.move_to_end(key)
        while len(self._paces) > MOST_PACES:
            self._paces.popitem(last=False)
        return pace


def weight(text: str) -> int:
    """Return how long *text* sounds, counted in letters."""
    return sum(map(_weight_of, text))


def _weight_of(character: str) -> int:
    if character in _PAUSES:
        return _PAUSES[character]
    if character.isdigit():
        return _DIGIT
    return _DENSE if character >= FIRST_UNSPACED else 1
