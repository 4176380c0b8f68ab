"""One turn that is live: what came of it so far, and who follows it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..dialogue import (
    AnswerText,
    CancelReason,
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
    Transcript,
    User,
)
from ..errors import ChatErased, NothingHeard, Unavailable, VoiceChatError
from ..store import Store
from ..turn import Question
from .audience import Audience, Listener
from .sound import Sound
from .stages import Stages
from .turn_record import TurnRecord
from .words import cut_at_word

_END_FLAGS: dict[Status, EndFlag] = {"complete": EndFlag.COMPLETE, "cut": EndFlag.CUT}


class LiveTurn:
    """
    A turn, its listeners and all it has said so far; the `turn.Out` of its own answer.

    The asking tab hears everything; other tabs hear what was asked, the text and how it ended.
    *resume_seconds*: how long its sound waits for the asking tab to come back. *is_repeat*: it speaks an
    answer that is stored already, and keeps nothing.
    """

    def __init__(
        self,
        chat: str,
        key: Key,
        n: int,
        question: Question,
        store: Store,
        lead_ms: int | None,
        resume_seconds: float,
        *,
        is_repeat: bool = False,
    ) -> None:
        self.key = key
        self.n = n
        self.question = question
        format = question.speech.format if question.speech else "pcm16/24000"
        self.sound = Sound(lead_ms, format, resume_seconds)
        self.speed = question.speech.speed if question.speech else 1.0
        """Of what is spoken of it from now on, times the configured one."""
        self.transcript = question.text
        self.record = TurnRecord(
            chat, n, store, is_transcribed=question.text is not None, is_repeat=is_repeat
        )
        self.suggestions: tuple[str, ...] = ()
        """Questions to go on with; not stored."""
        self.stages = Stages(question.asked_at, question.upload_seconds)
        self.stages.reached("accepted")
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
        self.is_repeat = is_repeat
        self.is_taken_up = False
        """Whether an earlier process was asked: what a page may have of its answer is another text."""
        self.is_held = False
        """Whether it waits for the next process of this server, and is not begun in this one."""
        self._is_unsaid = False

    @property
    def answer(self) -> str:
        """Its text so far."""
        return self.record.text

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.record.sources

    @property
    def error(self) -> VoiceChatError | None:
        """Why it failed; None: it did not."""
        return self.record.error

    @property
    def made_ms(self) -> int:
        return self.sound.made_ms

    @property
    def ahead_ms(self) -> int:
        return self.sound.made_ms - self.sound.heard_ms

    def is_asked_by(self, question: Question) -> bool:
        """
        Tell whether *question* is the one of this turn, asked again.

        A recording of it may be another one: it is not heard again. Who changes the mode asks a
        spoken question by its transcript.
        """
        return self.is_spoken if question.text is None else question.text == self.transcript

    # ── Who follows it ────────────────────────────────────────────────────────────────────────

    def add_listener(self, listener: Listener) -> None:
        self.audience.add(listener)
        self.sound.set_away(not self.audience.has_askers)

    def remove_listener(self, listener: Listener) -> bool:
        """Return whether it was there."""
        was_there = self.audience.remove(listener)
        self.sound.set_away(not self.audience.has_askers)
        return was_there

    @property
    def is_awaited(self) -> bool:
        """Whether more of it is to come here than sound for a tab that is away."""
        return self.end is None and not self.is_held and not (self.text_done.is_set() and self.sound.is_away)

    @property
    def waits_in_store(self) -> bool:
        """Whether the next process of this server can answer it, to whoever asked it."""
        is_stored = bool(self.transcript) or self.is_spoken
        return is_stored and not self.record.text_bytes and self.question.can_come_back

    @property
    def is_told_again(self) -> bool:
        """Whether it ended well and can be told again from anywhere, its sound too."""
        if self.end is None or self.is_repeat:
            return False
        return bool(self.end.flags & EndFlag.COMPLETE) and self.sound.is_kept and self.sound.is_short

    # ── What it tells ─────────────────────────────────────────────────────────────────────────

    def user(self) -> User:
        return User(self.n, self.transcript or "")

    def final_transcript(self) -> Transcript:
        text = self.transcript or ""
        return Transcript(text, len(text.encode()), final=True)

    def text_end(self) -> Iterator[ServerEvent | AnswerText]:
        """Yield what is told when the text is complete: what goes with it, and that nothing follows."""
        for type_, content in (("sources", self.sources), ("suggestions", self.suggestions)):
            if content:
                yield ServerEvent({"type": type_, "n": self.n + 1, type_: content})
        yield AnswerText(self.record.text_bytes, "", last=True)

    # ── What the turn puts out (turn.Out) ─────────────────────────────────────────────────────

    def phase(self, phase: Phase) -> None:
        self.phase_now = phase
        self.audience.tell(State(phase))

    def timed(self, stage: str, ms: float) -> None:
        self.stages.took[stage] = round(ms)

    def reached(self, stage: str) -> None:
        self.stages.reached(stage)

    def counted(self, what: str, count: int) -> None:
        self.stages.counts[what] = count

    async def heard(self, text: str) -> None:
        self.stages.reached("transcript")
        await self.record.transcribed(text)
        self.transcript = text
        self._let_go_of_recording()  # it is large, and was heard
        self.audience.tell_asker(self.final_transcript())
        self.audience.tell_others(self.user())

    def text(self, piece: str) -> None:
        if not self.record.text_bytes:
            self.stages.reached("first_text")
        message = AnswerText(self.record.text_bytes, piece)
        self.audience.tell_text(message, ends_sentence=self.record.add(piece))

    async def text_complete(self, sources: Sequence[Source], suggestions: Sequence[str]) -> None:
        self.stages.reached("whole_text")
        self.suggestions = tuple(suggestions)
        await self.record.complete(tuple(sources))
        for message in self.text_end():
            self.audience.tell(message)
        self.text_done.set()

    async def room_for_sound(self) -> bool:
        return await self.sound.room()

    def mark(self, mark: Mark) -> None:
        self.sound.mark(mark)

    def audio(self, data: bytes, ms: int) -> None:
        self.stages.reached("first_sound")
        self.sound.audio(data, ms)
        self.send_sound()

    def span_spoken(self) -> None:
        self.sound.span_spoken()

    def take_back(self, starts: Sequence[int]) -> int:
        return self.sound.take_back(starts)

    def speech_failed(self, error: VoiceChatError) -> None:
        self._is_unsaid = True
        self.speech_error = error
        self.audience.tell_asker(Fault.of(error))

    def speech_left_unsaid(self) -> None:
        self._is_unsaid = True

    # ── How it goes on and ends ───────────────────────────────────────────────────────────────

    def send_sound(self) -> None:
        """Send what the lead and the floor allow; nothing while the asking tab is away."""
        if hearers := self.audience.hearers(self.sound.format):
            for packet in self.sound.due():
                for listener in hearers:
                    listener.hear(self.key, packet)
            if self.sound.sent_ms:
                self.stages.reached("first_sent")

    def tell_sound_again(self, listener: Listener, from_ms: int) -> None:
        """
        Tell *listener*, and nobody else, the sound behind *from_ms* that was sent before.

        Of a turn that has ended, all that is left of it.
        """
        if listener.takes(self.sound.format):
            for packet in self.sound.again(from_ms, all_of_it=self.end is not None):
                listener.hear(self.key, packet)

    def played(self, played: Played) -> None:
        if self.end is not None and self.sound.is_played_out:
            return
        was_heard = self.sound.heard_ms > 0
        self.sound.played(played)
        self._note_heard(was_heard)
        if self.end is None:
            self.send_sound()
        elif self.sound.is_played_out:
            self.sound.forget()

    def reach(self, heard_ms: int) -> None:
        """Count as heard what CANCEL says."""
        was_heard = self.sound.heard_ms > 0
        self.sound.reach(heard_ms)
        self._note_heard(was_heard)

    def _note_heard(self, was_heard: bool) -> None:
        """Note when the first sound was heard, once some is: as long ago as what was heard of it lasts."""
        if not (was_heard or self.sound.is_silent) and self.sound.heard_ms:
            self.stages.reached("first_heard", ms_ago=self.sound.heard_ms, after="first_sent")

    def begin(self) -> None:
        """Its turn has come: the answer is being made."""
        self.stages.reached("begun")
        self.record.begin()

    async def finish(self) -> None:
        """Wait until the sound is sent, then end."""
        if not await self.sound.drained():
            self._is_unsaid = True
        elif self.sound.sent_ms:
            self.stages.reached("whole_sound")
        self.conclude(EndFlag.COMPLETE | (EndFlag.UNSAID if self._is_unsaid else EndFlag(0)))

    async def fail(self, error: VoiceChatError) -> None:
        """End as failed; what was said stays valid."""
        status: Status = "unheard" if isinstance(error, NothingHeard) else "failed"
        self.record.note_failure(error)
        self.audience.tell(Fault.of(error))
        try:
            await self.record.end(status)
        finally:
            self.conclude(EndFlag.FAILED)

    def bytes_known(self, reason: CancelReason) -> int:
        """Return how much of the text counts as said where it is stopped for *reason* (protocol, rule 4)."""
        if self.record.known_bytes is not None and self.sound.sent_ms == 0:
            return self.record.known_bytes  # told by the store, and there is no sound to measure by
        if reason is CancelReason.TYPED_OVER or self.sound.is_silent:
            return self.record.text_bytes
        return cut_at_word(self.answer.encode(), self.sound.heard_bytes())

    async def cut(self, heard: int, status: Status = "cut") -> None:
        """
        Keep the first *heard* bytes of the text as said, and end.

        What was said of it before stays said.
        """
        heard = self.record.known(heard)
        try:
            await self.record.cut(heard, status)
        finally:
            if not self.is_repeat:
                self.audience.tell(Cut(heard))
            self.conclude(EndFlag.CUT)

    def put_off(self) -> None:
        """End it here, for the store keeps the question: the next process of this server answers it."""
        error = Unavailable("This server starts again. Please ask again.", retry_after_seconds=2)
        self.record.note_failure(error)
        self.audience.tell(Fault.of(error))
        self.conclude(EndFlag.FAILED)

    def forget(self) -> None:
        """End it, for its chat was erased: nothing of it is kept."""
        self.record.note_failure(ChatErased("This chat was erased."))
        self.conclude(EndFlag.CUT)

    async def interrupt(self) -> None:
        """End though nobody stopped it: what was said stays."""
        if not self.text_done.is_set():
            self.record.note_failure(Unavailable("The answer was interrupted. Please ask again."))
        await self.cut(self.record.text_bytes, "interrupted")

    def conclude(self, flags: EndFlag) -> None:
        """End, once: tell everyone who follows."""
        if self.end is not None:
            return
        self._let_go_of_recording()
        self.end = End(self.record.text_bytes, self.sound.sent_ms, flags)
        self.text_done.set()
        self.stages.end()
        self.audience.tell_asker(self.stages.told())
        self.audience.tell_asker(self.end)
        self.audience.tell_others(replace(self.end, audio_ms=0))
        self.ended.set()

    def _let_go_of_recording(self) -> None:
        if self.question.hearing is not None:
            self.question.hearing.stop()
        self.question = replace(self.question, recording=None, hearing=None)

    def restore(self, answer: Message, *, is_spoken: bool) -> None:
        """Become the ended turn whose answer the store has."""
        self.is_spoken = is_spoken
        self.record.restore(answer)
        self.sound.forget()
        self.conclude(_END_FLAGS.get(answer.status, EndFlag.FAILED))
