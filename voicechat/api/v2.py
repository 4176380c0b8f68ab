"""Mode v2: a binary WebSocket; frames to and from the conversation."""

from __future__ import annotations

import asyncio
import logging
import secrets
from itertools import count

from aiohttp import WSMsgType, web

from .. import dialogue as d
from ..audio import Recording, identify, wav
from ..conversation import Conversation, LiveTurn
from ..errors import BadRequest, ChatGone, NotFound, VoiceChatError
from ..turn import Question, SoundFormat, Wish
from ..wire import (
    MOST,
    Ask,
    Close,
    Connection,
    Introduction,
    OpenRecording,
    Request,
    Said,
    encode,
    is_clients,
)
from .events import take_event
from .holding import HOLDING, Holding
from .house import HOUSE, House
from .outbox import Outbox
from .patience import Patience
from .visitors import VISITORS, Visitors
from .welcome import welcome

log = logging.getLogger("voicechat.v2")

PING = b"\x16"
"""A sign of life, but nothing that a visitor did: it does not count against the idle limit."""

BINARY = WSMsgType.BINARY
"""By a name of its own: to find it in its enumeration takes Python 3.11 ten times as long."""

CLOSE_CODES = {401: 4401, 404: 1012, 503: 4503}
"""
How a connection is closed that may not enter, by the status of the reason in mode v1; else 4400.

404: the chat was erased just now; who comes again gets another.
"""

MESSAGES_AT_ONCE = 50
"""Of one client, before others are served."""

CLOSE_SECONDS = 2.0
"""How long a client may take to answer our close before its connection is cut."""


async def get_ws(request: web.Request) -> web.WebSocketResponse:
    """Talk with one client until either side is done (`GET /ws`)."""
    house, visitors = request.app[HOUSE], request.app[VISITORS]
    visitors.check_room()
    # Compression costs eight times the memory a socket and does nothing for speech; pings are
    # answered here so that they count as a sign of life.
    socket = web.WebSocketResponse(
        compress=False, autoping=False, timeout=CLOSE_SECONDS, max_msg_size=house.config.limits.frame_bytes
    )
    await socket.prepare(request)
    assert request.transport is not None
    guest = Guest(house, visitors, request.app[HOLDING], socket, request.transport)
    visitors.enter(guest)
    try:
        await guest.listen()
    except Exception:
        # Past the upgrade there is no HTTP response that could tell of it.
        log.exception("A connection failed unexpectedly")
        guest.fail()
    finally:
        guest.leave()
        visitors.leave(guest)
    await guest.parted()
    return socket


class Guest:
    """One client: a listener of its conversation, and the mouth of its connection's rules."""

    def __init__(
        self,
        house: House,
        visitors: Visitors,
        holding: Holding,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
    ) -> None:
        limits = house.config.limits
        self._house = house
        self._visitors = visitors
        self._holding = holding
        self._socket = socket
        self._transport = transport
        self._connection = Connection(limits, secrets.token_urlsafe(16), holding.share)
        self._outbox = Outbox(transport, limits.outbox_bytes, self._is_too_slow)
        self._patience = Patience(self._connection.recordings, limits.recording_seconds, self._outbox.put)
        self._conversation: Conversation | None = None
        self._introduction: Introduction | None = None
        self._parting: asyncio.Task[object] | None = None
        self._is_welcomed = False
        self._is_going_away = False
        self.connected_at = self.heard_at = self.spoke_at = visitors.clock()

    @property
    def tab(self) -> str:
        return self._connection.tab

    @property
    def is_introduced(self) -> bool:
        return self._conversation is not None

    @property
    def place(self) -> tuple[str, str] | None:
        if self._conversation is None or self._connection.profile != "full":
            return None
        return self._conversation.chat, self.tab

    def number_of(self, turn: LiveTurn) -> int:
        return self._connection.number_of(turn.key)

    @property
    def recording(self) -> OpenRecording | None:
        return self._connection.recordings.open

    def takes(self, format: SoundFormat) -> bool:
        return self._introduction is not None and self._introduction.audio_out == format

    # ── To the client ─────────────────────────────────────────────────────────────────────────

    def hear(self, key: d.Key, message: d.TurnMessage) -> None:
        self._outbox.put(self._connection.frames_of(key, message))
        if isinstance(message, d.End):
            self.spoke_at = self._visitors.clock()

    def ping(self) -> None:
        self._outbox.ping()

    def go_away(self, seconds: float) -> None:
        if not self._is_welcomed or self._is_going_away:
            return
        assert self._conversation is not None
        if not self._conversation.awaited():
            self._outbox.put([encode(d.GoAway(round(seconds, 1), "restart"))])
            self._is_going_away = True

    def part(self, code: int, reason: str) -> asyncio.Task[object]:
        if self._parting is None:
            self._outbox.put(self._connection.farewell(reason))
            self._outbox.flush()
            self._outbox.close()
            self.leave()
            self._parting = asyncio.create_task(self._close(code, reason))
        return self._parting

    async def _close(self, code: int, reason: str) -> None:
        """Close as the protocol wants it, and cut the connection of a client that does not take part."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close(code=code, message=reason.encode()[:120])
        except TimeoutError:
            log.info("A client did not close its connection, which was cut")
        self._transport.abort()

    async def parted(self) -> None:
        """Return when the close that `part` began, if it did, is through."""
        if self._parting is not None:
            await asyncio.wait([self._parting])

    def fail(self) -> None:
        """Part because of an error here, of which the client is told no details."""
        error = VoiceChatError("Something went wrong here.")
        self._outbox.put(self._connection.error(error, is_fatal=True))
        self.part(1011, "internal error")

    def _is_too_slow(self) -> None:
        log.warning(
            "A reader was too slow: more than %d bytes waited", self._house.config.limits.outbox_bytes
        )
        self.part(1013, "reading too slowly")

    # ── From the client ───────────────────────────────────────────────────────────────────────

    async def listen(self) -> None:
        """Act on every message until either side parts; what comes after that asks for nothing."""
        for number in count(1):
            if self._parting is not None:
                return
            if number % MESSAGES_AT_ONCE == 0:
                # What has arrived already is received without a pause: others want their turn too.
                await asyncio.sleep(0)
            message = await self._socket.receive()
            if self._parting is not None:
                # What was under way belongs to nobody: a newer connection may have the recording by now.
                return
            self.heard_at = self._visitors.clock()
            if message.type is BINARY:
                requests = self._connection.receive(message.data)
                self._patience.look()
            elif message.type is WSMsgType.PING:
                self._outbox.pong(message.data)
                continue
            elif message.type is WSMsgType.PONG:
                continue
            elif message.type is WSMsgType.TEXT:
                requests = self._connection.receive_text()
            else:
                return
            if message.data[:1] != PING:
                self.spoke_at = self.heard_at
            for request in requests:
                await self._act(request)
                if self._parting is not None:
                    return

    def leave(self) -> None:
        recording = self._connection.recordings.let_go()
        self._patience.look()
        if self._conversation is not None:
            if recording is not None:
                self._conversation.recordings.keep(self.tab, recording)
            self._conversation.leave(self)

    async def _act(self, request: Request | bytes) -> None:
        match request:
            case bytes():
                self._outbox.put([request])
            case Introduction():
                await self._enter(request)
            case Ask():
                # To its end though the connection is lost meanwhile, as all that asks.
                await asyncio.shield(self._ask(request))
            case Said(turn, message):
                await self._heed(turn, message)
            case Close(code, reason):
                self.part(code, reason)

    async def _enter(self, introduction: Introduction) -> None:
        self._introduction = introduction
        try:
            id_, conversation = await self._find_conversation(introduction)
            await self._settle_in(introduction, id_, conversation)
        except VoiceChatError as exc:
            self._outbox.put(self._connection.error(exc, is_fatal=True))
            self.part(CLOSE_CODES.get(exc.status, 4400), str(exc))

    async def _settle_in(self, introduction: Introduction, id_: str, conversation: Conversation) -> None:
        self._conversation = conversation
        if self._connection.profile == "basic":
            conversation.join(self)
            self._outbox.put([encode(d.Ok())])
            return
        self._visitors.take_place(self)
        self._connection.recordings.open = conversation.recordings.take(self.tab)
        await welcome(self, self._house, conversation, introduction, id_, self._outbox.put)
        self._is_welcomed = True
        self._patience.look()

    async def _find_conversation(self, introduction: Introduction) -> tuple[str, Conversation]:
        conversations = self._house.conversations
        if (id_ := introduction.chat) is not None:
            wish, lead_ms = self._wish(), self._house.config.limits.lead_ms
            try:
                return id_, await conversations.enter(id_, self, wish, lead_ms)
            except ChatGone:
                # WELCOME brings a new chat, and the page says that it starts anew.
                pass
        id_ = await conversations.create()
        return id_, await conversations.enter(id_, self)

    async def _ask(self, ask: Ask) -> None:
        assert self._conversation is not None and self._introduction is not None
        try:
            recording = None if ask.audio is None else _recording(ask.audio, ask.format)
            question = Question(ask.text, recording, self._introduction.language, self._wish())
            key, lead_ms = d.Key(self.tab, ask.turn), self._house.config.limits.lead_ms
            turn = await self._conversation.ask(key, question, self, lead_ms, ask.error)
            if ask.room is not None:
                self._holding.keep(ask.room, turn, recording)
        except VoiceChatError as exc:
            self._outbox.put(self._connection.refuse(ask.turn, exc))
        finally:
            if ask.room is not None:
                ask.room.give_back()

    def _wish(self) -> Wish | None:
        assert self._introduction is not None
        format: SoundFormat | None = self._introduction.audio_out  # type: ignore[assignment]
        return Wish(format) if format and self._house.speaks else None

    async def _heed(self, turn: int, message: d.ClientMessage) -> None:
        assert self._conversation is not None
        key = d.Key(self.tab, turn)
        match message:
            case d.Played():
                self._conversation.played(key, message)
            case d.Cancel(pos, reason):
                await self._conversation.cancel(self._connection.key_of(turn), pos, reason)
            case d.Speak():
                await self._speak(key, message)
            case d.Set(content):
                self._set(content)
            case d.Bye():
                self._connection.recordings.forget()
                self.part(1000, "bye")
                await self._conversation.abandon_tab(self.tab)
            case d.ClientEvent(content):
                await self._take_event(content)
            # SPEECH and TOOL_RESULT ask for nothing.

    async def _speak(self, key: d.Key, speak: d.Speak) -> None:
        assert self._conversation is not None
        if speak.n == 0:
            self._conversation.unmute(key)
            return
        wish = self._wish()
        try:
            if wish is None:
                raise NotFound("There is no voice for this connection.")
            if key.turn <= await self._conversation.last_turn(key.tab):
                # That of a question long ended too: it has had its one END.
                raise BadRequest("SPEAK takes a new turn's number, above all that were used before.")
            lead_ms = self._house.config.limits.lead_ms
            await self._conversation.speak_again(key, speak.n, speak.pos, wish, lead_ms, self)
        except VoiceChatError as exc:
            self._outbox.put(self._connection.refuse(key.turn, exc))

    async def _take_event(self, content: d.Json) -> None:
        assert self._conversation is not None
        try:
            if not self._conversation.is_shared:
                raise NotFound("This is for chats whose ids the server gave.")
            if content.get("type") == "retry":
                await asyncio.shield(self._retry(content))
            else:
                await take_event(content, self._conversation.chat, self._house)
        except VoiceChatError as exc:
            self._outbox.put(self._connection.error(exc))

    async def _retry(self, content: d.Json) -> None:
        """
        Raises:
            BadRequest: If it does not say what is to be answered anew, under which turn.
        """
        assert self._conversation is not None and self._introduction is not None
        n, turn = content.get("n"), content.get("turn")
        if type(n) is not int or abs(n) > MOST or type(turn) is not int or not is_clients(turn):
            raise BadRequest("A retry has n, the number of a question, and turn, a new one of yours.")
        language, lead_ms = self._introduction.language, self._house.config.limits.lead_ms
        key = d.Key(self.tab, turn)
        try:
            await self._conversation.retry(key, n, self._wish(), language, self, lead_ms)
        except VoiceChatError as exc:
            self._outbox.put(self._connection.refuse(turn, exc))

    def _set(self, content: d.Json) -> None:
        if isinstance(is_muted := content.get("mute"), bool):
            assert self._conversation is not None
            self._conversation.mute(self.tab, is_muted)


def _recording(data: bytes, format: str | None) -> Recording:
    """
    Return *data* as a recording; raw PCM gets a WAV header, a container goes as it came.

    Raises:
        UnknownFormat: If the bytes are no container that can be heard.
    """
    if format is not None and format.startswith("pcm16/"):
        return Recording(wav(data, int(format.removeprefix("pcm16/"))), "wav")
    return Recording(data, identify(data))
