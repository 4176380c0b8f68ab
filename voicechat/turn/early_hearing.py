"""Whether a recording is heard before its end, and by whom."""

from __future__ import annotations

from ..audio import arriving
from .early_answer import EarlyAnswer
from .hearing import Hearing
from .rooms import Rooms

FREE_CALLS = 80
"""For one recording, of an engine that costs nothing but this machine's time: two minutes want some 70."""


def hear_early(chat: str, format: str | None, language: str | None, rooms: Rooms) -> Hearing | None:
    """
    Return what hears a recording in *format*, as HELLO names it, that arrives as a question of *chat*.

    None: there is nobody who could, yet, or it is not to be; the recording is transcribed at its end.
    """
    stt, config = rooms.engines.stt, rooms.config
    if stt is None or "stt" in rooms.engines.warming():
        return None
    calls = config.stt.early_calls
    if calls is None:
        calls = 0 if stt.info.paid else FREE_CALLS
    if not calls:
        return None
    sound = arriving(format, config.limits.recording_seconds)
    hearing = Hearing(sound, stt, calls, language or config.language)
    if config.chat.early_answers:
        hearing.answer = EarlyAnswer(chat, language, rooms, config.chat.early_answers)
    return hearing
