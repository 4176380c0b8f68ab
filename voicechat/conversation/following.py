"""How somebody begins to follow a turn: what came so far, then everything that comes."""

from __future__ import annotations

from dataclasses import replace

from ..dialogue import Accepted, AnswerText, Fault, State
from .audience import Listener
from .live_turn import LiveTurn


def follow(turn: LiveTurn, listener: Listener, text_from: int = 0, audio_from_ms: int | None = None) -> None:
    """
    Tell *listener* what came of *turn* so far, then everything that follows.

    *text_from* and *audio_from_ms* are what it has already; None: the sound goes on from
    where it was sent to before.
    """
    _tell_question(turn, listener)
    _tell_text(turn, listener, text_from)
    turn.add_listener(listener)
    asks = turn.audience.asks(listener)
    if turn.end is not None:
        if asks and audio_from_ms is not None:
            turn.tell_sound_again(listener, audio_from_ms)
        if turn.error is not None:
            listener.hear(turn.key, Fault.of(turn.error))
        listener.hear(turn.key, turn.end if asks else replace(turn.end, audio_ms=0))
        return
    listener.hear(turn.key, State(turn.phase_now))
    if asks:
        if audio_from_ms is not None:
            turn.tell_sound_again(listener, audio_from_ms)
        turn.send_sound()


def _tell_question(turn: LiveTurn, listener: Listener) -> None:
    asks = turn.audience.asks(listener)
    if asks:
        listener.hear(turn.key, Accepted(turn.n))
    if turn.transcript is None:
        return
    if not asks:
        listener.hear(turn.key, turn.user())
    elif turn.is_spoken:
        listener.hear(turn.key, turn.final_transcript())


def _tell_text(turn: LiveTurn, listener: Listener, text_from: int) -> None:
    said = turn.answer.encode()
    while text_from < len(said) and said[text_from] & 0xC0 == 0x80:
        text_from += 1  # in the middle of a code point
    if said[text_from:]:
        listener.hear(turn.key, AnswerText(text_from, said[text_from:].decode()))
    if turn.text_done.is_set() and turn.error is None:
        for message in turn.text_end():
            listener.hear(turn.key, message)
