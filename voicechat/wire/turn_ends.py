"""The one END that each turn of a full client gets."""

from __future__ import annotations

from ..dialogue import End, EndFlag, Fault
from ..errors import KeyReused, VoiceChatError
from .frames import encode
from .turn_set import TurnSet


class TurnEnds:
    """Ends turns that never began; the END of one that did comes with its answer."""

    def __init__(self) -> None:
        self.asked = TurnSet()
        """Turns that live, or have ended: each has the one END that it gets, or will have it."""
        self._ended = TurnSet()
        """Turns that got their one END without being asked: discarded, or refused."""

    def end(self, turn: int, flags: EndFlag) -> list[bytes]:
        """Return the END of a turn that never began."""
        if turn in self.asked or turn in self._ended:
            return []
        self._ended.add(turn)
        return [encode(End(0, 0, flags), turn)]

    def refuse(self, turn: int, error: VoiceChatError) -> list[bytes]:
        """
        Return what tells why *turn* could not begin, and ends it.

        Where its number is another question's, that one has its END, though over an earlier connection.
        """
        if isinstance(error, KeyReused):
            return [encode(Fault.of(error), turn)]
        return [encode(Fault.of(error), turn), *self.end(turn, EndFlag.FAILED)]
