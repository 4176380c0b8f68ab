"""Mode v2: a binary WebSocket; frames to and from the conversation."""

from __future__ import annotations

import asyncio
import logging
import secrets
from itertools import count

from aiohttp import WSMsgType, web

from .. import dialogue as d
from ..conversation import Conversation, LiveTurn
from ..errors import ChatGone, VoiceChatError
from ..turn import SoundFormat
from ..wire import Ask, Close, Connection, Introduction, OpenRecording, Request, Said, encode
from .captions import Captions
from .holding import HOLDING, Holding
from .house import HOUSE, House
from .outbox import Outbox
from .patience import Patience
from .requests import RequestHandler, wish_of
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
        self._captions: Captions | None = None
        self._conversation: Conversation | None = None
        self._introduction: Introduction | None = None
        self._requests: RequestHandler | None = None
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

    @property
    def can_resume(self) -> bool:
        return self._connection.profile == "full"

    def number_of(self, turn: LiveTurn) -> int:
        return self._connection.number_of(turn.key)

    def key_of(self, number: int) -> d.Key:
        return self._connection.key_of(number)

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

    def refuse(self, turn: int, error: VoiceChatError) -> None:
        self._outbox.put(self._connection.refuse(turn, error))

    def fault(self, error: VoiceChatError) -> None:
        self._outbox.put(self._connection.error(error))

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
                if self._captions is not None:
                    self._captions.look()
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
        if self._captions is not None:
            self._captions.leave()
        recording = self._connection.recordings.let_go()
        self._patience.look()
        if self._conversation is not None:
            if recording is not None:
                self._conversation.recordings.keep(self.tab, recording)
            self._conversation.leave(self)
        # They hold this guest: without them it is gone as soon as its connection is.
        self._outbox.close()
        self._requests = None

    async def _act(self, request: Request | bytes) -> None:
        match request:
            case bytes():
                self._outbox.put([request])
            case Introduction():
                await self._enter(request)
            case Said(_, d.Bye()):
                await self._say_bye()
            case Ask() | Said():
                assert self._requests is not None
                await self._requests.handle(request, self._patience.last_seconds)
            case Close(code, reason):
                self.part(code, reason)

    async def _say_bye(self) -> None:
        assert self._conversation is not None
        self._connection.recordings.forget()
        self.part(1000, "bye")
        await self._conversation.abandon_tab(self.tab)

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
        self._requests = RequestHandler(self, self._house, self._holding, conversation, introduction)
        if self._connection.profile == "basic":
            conversation.join(self)
            self._outbox.put([encode(d.Ok())])
            return
        self._visitors.take_place(self)
        if (recording := conversation.recordings.take(self.tab)) is not None:
            self._connection.recordings.resume(recording)
        await welcome(self, self._house, conversation, introduction, id_, self._outbox.put)
        self._is_welcomed = True
        self._patience.look()
        if introduction.captions:
            recordings, language = self._connection.recordings, introduction.language
            self._captions = Captions(self._house, conversation.chat, recordings, language, self._outbox.put)
            self._captions.look()

    async def _find_conversation(self, introduction: Introduction) -> tuple[str, Conversation]:
        conversations = self._house.conversations
        if (id_ := introduction.chat) is not None:
            wish, lead_ms = wish_of(introduction, self._house), self._house.config.limits.lead_ms
            try:
                return id_, await conversations.enter(id_, self, wish, introduction.language, lead_ms)
            except ChatGone:
                # WELCOME brings a new chat, and the page says that it starts anew.
                pass
        id_ = await conversations.create()
        return id_, await conversations.enter(id_, self)
