"""What happened to a question, and when: the same words for both modes, so that they can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .. import dialogue as d


@dataclass(frozen=True, slots=True)
class Asked:
    """
    The visitor has asked and waits from here on.

    What was typed or recorded before begins to leave now; of what goes up while it is spoken, this is
    the end.
    """


@dataclass(frozen=True, slots=True)
class Sent:
    """All of the question has left."""


Event = Asked | Sent | d.TurnMessage


@dataclass(frozen=True, slots=True)
class Moment:
    """One event, and when it came."""

    at_seconds: float
    """By the monotonic clock."""
    event: Event
    bytes_up: int
    """
    Bytes sent for this question so far: of the body in v1, of the messages in v2.

    What HTTP and the WebSocket put around them is not counted.
    """
    bytes_down: int
    """Bytes that came for it so far, counted likewise."""


@dataclass(frozen=True, slots=True)
class Stages:
    """The moments that matter, in seconds after the visitor asked; None: it did not take place."""

    asked_at_seconds: float
    """By the monotonic clock."""
    sent: float | None
    transcript: float | None
    first_text: float | None
    whole_text: float | None
    first_sound: float | None
    whole_sound: float | None
    ended: float | None
    bytes_up: int
    bytes_down: int
    first_clause: float | None = None
    """
    The first clause was there to be spoken: as the server says in v2, which counts from when all of the
    question was there.
    """
    first_heard: float | None = None
    """The answer was heard: known to whoever plays it."""

    @classmethod
    def of(cls, moments: Iterable[Moment], heard_at_seconds: float | None = None) -> Stages:
        """
        Return the stages in the *moments* of one question, at least one of them, in their order.

        *heard_at_seconds*: when its first sound was heard, by the monotonic clock; not before it came,
        whatever is told of a loudspeaker.
        """
        moments = list(moments)
        times: dict[type, list[float]] = {}
        for moment in moments:
            times.setdefault(type(moment.event), []).append(moment.at_seconds)
        asked_at = times.get(Asked, [moments[0].at_seconds])[0]

        def after(kind: type, place: int) -> float | None:
            return times[kind][place] - asked_at if kind in times else None

        first_sound, heard = after(d.AnswerAudio, 0), heard_at_seconds
        return cls(
            asked_at_seconds=asked_at,
            sent=after(Sent, -1),
            transcript=after(d.Transcript, -1),
            first_text=after(d.AnswerText, 0),
            whole_text=after(d.AnswerText, -1),
            first_sound=first_sound,
            whole_sound=after(d.AnswerAudio, -1),
            ended=after(d.End, -1),
            bytes_up=moments[-1].bytes_up,
            bytes_down=moments[-1].bytes_down,
            first_clause=_first_clause(moments),
            first_heard=None if heard is None else max(heard - asked_at, first_sound or 0),
        )


def _first_clause(moments: Iterable[Moment]) -> float | None:
    for moment in moments:
        if isinstance(moment.event, d.Timing):
            at = moment.event.content.get("at")
            ms = at.get("first_clause") if isinstance(at, dict) else None
            return ms / 1000 if isinstance(ms, int) else None
    return None
