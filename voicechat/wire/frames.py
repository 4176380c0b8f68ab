"""
The frames of mode v2: one table, and two functions over it.

Frames with a header are `type u8 | flags u8 | turn u16 | pos u32`, big-endian, then the payload;
eight bytes keep PCM aligned for the browser's `Int16Array`. JSON frames are the type and then JSON.
The golden bytes of every row stand in `tests/vectors/frames.json`, which the browser's twin of this
table (`web/wire/frames.js`) reads too.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson

from .. import dialogue as d
from ..errors import Malformed, UnknownType

_HEADER = struct.Struct("!BBHI")
_U32 = struct.Struct("!I")
_SPAN = struct.Struct("!IIII")


class Layout(Enum):
    PLAIN = "the type, then the payload"
    HEADER = "the eight bytes, then the payload"
    JSON = "the type, then JSON"


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of frame, both directions of its translation side by side."""

    number: int
    name: str
    """As PROTOCOL.md calls it."""
    message: type
    layout: Layout
    pack: Callable[[Any], Any]
    """PLAIN: message -> payload. HEADER: message -> (flags, pos, payload). JSON: message -> object."""
    unpack: Callable[..., Any]
    """PLAIN: payload -> message. HEADER: flags, pos, payload -> message. JSON: object -> message."""


def _plain(
    number: int, name: str, message: type, pack: Callable[[Any], bytes], unpack: Callable[[bytes], Any]
) -> Row:
    return Row(number, name, message, Layout.PLAIN, pack, unpack)


def _empty(number: int, name: str, message: type) -> Row:
    return _plain(number, name, message, lambda m: b"", lambda payload: message())


def _header(
    number: int,
    name: str,
    message: type,
    pack: Callable[[Any], tuple[int, int, bytes]],
    unpack: Callable[[int, int, bytes], Any],
) -> Row:
    return Row(number, name, message, Layout.HEADER, pack, unpack)


def _json(number: int, name: str, message: type) -> Row:
    return Row(number, name, message, Layout.JSON, lambda m: m.content, message)


def _fault_to_json(fault: d.Fault) -> dict[str, Any]:
    content: dict[str, Any] = {"code": fault.code, "message": fault.message, "fatal": fault.fatal}
    if fault.retry_after_seconds is not None:
        content["retry_after"] = fault.retry_after_seconds
    return content


def _fault_from_json(content: d.Json) -> d.Fault:
    return d.Fault(
        content["code"], content["message"], content.get("retry_after"), content.get("fatal", False)
    )


def _text(payload: bytes) -> str:
    return str(payload, "utf-8")


def _u32(payload: bytes) -> int:
    value: int = _U32.unpack(payload)[0]
    return value


def _pack_mark(mark: d.Mark) -> tuple[int, int, bytes]:
    spans = (_SPAN.pack(s.text_start, s.text_end, s.audio_start_ms, s.audio_end_ms) for s in mark.spans)
    return mark.words | mark.estimated << 1, 0, b"".join(spans)


def _unpack_mark(flags: int, pos: int, payload: bytes) -> d.Mark:
    spans = tuple(d.Span(*numbers) for numbers in _SPAN.iter_unpack(payload))
    return d.Mark(spans, bool(flags & 1), bool(flags & 2))


# fmt: off
FRAMES: tuple[Row, ...] = (
    # Client to server, basic profile
    _plain(0x01, "SET_CLIENT_ID", d.SetClientId, lambda m: m.id.encode(), lambda p: d.SetClientId(_text(p))),
    _plain(0x02, "USER_TEXT_MESSAGE", d.UserTextMessage,
           lambda m: m.text.encode(), lambda p: d.UserTextMessage(_text(p))),
    _plain(0x03, "USER_AUDIO_CHUNK", d.UserAudioChunk, lambda m: m.data, d.UserAudioChunk),
    _empty(0x04, "USER_AUDIO_END", d.UserAudioEnd),
    # Client to server, full profile
    _json(0x10, "HELLO", d.Hello),
    _header(0x11, "TEXT", d.AskText,
            lambda m: (0, 0, m.text.encode()), lambda flags, pos, p: d.AskText(_text(p))),
    _header(0x12, "AUDIO", d.AskAudio,
            lambda m: (m.format, m.pos, m.data), lambda flags, pos, p: d.AskAudio(pos, flags, p)),
    _header(0x13, "AUDIO_END", d.AskAudioEnd,
            lambda m: (m.flags, m.pos, b""), lambda flags, pos, p: d.AskAudioEnd(pos, d.AudioEndFlag(flags))),
    _header(0x14, "PLAYED", d.Played,
            lambda m: (m.flags, m.pos, b""), lambda flags, pos, p: d.Played(pos, d.PlayedFlag(flags))),
    _header(0x15, "CANCEL", d.Cancel,
            lambda m: (m.reason, m.pos, b""), lambda flags, pos, p: d.Cancel(pos, d.CancelReason(flags))),
    _plain(0x16, "PING", d.Ping, lambda m: _U32.pack(m.nonce), lambda p: d.Ping(_u32(p))),
    _header(0x17, "SPEECH", d.UserSpeech,
            lambda m: (m.activity, 0, b""), lambda flags, pos, p: d.UserSpeech(d.SpeechActivity(flags))),
    _json(0x18, "TOOL_RESULT", d.ToolResult),
    _json(0x19, "SET", d.Set),
    _empty(0x1A, "BYE", d.Bye),
    _header(0x1B, "SPEAK", d.Speak,
            lambda m: (0, m.pos, _U32.pack(m.n)), lambda flags, pos, p: d.Speak(pos, _u32(p))),
    _json(0x1F, "EVENT", d.ClientEvent),
    # Server to client, basic profile
    _empty(0x81, "OK", d.Ok),
    _plain(0x82, "ERROR", d.Error, lambda m: m.text.encode(), lambda p: d.Error(_text(p))),
    _plain(0x83, "TEXT_CHUNK", d.TextChunk, lambda m: m.text.encode(), lambda p: d.TextChunk(_text(p))),
    _empty(0x84, "TEXT_END", d.TextEnd),
    # Server to client, full profile
    _json(0x90, "WELCOME", d.Welcome),
    _header(0x91, "TEXT", d.AnswerText,
            lambda m: (m.last, m.pos, m.text.encode()),
            lambda flags, pos, p: d.AnswerText(pos, _text(p), bool(flags & 1))),
    _header(0x92, "AUDIO", d.AnswerAudio,
            lambda m: (0, m.pos, m.data), lambda flags, pos, p: d.AnswerAudio(pos, p)),
    _header(0x93, "MARK", d.Mark, _pack_mark, _unpack_mark),
    _header(0x94, "END", d.End,
            lambda m: (m.flags, m.pos, _U32.pack(m.audio_ms)),
            lambda flags, pos, p: d.End(pos, _u32(p), d.EndFlag(flags))),
    _header(0x95, "TRANSCRIPT", d.Transcript,
            lambda m: (m.final, m.stable, m.text.encode()),
            lambda flags, pos, p: d.Transcript(_text(p), pos, bool(flags & 1))),
    Row(0x96, "FAULT", d.Fault, Layout.JSON, _fault_to_json, _fault_from_json),
    _header(0x97, "STATE", d.State,
            lambda m: (m.phase, 0, b""), lambda flags, pos, p: d.State(d.Phase(flags))),
    _json(0x98, "TIMING", d.Timing),
    Row(0x99, "GOAWAY", d.GoAway, Layout.JSON,
        lambda m: {"seconds": m.seconds, "reason": m.reason}, lambda c: d.GoAway(c["seconds"], c["reason"])),
    _header(0x9A, "USER", d.User,
            lambda m: (0, 0, _U32.pack(m.n) + m.text.encode()),
            lambda flags, pos, p: d.User(_u32(p[:4]), _text(p[4:]))),
    _header(0x9B, "AUDIO_ACK", d.AudioAck, lambda m: (0, m.pos, b""), lambda flags, pos, p: d.AudioAck(pos)),
    _header(0x9C, "CUT", d.Cut, lambda m: (0, m.pos, b""), lambda flags, pos, p: d.Cut(pos)),
    _plain(0x9D, "PONG", d.Pong, lambda m: _U32.pack(m.nonce), lambda p: d.Pong(_u32(p))),
    _json(0x9E, "TOOL", d.Tool),
    _header(0x9F, "ACCEPTED", d.Accepted,
            lambda m: (0, 0, _U32.pack(m.n)), lambda flags, pos, p: d.Accepted(_u32(p))),
    _header(0xA0, "VOICE", d.Voice,
            lambda m: (m.activity, m.pos, b""), lambda flags, pos, p: d.Voice(pos, d.VoiceActivity(flags))),
    _json(0xA1, "EVENT", d.ServerEvent),
)
# fmt: on

_BY_MESSAGE = {row.message: row for row in FRAMES}
_BY_NUMBER = {row.number: row for row in FRAMES}
_BASIC_CHUNK, _AUDIO = (bytes((_BY_MESSAGE[kind].number,)) for kind in (d.UserAudioChunk, d.AskAudio))


def encode(message: Any, turn: int = 0) -> bytes:
    """
    Return the frame of *message*.

    *turn* goes into the header, or into JSON as its member `turn` where it is not 0; frames that
    belong to no turn have none.
    """
    row = _BY_MESSAGE[type(message)]
    if row.layout is Layout.HEADER:
        flags, pos, payload = row.pack(message)
        return b"".join((_HEADER.pack(row.number, flags, turn, pos), payload))
    if row.layout is Layout.PLAIN:
        return b"".join((bytes((row.number,)), row.pack(message)))
    content = row.pack(message)
    return bytes((row.number,)) + orjson.dumps({**content, "turn": turn} if turn else content)


def kind_of(frame: bytes) -> type | None:
    """Return which kind of message *frame* says it is; None: it is empty or of no known number."""
    row = _BY_NUMBER.get(frame[0]) if frame else None
    return row.message if row is not None else None


def piece_of(frame: bytes) -> tuple[int, bytes, int | None] | None:
    """
    Return a recording's turn, what *frame* adds to it, and from which byte on; None: it is no such frame.

    What `decode` says of USER_AUDIO_CHUNK (turn 0, byte None: the end) and AUDIO, at a third of its
    cost: nearly all that comes are those.
    """
    kind = frame[:1]
    if kind == _BASIC_CHUNK:
        return 0, frame[1:], None
    if kind == _AUDIO and len(frame) >= _HEADER.size:
        _, _, turn, pos = _HEADER.unpack_from(frame)
        return (turn, frame[_HEADER.size :], pos) if turn else None
    return None


def decode(frame: bytes) -> tuple[Any, int]:
    """
    Return the message of *frame* and the number of its turn, 0 where it belongs to none.

    Raises:
        UnknownType: If its number is not in the table.
        Malformed: If the rest does not fit the number, whatever the bytes are.
    """
    if not frame:
        raise Malformed("An empty message is no frame.")
    row = _BY_NUMBER.get(frame[0])
    if row is None:
        raise UnknownType(f"There is no frame with the number 0x{frame[0]:02X}.")
    try:
        if row.layout is Layout.HEADER:
            _, flags, turn, pos = _HEADER.unpack_from(frame)
            return row.unpack(flags, pos, frame[_HEADER.size :]), turn
        if row.layout is Layout.PLAIN:
            return row.unpack(frame[1:]), 0
        content = _object(frame[1:])
        turn = content.get("turn", 0)
        return row.unpack(content), turn if isinstance(turn, int) and 0 <= turn <= 0xFFFF else 0
    except (struct.error, ValueError, KeyError) as exc:
        raise Malformed(f"The bytes of {row.name} do not fit its layout.") from exc


def _object(data: bytes) -> Mapping[str, Any]:
    content = orjson.loads(data)
    if not isinstance(content, dict):
        raise ValueError("JSON of a frame is an object")
    return content
