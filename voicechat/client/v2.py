"""Mode v2 from the client's side: the full profile over one WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from functools import partial
from typing import Any, Self

import aiohttp

from .. import dialogue as d
from ..audio import SPEECH_BYTES_PER_MS
from .errors import Failed, Gone, NotThere
from .exchange import Exchange
from .frame_socket import CLOSE_SECONDS, FrameSocket, open_socket
from .interface import Wishes
from .moments import Asked, Moment, Sent
from .server import CONNECT_SECONDS, TIMEOUTS, Mode, ask_facts, check_mode
from .spoken import FORMATS, PCM, Spoken, empty

AUDIO_IN = (PCM, *FORMATS.values())

ALL_THERE = 1 << 31
"""For HELLO's `have`: no history is shown, so none needs to be sent."""

HEADER_BYTES = 8
"""Of a frame before its payload."""


class V2Client:
    """See `Client`. A connection that was lost between two questions is made anew for the next one."""

    mode: Mode = "v2"
    sound_format = "pcm16/24000"

    def __init__(self, url: str, wishes: Wishes | None = None) -> None:
        self._url = url
        self._wishes = wishes or Wishes()
        self._tab = secrets.token_urlsafe(16)
        self._http: aiohttp.ClientSession
        self._socket: FrameSocket
        self._listening: asyncio.Task[None]
        self._next_turn = 1
        self._chunk_bytes = 0
        self._exchange: Exchange | None = None
        """The last question's; its sound may still play."""
        self._asking: asyncio.Task[None]
        self._is_recording = False
        """Whether that question is a recording which has not been ended yet."""
        self.chat = self._wishes.chat or ""
        self.facts: d.Json = {}

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(timeout=TIMEOUTS)
        try:
            await self._connect()
        except BaseException:
            await self._http.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(Gone, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.send(d.Bye())
        self._listening.cancel()
        await asyncio.wait([self._listening])
        await self._socket.close()
        await self._http.close()

    async def _connect(self) -> None:
        self.facts = await ask_facts(self._http, self._url)
        check_mode(self.facts, self.mode, self._url)
        self._socket = await open_socket(self._http, self._url)
        try:
            welcome = await self._introduce()
        except BaseException:
            await self._socket.close()
            raise
        self.chat, self._next_turn = welcome["chat"], welcome["next_turn"]
        self._chunk_bytes = welcome["limits"]["frame_bytes"] - HEADER_BYTES
        self._listening = asyncio.create_task(self._listen())
        self._listening.add_done_callback(self._lost)

    async def _introduce(self) -> d.Json:
        """
        Say HELLO, and return what WELCOME says.

        Raises:
            NotThere, Failed, Gone: If the server does not let us in.
        """
        optional = {"chat": self.chat, "language": self._wishes.language}
        hello = {
            "v": 1,
            "tab": self._tab,
            "audio_in": AUDIO_IN,
            "audio_out": [self.sound_format] if self._wishes.speech else [],
            "have": ALL_THERE,
            **{name: value for name, value in optional.items() if value},
        }
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._socket.send(d.Hello(hello))
                while True:
                    match await self._socket.receive():
                        case d.Welcome(content), _, _:
                            return content
                        case d.Fault(code, message, seconds), _, _:
                            raise Failed(message, code, seconds)
        except TimeoutError as exc:
            raise NotThere(f"{self._url} lets nobody in within {CONNECT_SECONDS:g} seconds.") from exc

    # ── From the server ───────────────────────────────────────────────────────────────────────

    async def _listen(self) -> None:
        """
        Take what comes.

        Raises:
            Gone, Failed: When the connection ends, and why.
        """
        while True:
            message, turn, size = await self._socket.receive()
            if isinstance(message, d.Fault) and message.fatal:
                raise Failed(message.message, message.code, message.retry_after_seconds)
            exchange = self._exchange
            if exchange is None or turn != exchange.turn:
                continue  # another tab's, or of a question that was given up
            exchange.came_down(size)
            await exchange.note(message)
            if not self._wishes.plays:
                await self._count_as_heard(message)

    def _lost(self, listening: asyncio.Task[None]) -> None:
        if not listening.cancelled() and (error := listening.exception()) is not None and self._exchange:
            self._exchange.fail(error)

    async def _count_as_heard(self, message: Any) -> None:
        match message:
            case d.AnswerAudio(pos, data):
                await self.played(pos + len(data) // SPEECH_BYTES_PER_MS)
            case d.End(_, audio_ms, _) if audio_ms:
                await self.played(audio_ms, d.PlayedFlag.ENDED)

    # ── To the server ─────────────────────────────────────────────────────────────────────────

    def ask(self, text: str) -> AsyncGenerator[Moment, None]:
        return self._converse(partial(self._type, text))

    def ask_spoken(self, spoken: Spoken) -> AsyncGenerator[Moment, None]:
        return self._converse(partial(self._speak, spoken))

    async def _converse(
        self, ask: Callable[[Exchange], Coroutine[Any, Any, None]]
    ) -> AsyncGenerator[Moment, None]:
        if self._listening.done():
            await self._socket.close()
            await self._connect()
        exchange = self._exchange = Exchange(self._next_turn, self._wishes.patience_seconds)
        self._next_turn += 1
        self._is_recording = False
        async with exchange.doing(ask(exchange)) as self._asking:
            try:
                async with aclosing(exchange.moments()) as moments:
                    async for moment in moments:
                        yield moment
            finally:
                if not exchange.is_over:
                    with contextlib.suppress(Gone, TimeoutError):
                        async with asyncio.timeout(CLOSE_SECONDS):
                            await self.cancel(0)

    async def _type(self, text: str, exchange: Exchange) -> None:
        await exchange.note(Asked())
        await self._send(d.AskText(text), exchange)
        await exchange.note(Sent())

    async def _speak(self, spoken: Spoken, exchange: Exchange) -> None:
        if not spoken.is_live:
            await exchange.note(Asked())
        self._is_recording = True
        format, pos = AUDIO_IN.index(spoken.format), 0
        async for chunk in spoken.chunks:
            for start in range(0, len(chunk), self._chunk_bytes):
                piece = chunk[start : start + self._chunk_bytes]
                await self._send(d.AskAudio(pos, format, piece), exchange)
                pos += len(piece)
        self._is_recording = False
        if not pos:
            raise empty()
        if spoken.is_live:
            await exchange.note(Asked())
        await self._send(d.AskAudioEnd(pos), exchange)
        await exchange.note(Sent())

    async def cancel(self, heard_ms: int) -> None:
        exchange = self._exchange
        if exchange is None:
            return
        if not self._is_recording:
            await asyncio.wait([self._asking])
            # Where nothing plays, all that came was read.
            reason = d.CancelReason.BUTTON if self._wishes.plays else d.CancelReason.TYPED_OVER
            await self._send(d.Cancel(heard_ms, reason), exchange)
            return
        self._is_recording = False
        self._asking.cancel()
        await asyncio.wait([self._asking])
        if exchange.bytes_up:
            await self._send(d.AskAudioEnd(0, d.AudioEndFlag.DISCARD), exchange)
        else:
            await exchange.note(d.End(0, 0, d.EndFlag.CUT))  # the server knows nothing of it

    async def played(self, ms: int, flags: d.PlayedFlag = d.PlayedFlag.NONE) -> None:
        if self._exchange is not None:
            await self._send(d.Played(ms, flags), self._exchange)

    async def _send(self, message: Any, exchange: Exchange) -> None:
        exchange.went_up(await self._socket.send(message, exchange.turn))
