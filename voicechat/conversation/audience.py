"""Who follows a turn: the asking tab, and the others that show the same chat."""

from __future__ import annotations

from typing import Protocol

from ..dialogue import AnswerText, Key, TurnMessage
from ..turn import SoundFormat

MOST_UNTOLD = 50
"""Pieces after which the other tabs are told without the end of a sentence: a list or code may have none."""


class Listener(Protocol):
    """One connection that follows a chat."""

    @property
    def tab(self) -> str: ...

    def takes(self, format: SoundFormat) -> bool:
        """Whether sound in *format* is any use to it."""

    def hear(self, key: Key, message: TurnMessage) -> None:
        """Take a message of the turn of *key*; must not raise, wait, or make anybody come or go."""


class Audience:
    """
    The listeners of the turn of *key*, each told everything in the same order.

    The asking tab is told each piece of the text as it comes. The others are told as much at the ends of
    its sentences: a chat that is open in five tabs then costs little more than in one.
    """

    def __init__(self, key: Key) -> None:
        self._key = key
        self._askers: list[Listener] = []
        self._others: list[Listener] = []
        self._untold: list[AnswerText] = []
        """What the askers were told and the others were not yet."""

    def add(self, listener: Listener) -> None:
        listeners = self._askers if self.asks(listener) else self._others
        if listener not in listeners:
            # Who comes now has just been told all there is: the others are to have it too.
            self._catch_up()
            listeners.append(listener)

    def remove(self, listener: Listener) -> bool:
        """Return whether it was there."""
        listeners = self._askers if self.asks(listener) else self._others
        was_there = listener in listeners
        if was_there:
            listeners.remove(listener)
        return was_there

    @property
    def is_empty(self) -> bool:
        """Whether nobody follows: none of the asking tab, and in a shared chat none of any."""
        return not (self._askers or self._others)

    @property
    def has_askers(self) -> bool:
        return bool(self._askers)

    def asks(self, listener: Listener) -> bool:
        """Whether it is of the tab that asked: that one alone gets the sound."""
        return listener.tab == self._key.tab

    def hearers(self, format: SoundFormat) -> list[Listener]:
        """Return who of the asking tab takes sound in *format*."""
        return [listener for listener in self._askers if listener.takes(format)]

    def tell(self, message: TurnMessage) -> None:
        self.tell_asker(message)
        self.tell_others(message)

    def tell_text(self, message: AnswerText, *, ends_sentence: bool) -> None:
        """Tell a piece of the answer that is not its last."""
        self.tell_asker(message)
        if self._others:
            self._untold.append(message)
            if ends_sentence or len(self._untold) >= MOST_UNTOLD:
                self._catch_up()

    def tell_asker(self, message: TurnMessage) -> None:
        for listener in self._askers:
            listener.hear(self._key, message)

    def tell_others(self, message: TurnMessage) -> None:
        self._catch_up()
        for listener in self._others:
            listener.hear(self._key, message)

    def _catch_up(self) -> None:
        if not self._untold:
            return
        pieces, self._untold = self._untold, []
        text = AnswerText(pieces[0].pos, "".join(piece.text for piece in pieces))
        for listener in self._others:
            listener.hear(self._key, text)
