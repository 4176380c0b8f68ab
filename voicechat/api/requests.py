"""What a v2 client asks of its conversation, one method a message."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Protocol

from .. import dialogue as d
from ..audio import Recording, identify, wav
from ..conversation import Conversation, Listener
from ..errors import BadRequest, NotFound, TooLarge, VoiceChatError
from ..turn import Hearing, Question, SoundFormat, Wish
from ..wire import Ask, Introduction, Said, message_number, parse_speed, turn_number
from .events import take_event
from .holding import Holding
from .house import House
from .visitors import draining

LONGEST_GREETING = 200
"""Characters of a greeting that a page brings along: enough for one, and little to be had for nothing."""


class Client(Listener, Protocol):
    """A listener that asks, and is told what cannot be done."""

    @property
    def can_resume(self) -> bool:
        """Whether it can come back to what it asked, over another connection."""

    def key_of(self, number: int) -> d.Key:
        """Return whose turn *number* is on its connection."""

    def refuse(self, turn: int, error: VoiceChatError) -> None:
        """Tell it that *turn* could not begin."""

    def fault(self, error: VoiceChatError) -> None:
        """Tell it of an error that belongs to no turn."""


class RequestHandler:
    """Does what *client*, who said *introduction*, asks of *conversation*."""

    def __init__(
        self,
        client: Client,
        house: House,
        holding: Holding,
        conversation: Conversation,
        introduction: Introduction,
    ) -> None:
        self._client = client
        self._house = house
        self._holding = holding
        self._conversation = conversation
        self._introduction = introduction
        self._speed = 1.0
        """Of what is spoken to this connection, times the configured one."""

    async def handle(self, request: Ask | Said, upload_seconds: float = 0.0) -> None:
        """*upload_seconds*: how long the recording of what is asked took to arrive."""
        match request:
            case Ask():
                # To its end though the connection is lost meanwhile, as all that asks.
                await asyncio.shield(self._ask(request, upload_seconds))
            case Said(turn, message):
                await self._heed(turn, message)

    async def _ask(self, ask: Ask, upload_seconds: float) -> None:
        hearing = ask.tap if isinstance(ask.tap, Hearing) else None
        if hearing is not None:
            hearing.ended()
        try:
            if self._conversation.is_held and not self._client.can_resume:
                raise draining()
            recording = None if ask.audio is None else _recording(ask.audio, ask.format)
            question = Question(
                ask.text,
                recording,
                self._introduction.language,
                self._wish(),
                hearing=hearing,
                can_come_back=self._client.can_resume,
                upload_seconds=0.0 if recording is None else upload_seconds,
            )
            key, lead_ms = d.Key(self._client.tab, ask.turn), self._house.config.limits.lead_ms
            turn = await self._conversation.asking.ask(key, question, self._client, lead_ms, ask.error)
            if turn.question.hearing is hearing:
                hearing = None  # the turn stops it
            if ask.room is not None:
                self._holding.keep(ask.room, turn, recording)
        except VoiceChatError as exc:
            self._client.refuse(ask.turn, exc)
        finally:
            if hearing is not None:
                hearing.stop()
            if ask.room is not None:
                ask.room.give_back()

    async def _heed(self, turn: int, message: d.ClientMessage) -> None:
        key = d.Key(self._client.tab, turn)
        match message:
            case d.Played():
                self._conversation.played(key, message)
            case d.Cancel(pos, reason):
                await self._conversation.cancel(self._client.key_of(turn), pos, reason)
            case d.Speak():
                await self._speak(key, message)
            case d.Set(content):
                self._set(content)
            case d.ClientEvent(content):
                await self._take_event(content)
            # SPEECH and TOOL_RESULT ask for nothing.

    async def _speak(self, key: d.Key, speak: d.Speak) -> None:
        if speak.n == 0:
            self._conversation.unmute(key)
            return
        try:
            wish = await self._wish_for(key)
            lead_ms = self._house.config.limits.lead_ms
            language = self._introduction.language
            await self._conversation.asking.speak_again(
                key, speak.n, speak.pos, wish, language, lead_ms, self._client
            )
        except VoiceChatError as exc:
            self._client.refuse(key.turn, exc)

    async def _speak_welcome(self, content: d.Json) -> None:
        """
        Speak the greeting that is configured, or else the one that the page shows.

        Raises:
            BadRequest: If it does not say under which turn, or there is no greeting to speak.
        """
        turn, text = turn_number(content), self._house.config.welcome or content.get("text")
        if turn is None:
            raise BadRequest("A welcome has turn, a new one of yours.")
        key = d.Key(self._client.tab, turn)
        try:
            if not isinstance(text, str) or not text.strip():
                raise BadRequest("A welcome has text: this server has none of its own.")
            if self._house.config.welcome is None and len(text) > LONGEST_GREETING:
                raise TooLarge(f"A greeting has at most {LONGEST_GREETING} characters.")
            wish = await self._wish_for(key)
            lead_ms, language = self._house.config.limits.lead_ms, self._introduction.language
            self._conversation.asking.speak_welcome(key, text, wish, language, lead_ms, self._client)
        except VoiceChatError as exc:
            self._client.refuse(turn, exc)

    async def _wish_for(self, key: d.Key) -> Wish:
        """
        Return how *key* is spoken, which is no question's.

        Raises:
            NotFound: If nothing is spoken to this connection.
            BadRequest: If the number is not above all that its tab has used.
        """
        wish = self._wish()
        if wish is None:
            raise NotFound("There is no voice for this connection.")
        if key.turn <= await self._conversation.asking.last_turn(key.tab):
            # That of a question long ended too: it has had its one END.
            raise BadRequest("What is spoken takes a new turn's number, above all that were used before.")
        return wish

    async def _take_event(self, content: d.Json) -> None:
        try:
            if content.get("type") == "retry":
                await asyncio.shield(self._retry(content))
            elif content.get("type") == "welcome":
                await self._speak_welcome(content)
            elif self._conversation.is_shared:
                await take_event(content, self._conversation.chat, self._house)
            else:
                raise NotFound("This is for chats whose ids the server gave.")
        except VoiceChatError as exc:
            self._client.fault(exc)

    async def _retry(self, content: d.Json) -> None:
        """
        Raises:
            BadRequest: If it does not say what is to be answered anew, under which turn.
        """
        n, turn = message_number(content), turn_number(content)
        if n is None or turn is None:
            raise BadRequest("A retry has n, the number of a question, and turn, a new one of yours.")
        language, lead_ms = self._introduction.language, self._house.config.limits.lead_ms
        key = d.Key(self._client.tab, turn)
        try:
            await self._conversation.asking.retry(key, n, self._wish(), language, self._client, lead_ms)
        except VoiceChatError as exc:
            self._client.refuse(turn, exc)

    def _set(self, content: d.Json) -> None:
        try:
            speed = parse_speed(content)
        except VoiceChatError as exc:
            self._client.fault(exc)
            return
        if speed is not None:
            self._speed = speed
            self._conversation.set_speed(self._client.tab, speed)
        if isinstance(is_muted := content.get("mute"), bool):
            self._conversation.mute(self._client.tab, is_muted)

    def _wish(self) -> Wish | None:
        wish = wish_of(self._introduction, self._house)
        return wish and replace(wish, speed=self._speed)


def wish_of(introduction: Introduction, house: House) -> Wish | None:
    """Return how who said *introduction* is spoken to; None: not at all."""
    format: SoundFormat | None = introduction.audio_out  # type: ignore[assignment]
    return Wish(format) if format and house.speaks else None


def _recording(data: bytes, format: str | None) -> Recording:
    """
    Return *data* as a recording; raw PCM gets a WAV header, a container goes as it came.

    Raises:
        UnknownFormat: If the bytes are no container that can be heard.
    """
    if format is not None and format.startswith("pcm16/"):
        return Recording(wav(data, int(format.removeprefix("pcm16/"))), "wav")
    return Recording(data, identify(data))
