"""
What client and server say to each other, and what the rooms of the house hand around.

Frozen dataclasses without behaviour. A message does not carry the number of its turn: that is
its address, and differs from connection to connection; `wire` writes it on the envelope.
Offsets (`pos`) are UTF-8 bytes in text, bytes in a recording, milliseconds in spoken audio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Any, Literal

from .errors import VoiceChatError

Role = Literal["user", "assistant"]
Status = Literal["queued", "running", "complete", "cut", "failed", "interrupted", "unheard"]
Bearing = Literal["answers", "near", "aside"]
Rating = Literal["up", "down"]
Json = Mapping[str, Any]


# ── What is stored and what engines are asked ─────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Message:
    """One stored question or answer."""

    n: int
    """1, 2, 3 … within its chat, in the one order that every tab sees."""
    role: Role
    text: str
    status: Status
    heard: int | None = None
    """UTF-8 bytes of an answer that were heard, where it was cut; None: all of it counts."""
    sources: tuple[Source, ...] = ()
    fault: Fault | None = None
    """Why an answer failed, for who asks again under its key; the history does not show it."""
    at: float = 0
    """Seconds since 1970 when it was last written."""
    rating: Rating | None = None
    """What the visitor thinks of an answer; None: nothing was said of it."""

    @property
    def known_text(self) -> str:
        """What the visitor knows of it: of an answer that was cut, what was heard."""
        return self.text if self.heard is None else _decoded(self.text.encode()[: self.heard])

    @property
    def unheard_text(self) -> str:
        """The rest of an answer that was cut."""
        return "" if self.heard is None else _decoded(self.text.encode()[self.heard :])


def _decoded(part: bytes) -> str:
    # A client may say anything of what was heard: a character that it cut through is left out.
    return part.decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Source:
    """A page of the site that an answer used."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of the site's own pages that bears on a question."""

    source: Source
    heading: str
    """The heading it stands under; the page's title where it stands under none."""
    text: str
    """Plain text, Markdown taken off."""
    bearing: Bearing
    """Whether it is thought to answer the question, to come near that, or to be no more than about it."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that a chat engine is given for one answer."""

    system: str
    history: tuple[Message, ...]
    """Oldest first; the last one is the question. Of an answer that was cut only `known_text` was said."""
    passages: tuple[Passage, ...] = ()
    """Best first; empty where knowledge is off or has nothing near."""
    topics: tuple[str, ...] = ()
    """What the site's pages can answer, in the words of their headings."""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """The identity of a question within its chat: it makes a resend safe in both modes."""

    tab: str
    turn: int


# ── Client to server, basic profile ───────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SetClientId:
    id: str


@dataclass(frozen=True, slots=True)
class UserTextMessage:
    text: str


@dataclass(frozen=True, slots=True)
class UserAudioChunk:
    data: bytes


@dataclass(frozen=True, slots=True)
class UserAudioEnd:
    pass


# ── Server to client, basic profile ───────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Ok:
    pass


@dataclass(frozen=True, slots=True)
class Error:
    text: str


@dataclass(frozen=True, slots=True)
class TextChunk:
    text: str


@dataclass(frozen=True, slots=True)
class TextEnd:
    pass


# ── Client to server, full profile ────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Hello:
    content: Json


@dataclass(frozen=True, slots=True)
class AskText:
    """A typed question, whole."""

    text: str


@dataclass(frozen=True, slots=True)
class AskAudio:
    """The next bytes of a spoken question."""

    pos: int
    format: int
    """Index in HELLO's `audio_in`."""
    data: bytes


class AudioEndFlag(IntFlag):
    NONE = 0
    DISCARD = 1
    BY_VOICE_ACTIVITY = 2


@dataclass(frozen=True, slots=True)
class AskAudioEnd:
    pos: int
    """Bytes of the recording in all."""
    flags: AudioEndFlag = AudioEndFlag.NONE


class PlayedFlag(IntFlag):
    NONE = 0
    PAUSED = 1
    ENDED = 2
    UNDERRUN = 4
    MUTED = 8


@dataclass(frozen=True, slots=True)
class Played:
    pos: int
    """The playhead in ms of that turn's sound."""
    flags: PlayedFlag = PlayedFlag.NONE


class CancelReason(IntEnum):
    SPOKEN_OVER = 1
    BUTTON = 2
    TYPED_OVER = 3


@dataclass(frozen=True, slots=True)
class Cancel:
    pos: int
    """Milliseconds of sound that were heard."""
    reason: CancelReason


@dataclass(frozen=True, slots=True)
class Ping:
    nonce: int


class SpeechActivity(IntEnum):
    STARTED = 1
    PAUSED = 2
    STOPPED = 3


@dataclass(frozen=True, slots=True)
class UserSpeech:
    """The page's own voice activity."""

    activity: SpeechActivity


@dataclass(frozen=True, slots=True)
class ToolResult:
    content: Json


@dataclass(frozen=True, slots=True)
class Set:
    content: Json


@dataclass(frozen=True, slots=True)
class Bye:
    pass


@dataclass(frozen=True, slots=True)
class Speak:
    """Speak a stored answer again, or turn a running one's sound on."""

    pos: int
    """Byte offset in the answer's text."""
    n: int
    """The answer's number; 0: the running turn's."""


@dataclass(frozen=True, slots=True)
class ClientEvent:
    content: Json


# ── Server to client, full profile ────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Welcome:
    content: Json


@dataclass(frozen=True, slots=True)
class AnswerText:
    """The next piece of an answer; it never splits a code point."""

    pos: int
    text: str
    last: bool = False


@dataclass(frozen=True, slots=True)
class AnswerAudio:
    pos: int
    """Milliseconds of this turn's sound before it."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text and the stretch of sound that says it."""

    text_start: int
    text_end: int
    audio_start_ms: int
    audio_end_ms: int


@dataclass(frozen=True, slots=True)
class Mark:
    spans: tuple[Span, ...]
    words: bool = False
    """Whether the spans are words, else pieces as they were spoken."""
    estimated: bool = False


class EndFlag(IntFlag):
    COMPLETE = 1
    CUT = 2
    FAILED = 4
    UNSAID = 8
    """Speech was left unsaid: nobody listened, or it failed."""


@dataclass(frozen=True, slots=True)
class End:
    pos: int
    """Bytes of the answer's text."""
    audio_ms: int
    """Milliseconds of sound that were sent."""
    flags: EndFlag


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    stable: int
    """Bytes of it that won't change any more among partials."""
    final: bool


@dataclass(frozen=True, slots=True)
class Fault:
    code: str
    message: str
    retry_after_seconds: float | None = None
    fatal: bool = False
    """Whether the connection ends with it."""

    @classmethod
    def of(cls, error: VoiceChatError, *, fatal: bool = False) -> Fault:
        return cls(error.code, str(error), error.retry_after_seconds, fatal)


class Phase(IntEnum):
    """What the bot does just now; on the wire it is called STATE."""

    LISTENING = 1
    TRANSCRIBING = 2
    THINKING = 3
    SPEAKING = 4
    IDLE = 5
    QUEUED = 6


@dataclass(frozen=True, slots=True)
class State:
    phase: Phase


@dataclass(frozen=True, slots=True)
class Timing:
    content: Json


@dataclass(frozen=True, slots=True)
class GoAway:
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class User:
    """What another tab of the same chat asked."""

    n: int
    text: str


@dataclass(frozen=True, slots=True)
class AudioAck:
    pos: int
    """Bytes of the recording that are safe."""


@dataclass(frozen=True, slots=True)
class Cut:
    pos: int
    """Bytes of the answer that were heard."""


@dataclass(frozen=True, slots=True)
class Pong:
    nonce: int


@dataclass(frozen=True, slots=True)
class Tool:
    content: Json


@dataclass(frozen=True, slots=True)
class Accepted:
    n: int
    """The question is stored as this message; its answer will be the next."""


class VoiceActivity(IntEnum):
    BEGUN = 1
    TAKEN = 2
    NOTHING = 3


@dataclass(frozen=True, slots=True)
class Voice:
    """Hands-free: what the server heard in the microphone's stream."""

    pos: int
    activity: VoiceActivity


@dataclass(frozen=True, slots=True)
class ServerEvent:
    content: Json


# ── Which of them belong together ─────────────────────────────────────────────────────────────

TurnMessage = (
    Accepted
    | AnswerAudio
    | AnswerText
    | Cut
    | End
    | Fault
    | Mark
    | ServerEvent
    | State
    | Timing
    | Transcript
    | User
)
"""What a turn tells those who follow it."""

ClientMessage = Bye | Cancel | ClientEvent | Played | Set | Speak | ToolResult | UserSpeech
"""What a full client asks of its conversation, beside questions."""
