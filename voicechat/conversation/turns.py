"""The turns of one chat that are within reach: those that live, and the last ones that ended."""

from __future__ import annotations

from collections.abc import Container

from ..dialogue import Key
from .live_turn import LiveTurn

KEPT_ENDED_TURNS = 8
"""Ended turns that PLAYED, CANCEL and a resend still find, besides what the store has."""


class Turns:
    """In the order in which they were asked, which is the order in which a tab's turns may sound."""

    def __init__(self) -> None:
        self._turns: dict[Key, LiveTurn] = {}
        self._muted_tabs: set[str] = set()

    def add(self, turn: LiveTurn) -> None:
        ended = [key for key, known in self._turns.items() if known.end is not None]
        for key in ended[:-KEPT_ENDED_TURNS]:
            del self._turns[key]
        for key in ended[-KEPT_ENDED_TURNS:-1]:
            # Sound is large: that of the last ended turn is kept for a resend, no more.
            self._turns[key].sound.forget()
        self._turns[turn.key] = turn
        turn.sound.set_muted(turn.key.tab in self._muted_tabs)
        self.pass_floor(turn.key.tab)

    def forget(self, n: int) -> None:
        """Forget the ended turns of question *n*."""
        for key in [key for key, turn in self._turns.items() if turn.n == n and turn.end is not None]:
            del self._turns[key]

    def find(self, key: Key) -> LiveTurn | None:
        return self._turns.get(key)

    def live(self) -> list[LiveTurn]:
        return [turn for turn in self._turns.values() if turn.end is None]

    def all(self) -> list[LiveTurn]:
        return list(self._turns.values())

    def awaited(self) -> list[LiveTurn]:
        """Return those of which more is to come than sound for a tab that is away."""
        return [turn for turn in self.live() if turn.is_awaited]

    def resumable(self, tab: str, keys: Container[Key], have: int) -> list[LiveTurn]:
        """
        Return the ended answers to *tab* that go on as if they ran: text and sound are kept.

        *keys* are those of which the page asks for the rest. A page that was loaded anew can't name
        any: for it, it is what was not heard to its end and stands behind message *have*.
        """
        ended = [turn for turn in self._turns.values() if turn.key.tab == tab and turn.is_told_again]
        return [one for one in ended if one.key in keys or (one.n + 1 > have and one.sound.is_unheard)]

    @property
    def are_settled(self) -> bool:
        """Whether the store knows how each ended that did."""
        return all(turn.record.is_settled for turn in self._turns.values())

    @property
    def kept_bytes(self) -> int:
        """How much sound there is."""
        return sum(turn.sound.kept_bytes for turn in self._turns.values())

    def forget_sound(self) -> None:
        """Let go of the sound of all that is written."""
        for turn in self._turns.values():
            if not turn.is_awaited:
                turn.sound.forget()

    def left_behind(self, key: Key) -> list[LiveTurn]:
        """Return the turns of the tab that nobody follows, and from which it goes on by asking *key*."""
        earlier = [turn for turn in self.live() if turn.key.tab == key.tab and turn.key.turn < key.turn]
        return [turn for turn in earlier if turn.audience.is_empty]

    def has_gone_on(self, key: Key) -> bool:
        """Whether its tab asked a later question over HTTP, and is there for that one."""
        later = (turn for turn in self.live() if turn.key.tab == key.tab and turn.key.turn > key.turn)
        return any(not turn.audience.is_empty and turn.sound.lead_ms is None for turn in later)

    def unanswered(self) -> int:
        """Return how many questions wait for their text, the one that is being answered among them."""
        return sum(not (turn.text_done.is_set() or turn.is_repeat) for turn in self._turns.values())

    def repeats(self, tab: str) -> int:
        """Return how many stored answers are being spoken again to *tab*."""
        return sum(turn.is_repeat and turn.key.tab == tab for turn in self.live())

    def pass_floor(self, tab: str) -> None:
        """Let the first turn of *tab* that has not ended sound (protocol, rule 3)."""
        turn = next((turn for turn in self.live() if turn.key.tab == tab), None)
        if turn is not None and not turn.sound.has_floor:
            turn.sound.give_floor()
            turn.send_sound()

    def mute(self, tab: str, is_muted: bool) -> None:
        """Leave what *tab* asked and asks unsaid, or say it again."""
        (self._muted_tabs.add if is_muted else self._muted_tabs.discard)(tab)
        for turn in self.live():
            if turn.key.tab == tab:
                self._set_muted(turn, is_muted)

    def set_speed(self, tab: str, speed: float) -> None:
        """Speak what is left of what *tab* asked at *speed*."""
        for turn in self.live():
            if turn.key.tab == tab:
                turn.speed = speed

    def unmute(self, key: Key) -> None:
        """Turn the sound of one turn on; nothing happens where it does not live."""
        turn = self._turns.get(key)
        if turn is not None and turn.end is None:
            self._set_muted(turn, False)

    def _set_muted(self, turn: LiveTurn, is_muted: bool) -> None:
        turn.sound.set_muted(is_muted)
        turn.send_sound()
