"""
The rules of one v2 connection: frames in, requests and replies out.

`receive` takes a client's frame and returns what is to be done; `frames_of` turns what a
conversation says into the frames that this client gets, in its profile and with its turn numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from .. import dialogue as d
from ..config import Limits
from ..errors import BadRequest, Malformed, RequestError, TooLarge, UnknownType, VoiceChatError
from .basic import BasicOrder
from .frames import decode, encode, kind_of
from .hello import Introduction, parse_hello
from .recording import Room
from .recording_rules import RecordingRules
from .requests import Ask, Close, Request, Said
from .turn_ends import TurnEnds

MINTED = "c_"
"""How ids begin that the server mints, as in guard, which this room doesn't know."""

FIRST_SERVER_TYPE = 0x80
"""Frames from here on are the server's own."""

LAST_CLIENT_TURN = 0x7FFF
FIRST_SERVER_TURN = 0x8000
SERVER_TURNS = 0x8000

MAX_BASIC_WAITING = 64
"""Replies that a basic client may have outstanding, errors for bad frames included: they wait in memory."""


class Connection:
    """
    *tab* is what a basic client is told apart by; a full one brings its own in HELLO.

    *room* gives each recording something to count its bytes in.
    """

    def __init__(self, limits: Limits, tab: str, room: Callable[[], Room | None] = lambda: None) -> None:
        self.profile: Literal["basic", "full"] | None = None
        self.tab = tab
        self._limits = limits
        self._ends = TurnEnds()
        self.recordings = RecordingRules(limits, room, self._ends)
        self._order = BasicOrder()
        self._last_basic_turn = 0
        self._faults: dict[int, str] = {}
        """Basic profile: what went wrong in a turn that has not ended yet."""
        self._server_turns: dict[d.Key, int] = {}

    # ── In ────────────────────────────────────────────────────────────────────────────────────

    def receive(self, frame: bytes) -> list[Request | bytes]:
        """Return what *frame* asks for, and replies that can be sent as they are, in order."""
        if len(self._order) >= MAX_BASIC_WAITING:
            return self._end_flood()
        # Nearly all that comes while a recording is open: past the table, for its cost.
        if (replies := self.recordings.go_on(frame)) is not None:
            return replies
        try:
            if frame and frame[0] >= FIRST_SERVER_TYPE:
                raise UnknownType(f"Frames with the number 0x{frame[0]:02X} are not for clients to send.")
            message, turn = decode(frame)
            if self.profile is None:
                return [self._introduce(message)]
            return self._act_basic(message) if self.profile == "basic" else self._act_full(message, turn)
        except RequestError as exc:
            return self._reject(exc, is_hello=self.profile is None and kind_of(frame) is d.Hello)

    def receive_text(self) -> list[Request | bytes]:
        """Return what follows from a message that is not binary."""
        if len(self._order) >= MAX_BASIC_WAITING:
            return self._end_flood()
        replies = self.error(BadRequest("Messages of this protocol are binary."))
        return [*replies, Close(1003, "not binary")] if self.profile is None else [*replies]

    def _introduce(self, message: Any) -> Request:
        if isinstance(message, d.Hello):
            introduction = parse_hello(message.content)
            self.profile, self.tab = "full", introduction.tab
            self.recordings.formats = introduction.audio_in
            return introduction
        if isinstance(message, d.SetClientId):
            if not message.id.strip():
                raise BadRequest("The id is blank.")
            if message.id.startswith(MINTED):
                raise BadRequest(f"An id of your own may not begin with {MINTED}.")
            self.profile = "basic"
            return Introduction(self.tab, message.id)
        raise BadRequest("Say who you are first: SET_CLIENT_ID or HELLO.")

    def _act_basic(self, message: Any) -> list[Request | bytes]:
        match message:
            case d.UserTextMessage(text):
                return self._ask_basic(lambda turn: self._ask_text(turn, text))
            case d.UserAudioChunk(data):
                self.recordings.add(data)
                return []
            case d.UserAudioEnd():
                return self._ask_basic(lambda turn: self.recordings.ask(turn, None))
            case d.SetClientId():
                raise BadRequest("The id is set already.")
        raise BadRequest("This message belongs to the full profile, which begins with HELLO.")

    def _end_flood(self) -> list[Request | bytes]:
        """Give every message its one reply, the last one too, and close."""
        reason = "Too many messages without waiting for their replies."
        return [*self._order.settle_all(reason), *self._order.error(reason), Close(4429, reason)]

    def _ask_basic(self, ask: Callable[[int], Ask]) -> list[Request | bytes]:
        turn = self._last_basic_turn = self._last_basic_turn % LAST_CLIENT_TURN + 1
        self._order.ask(turn)
        try:
            return [ask(turn)]
        except VoiceChatError as exc:
            return [*self.refuse(turn, exc)]

    def _act_full(self, message: Any, turn: int) -> list[Request | bytes]:
        match message:
            case d.AskText() | d.AskAudio() | d.AskAudioEnd() | d.Speak() if not is_clients(turn):
                raise Malformed(f"A client's turns are 1 to {LAST_CLIENT_TURN}.")
            case d.AskText(text):
                return self._or_refuse(turn, lambda: [self._ask_text(turn, text)])
            case d.AskAudio():
                return self.recordings.record(turn, message)
            case d.AskAudioEnd(pos, flags):
                return self.recordings.end(turn, pos, flags)
            case d.Ping(nonce):
                return [encode(d.Pong(nonce))]
            case d.Played() | d.Cancel() | d.Speak() | d.Set() | d.Bye():
                return [Said(turn, message)]
            case d.UserSpeech() | d.ToolResult() | d.ClientEvent():
                return [Said(turn, message)]
            case d.Hello():
                raise BadRequest("HELLO was said already.")
            case d.SetClientId() | d.UserTextMessage() | d.UserAudioChunk() | d.UserAudioEnd():
                raise BadRequest(
                    "This message belongs to the basic profile, which begins with SET_CLIENT_ID."
                )
        raise UnknownType("This message is not for clients to send.")

    def _ask_text(self, turn: int, text: str) -> Ask:
        if not text.strip():
            raise BadRequest("The question is empty.")
        if len(text) > self._limits.text_chars:
            raise TooLarge(f"A question has at most {self._limits.text_chars:,} characters.")
        return Ask(turn, text=text)

    def _or_refuse(self, turn: int, ask: Callable[[], list[Request | bytes]]) -> list[Request | bytes]:
        try:
            return ask()
        except VoiceChatError as exc:
            return [*self.refuse(turn, exc)]

    # ── Errors ────────────────────────────────────────────────────────────────────────────────

    def error(self, error: VoiceChatError, *, is_fatal: bool = False) -> list[bytes]:
        """Return what tells the client of an error that belongs to no turn."""
        if self.profile == "full":
            return [encode(d.Fault.of(error, fatal=is_fatal))]
        if is_fatal:
            # What came before gets no reply any more, so there is nothing to wait for.
            return [encode(d.Error(str(error)))]
        return self._order.error(str(error))

    def farewell(self, reason: str) -> list[bytes]:
        """Return what a client is told before its connection is closed: a basic one can't come back to it."""
        return self._order.settle_all(f"The connection is closed: {reason}.")

    def refuse(self, turn: int, error: VoiceChatError) -> list[bytes]:
        """Return what ends a turn that could not begin."""
        if self.profile == "full":
            return self._ends.refuse(turn, error)
        return self._order.settle(turn, str(error))

    def _reject(self, error: RequestError, *, is_hello: bool) -> list[Request | bytes]:
        if is_hello:
            # Who says HELLO expects FAULT; without a tab nothing can follow.
            return [encode(d.Fault.of(error, fatal=True)), Close(4400, str(error))]
        return [*self.error(error)]

    # ── Out ───────────────────────────────────────────────────────────────────────────────────

    def frames_of(self, key: d.Key, message: d.TurnMessage) -> list[bytes]:
        """Return the frames that tell this client of *message* in the turn of *key*."""
        if self.profile == "full":
            if key.tab == self.tab:
                self._ends.asked.add(key.turn)
            return [encode(message, self.number_of(key))]
        if key.tab != self.tab:
            return []
        match message:
            case d.AnswerText(_, text) if text:
                return self._order.chunk(key.turn, text)
            case d.Fault():
                self._faults[key.turn] = message.message
            case d.End(_, _, flags):
                fault = self._faults.pop(key.turn, "The answer was interrupted.")
                return self._order.settle(key.turn, None if flags & d.EndFlag.COMPLETE else fault)
        return []

    def number_of(self, key: d.Key) -> int:
        """Return the turn's number on this connection: the client's own, or one for another tab's."""
        if key.tab == self.tab:
            return key.turn
        next_number = FIRST_SERVER_TURN + len(self._server_turns) % SERVER_TURNS
        return self._server_turns.setdefault(key, next_number)

    def key_of(self, number: int) -> d.Key:
        """Return whose turn *number* is here; one that is nobody's is the client's own."""
        theirs = (key for key, known in self._server_turns.items() if known == number)
        return next(theirs, d.Key(self.tab, number))


def is_clients(turn: int) -> bool:
    """Tell whether *turn* is one of those that a client chooses."""
    return 1 <= turn <= LAST_CLIENT_TURN


def turn_number(content: d.Json) -> int | None:
    """Return the number of a turn, one that a client chooses, which *content* says; None: it says none."""
    turn = content.get("turn")
    return turn if type(turn) is int and is_clients(turn) else None
