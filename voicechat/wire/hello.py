"""How a client introduces itself in the full profile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..dialogue import Json
from ..errors import BadRequest
from .language import parse_language

VERSION = 1

SPEECH_FORMATS = ("pcm16/24000", "mp3")

RECORDING_FORMATS = ("pcm16/16000", "pcm16/24000", "webm/opus", "ogg/opus", "mp4/aac")

MAX_RESUMES = 32

LONGEST_TAB = 64

MOST = 2**53
"""Up to here JavaScript counts exactly; what is told of is not that much."""

_TAB = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_TAB}}}")


@dataclass(frozen=True, slots=True)
class Resume:
    """What a tab that comes back has of one turn."""

    turn: int
    text: int
    """UTF-8 bytes."""
    audio_ms: int


@dataclass(frozen=True, slots=True)
class Introduction:
    """HELLO, checked. A basic client's SET_CLIENT_ID is one too, with formats empty."""

    tab: str
    chat: str | None = None
    """None: a new chat is wanted."""
    audio_in: tuple[str, ...] = ()
    audio_out: str | None = None
    """The format chosen; None: no speech."""
    language: str | None = None
    captions: bool = False
    """Whether what is heard of a recording is wanted while it is spoken."""
    have: int = 0
    resume: tuple[Resume, ...] = ()


def parse_hello(content: Json) -> Introduction:
    """
    Raises:
        BadRequest: Names the member that is wrong.
    """
    if content.get("v") != VERSION:
        raise BadRequest(f"HELLO needs v: {VERSION}.")
    tab = content.get("tab")
    if not isinstance(tab, str) or not _TAB.fullmatch(tab):
        raise BadRequest("HELLO needs a tab: 128 random bits in base64url.")
    offered = _strings(content, "audio_out")
    return Introduction(
        tab=tab,
        chat=_optional(content, "chat", str),
        audio_in=_strings(content, "audio_in"),
        audio_out=next((format for format in offered if format in SPEECH_FORMATS), None),
        language=parse_language(content.get("language")),
        captions=content.get("captions") is True,
        have=min(max(_optional(content, "have", int) or 0, 0), MOST),
        resume=_resumes(content),
    )


def message_number(content: Json) -> int | None:
    """Return n, the number of a message that *content* is about; None where it says none."""
    n = content.get("n")
    # Not `isinstance`: JSON's true is an int to it.
    return n if type(n) is int and abs(n) <= MOST else None


def _strings(content: Json, name: str) -> tuple[str, ...]:
    value = content.get(name, [])
    if not isinstance(value, list) or len(value) > 32 or not all(isinstance(item, str) for item in value):
        raise BadRequest(f"HELLO's {name} is a list of formats.")
    return tuple(value)


def _optional(content: Json, name: str, kind: type) -> Any:
    value = content.get(name)
    if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
        raise BadRequest(f"HELLO's {name} is of the wrong kind.")
    return value


def _resumes(content: Json) -> tuple[Resume, ...]:
    entries = content.get("resume") or []
    if not isinstance(entries, list) or len(entries) > MAX_RESUMES:
        raise BadRequest(f"HELLO's resume is a list of at most {MAX_RESUMES} turns.")
    try:
        resumes = tuple(Resume(int(e["turn"]), int(e["text"]), int(e["audio"])) for e in entries)
        if not all(0 <= n <= MOST for one in resumes for n in (one.turn, one.text, one.audio_ms)):
            raise ValueError("a number is never negative, nor that high")
        return resumes
    except (TypeError, KeyError, ValueError, OverflowError) as exc:
        raise BadRequest("HELLO's resume has entries of turn, text and audio.") from exc
