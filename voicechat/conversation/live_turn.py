"""One turn that is live: what came of it so far, and who follows it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from ..dialogue import (
    Accepted,
    AnswerText,
    Cut,
    End,
    EndFlag,
    Fault,
    Key,
    Mark,
    Message,
    Phase,
    Played,
    ServerEvent,
    Source,
    State,
    Status,
    Timing,
    Transcript,
    User,
)
from ..errors import NothingHeard, ProviderFailed, VoiceChatError
from ..store import Store
from ..turn import Question
from .audience import Audience, Listener
from .sound import Sound

_END_FLAGS: dict[Status, EndFlag] = {"complete": EndFlag.COMPLETE, "cut": EndFlag.CUT}


class LiveTurn:
    """
    A turn, its listeners and all it has said so far; the `turn.Out` of its own answer.

    The asking tab hears everything; other tabs hear what was asked, the text and how it ended.
    """

    def __init__(
        self, chat: str, key: Key, n: int, question: Question, store: Store, lead_ms: int | None
    ) -> None:
        self.chat = chat
        self.key = key
        self.n = n
        self.question = question
        self.sound = Sound(lead_ms, question.speech.format if question.speech else "pcm16/24000")
        self.transcript = question.text
        self.sources: tuple[Source, ...] = ()
        self.timings: dict[str, int] = {}
        self.error: VoiceChatError | None = None
        """Why it failed; None: it did not."""
        self.speech_error: VoiceChatError | None = None
        """Why some of it was not spoken; the text is whole all the same."""
        self.end: End | None = None
        self.ended = asyncio.Event()
        self.text_done = asyncio.Event()
        """Set when the next question of the chat may begin."""
        self.audience = Audience(key)
        self.phase_now = Phase.QUEUED
        self.task: asyncio.Task[None] | None = None
        self.is_spoken = question.recording is not None
        self.is_repeat = False
        """Whether it speaks an answer that is stored already, and keeps nothing."""
        self._store = store
        self._parts: list[str] = []
        self.text_bytes = 0
        self._is_unsaid = False
        self._asked_at = time.monotonic()

    @property
    def answer(self) -> str:
        return "".join(self._parts)

    @property
    def made_ms(self) -> int:
        return self.sound.made_ms

    # ── Who follows ───────────────────────────────────────────────────────────────────────────

    def follow(self, listener: Listener, text_from: int = 0, audio_from_ms: int | None = None) -> None:
        """
        Tell *listener* what came so far, then everything that follows.

        *text_from* and *audio_from_ms* are what it has already; None: the sound goes on from
        where it was sent to before.
        """
        if self.audience.asks(listener):
            listener.hear(self.key, Accepted(self.n))
        if self.transcript is not None:
            self._tell_question(listener)
        said = self.answer.encode()
        while text_from < len(said) and said[text_from] & 0xC0 == 0x80:
            text_from += 1  # in the middle of a code point
        if said[text_from:]:
            listener.hear(self.key, AnswerText(text_from, said[text_from:].decode()))
        if self.text_done.is_set() and self.error is None:
            if self.sources:
                listener.hear(self.key, self._sources_event())
            listener.hear(self.key, AnswerText(self.text_bytes, "", last=True))
        self.audience.add(listener)
        asks = self.audience.asks(listener)
        if self.end is not None:
            if asks and audio_from_ms is not None and self.sound.lead_ms is None:
                self.sound.resume_at(audio_from_ms)
                self.send_sound()
            if self.error is not None:
                listener.hear(self.key, _fault(self.error))
            listener.hear(self.key, self.end if asks else replace(self.end, audio_ms=0))
            return
        listener.hear(self.key, State(self.phase_now))
        if asks:
            if audio_from_ms is not None:
                self.sound.resume_at(audio_from_ms)
            self.send_sound()

    def _tell_question(self, listener: Listener) -> None:
        if not self.audience.asks(listener):
            listener.hear(self.key, self._user())
        elif self.is_spoken:
            listener.hear(self.key, self._final_transcript())

    def _user(self) -> User:
        return User(self.n, self.transcript or "")

    def _final_transcript(self) -> Transcript:
        text = self.transcript or ""
        return Transcript(text, len(text.encode()), final=True)

    def _sources_event(self) -> ServerEvent:
        return ServerEvent({"type": "sources", "n": self.n + 1, "sources": self.sources})

    # ── What the turn puts out (turn.Out) ─────────────────────────────────────────────────────

    def phase(self, phase: Phase) -> None:
        self.phase_now = phase
        self.audience.tell(State(phase))

    def timed(self, stage: str, ms: float) -> None:
        self.timings[stage] = round(ms)

    async def heard(self, text: str) -> None:
        await self._store.update_question(self.chat, self.n, text, "complete")
        self.transcript = text
        self.question = replace(self.question, recording=None)  # it is large, and was heard
        self.audience.tell_asker(self._final_transcript())
        self.audience.tell_others(self._user())

    def text(self, piece: str) -> None:
        message = AnswerText(self.text_bytes, piece)
        self._parts.append(piece)
        self.text_bytes += len(piece.encode())
        self.audience.tell(message)

    async def text_complete(self, sources: Sequence[Source]) -> None:
        self.sources = tuple(sources)
        await self.keep("complete")
        if sources:
            self.audience.tell(self._sources_event())
        self.audience.tell(AnswerText(self.text_bytes, "", last=True))
        self.text_done.set()

    async def room_for_sound(self) -> bool:
        return await self.sound.room()

    def mark(self, mark: Mark) -> None:
        self.sound.mark(mark)

    def audio(self, data: bytes, ms: int) -> None:
        self.sound.audio(data, ms)
        self.send_sound()

    def span_spoken(self) -> None:
        self.sound.span_spoken()

    def speech_failed(self, error: VoiceChatError) -> None:
        self._is_unsaid = True
        self.speech_error = error
        self.audience.tell_asker(_fault(error))

    def speech_left_unsaid(self) -> None:
        self._is_unsaid = True

    # ── How it goes on and ends ───────────────────────────────────────────────────────────────

    def send_sound(self) -> None:
        """Send what the lead and the floor allow; nothing while the asking tab is away."""
        if hearers := self.audience.hearers(self.sound.format):
            for packet in self.sound.due():
                for listener in hearers:
                    listener.hear(self.key, packet)

    def played(self, played: Played) -> None:
        self.sound.played(played)
        if self.sound.is_played_out and self.end is not None:
            self.sound.forget()
        self.send_sound()

    async def finish(self) -> None:
        """Wait until the sound is sent, then end."""
        if not await self.sound.drained():
            self._is_unsaid = True
        self.conclude(EndFlag.COMPLETE | (EndFlag.UNSAID if self._is_unsaid else EndFlag(0)))

    async def begin(self) -> None:
        """Tell the store that the answer is being made."""
        await self.keep("running")

    async def fail(self, error: VoiceChatError) -> None:
        """End as failed; what was said stays valid."""
        status: Status = "unheard" if isinstance(error, NothingHeard) else "failed"
        self.error = error
        self.audience.tell(_fault(error))
        try:
            await self._keep_question(status)
            await self.keep(status)
        finally:
            self.conclude(EndFlag.FAILED)

    async def cut(self, heard: int, status: Status = "cut") -> None:
        """
        Keep the first *heard* bytes of the text as said, and end.

        An answer that is complete stays so where all of it counts.
        """
        is_complete = self.text_done.is_set() and self.error is None
        try:
            await self._keep_question(status)
            if not is_complete or heard < self.text_bytes:
                await self.keep(status, heard)
        finally:
            if not self.is_repeat:
                self.audience.tell(Cut(heard))
            self.conclude(EndFlag.CUT)

    async def _keep_question(self, status: Status) -> None:
        """A spoken question that was never transcribed ends as its answer does."""
        if self.transcript is None and not self.is_repeat:
            await self._store.update_question(self.chat, self.n, "", status)

    def conclude(self, flags: EndFlag) -> None:
        """End, once: tell everyone who follows."""
        if self.end is not None:
            return
        self.question = replace(self.question, recording=None)
        self.end = End(self.text_bytes, self.sound.sent_ms, flags)
        self.text_done.set()
        self.timed("total", (time.monotonic() - self._asked_at) * 1000)
        self.audience.tell_asker(Timing(dict(self.timings)))
        self.audience.tell_asker(self.end)
        self.audience.tell_others(replace(self.end, audio_ms=0))
        self.ended.set()

    def restore(self, answer: Message, *, is_spoken: bool) -> None:
        """Become the ended turn whose answer the store has."""
        self.is_spoken = is_spoken
        self._parts = [answer.text]
        self.text_bytes = len(answer.text.encode())
        self.sources = answer.sources
        if answer.status not in _END_FLAGS:
            self.error = ProviderFailed("This answer could not be completed. Please ask again.")
        self.conclude(_END_FLAGS.get(answer.status, EndFlag.FAILED))

    async def keep(self, status: Status, heard: int | None = None) -> None:
        """Store the answer as it is now."""
        if not self.is_repeat:
            await self._store.update_answer(self.chat, self.n + 1, self.answer, status, heard, self.sources)


def _fault(error: VoiceChatError) -> Fault:
    return Fault(error.code, str(error), error.retry_after_seconds)
