"""The sound of one turn on its way to the asking tab, never far ahead of what was heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ..audio import SPEECH_BYTES_PER_MS
from ..dialogue import AnswerAudio, Mark, Played, PlayedFlag
from ..turn import SoundFormat
from .alignment import Alignment

STILL_SECONDS = 10.0
"""How long a full lead waits for a page that plays nothing (protocol, rule 7)."""

PAUSED_SECONDS = 60.0
"""The same while the page says that it is paused."""

MOST_AT_ONCE_MS = 15_000
"""Of PCM it is 720 kB, which a reader's outbox holds: more than any lead, and less than a long answer."""

FRAME_MS = 200
"""Milliseconds of PCM in one message: small enough to be cut and paced, large enough to cost little."""


class Sound:
    """
    Made by the turn, sent as far as the lead allows, heard as far as PLAYED says.

    *lead_ms* None: the asker plays nothing itself and takes everything at once.
    The sound is kept for the whole turn, so that a tab that comes back can go on from where it was; it
    is waited for *away_seconds*.
    """

    def __init__(self, lead_ms: int | None, format: SoundFormat, away_seconds: float) -> None:
        self.lead_ms = lead_ms
        self.format = format
        self.still_seconds = STILL_SECONDS
        self.paused_seconds = PAUSED_SECONDS
        self.away_seconds = away_seconds
        self.is_away = False
        """Whether nobody of the asking tab listens just now."""
        self.has_floor = False
        """Whether the earlier turns of this tab are silent."""
        self.is_muted = False
        self.made_ms = 0
        self.sent_ms = 0
        self.heard_ms = 0
        self.is_kept = True
        """Whether all that was made is still here to be sent again."""
        self.is_played_out = False
        """Whether the page said that it has played all there will be."""
        self._alignment = Alignment()
        self._packets: list[Mark | AnswerAudio] = []
        self._next = 0
        self._is_paused = False
        self._is_silenced = False
        """Whether the page said that it plays it without a sound."""
        self._is_given_up = False
        """Whether the page played nothing for so long that no more is made."""
        self._moved_at = 0.0
        """When the page last got on, by the monotonic clock."""
        self._change = asyncio.Event()

    def mark(self, mark: Mark) -> None:
        self._packets.append(mark)
        self._alignment.mark(mark)

    def audio(self, data: bytes, ms: int) -> None:
        """Add sound: PCM in frames, an MP3 whole, for only so it can be decoded."""
        step = FRAME_MS * SPEECH_BYTES_PER_MS if self.format == "pcm16/24000" else len(data)
        for offset in range(0, len(data), step):
            pos = self.made_ms + offset // SPEECH_BYTES_PER_MS
            self._packets.append(AnswerAudio(pos, data[offset : offset + step]))
        self.made_ms += ms

    def span_spoken(self) -> None:
        """Set the end of the last span, which may have been estimated, to what it came to."""
        self._alignment.span_spoken(self.made_ms)

    def take_back(self, starts: Sequence[int]) -> int:
        """
        Take back, of the last span, which the voice broke off, what is not sent and is said again.

        Return where in the text that begins: at the last of *starts* which was reached for certain, or
        as well as it can be estimated. What of it was sent already is heard twice.
        """
        begin_ms = self._alignment.begin_ms()
        start, until_ms = self._alignment.reached(starts, self.made_ms)
        until_ms = max(until_ms, min(self.sent_ms, self.made_ms))
        left = self._alignment.cut(until_ms)
        unsent = self._packets[self._next :]
        del self._packets[self._next :]
        for packet in unsent:
            if isinstance(packet, AnswerAudio):
                if packet.pos < until_ms:
                    data = packet.data[: (until_ms - packet.pos) * SPEECH_BYTES_PER_MS]
                    self._packets.append(replace(packet, data=data))
            elif packet.spans[0].audio_start_ms < begin_ms:
                self._packets.append(packet)
            elif packet.words:
                spans = tuple(span for span in packet.spans if span.audio_end_ms <= until_ms)
                self._packets += [replace(packet, spans=spans)] if spans else []
            elif left is not None:
                self._packets.append(Mark((left,)))
        self.made_ms = until_ms
        return start

    def due(self) -> Iterator[Mark | AnswerAudio]:
        """Yield what may be sent now, each once."""
        while self.has_floor and not self.is_muted and self._next < len(self._packets):
            packet = self._packets[self._next]
            if isinstance(packet, AnswerAudio):
                if self.lead_ms is not None and packet.pos >= self.heard_ms + self.lead_ms:
                    return
                self.sent_ms = max(self.sent_ms, self._end_of(self._next))
            self._next += 1
            yield packet
        self._change.set()

    @property
    def is_unheard(self) -> bool:
        """Whether some of what was made was not heard yet."""
        return self.heard_ms < self.made_ms and not self.is_played_out

    @property
    def is_short(self) -> bool:
        """Whether what was not heard may be sent at once."""
        return self.made_ms - self.heard_ms <= MOST_AT_ONCE_MS

    @property
    def kept_bytes(self) -> int:
        """How much is here to be sent again."""
        return sum(len(packet.data) for packet in self._packets if isinstance(packet, AnswerAudio))

    def whole(self) -> bytes:
        """Return all that was made, in this sound's format."""
        return b"".join(packet.data for packet in self._packets if isinstance(packet, AnswerAudio))

    def forget(self) -> None:
        """Let go of the sound itself, and make no more; what was heard of it can still be told."""
        self.is_kept = False
        self._is_given_up = True
        self._change.set()
        self._packets.clear()
        self._next = 0

    def again(self, from_ms: int, *, all_of_it: bool) -> Iterator[Mark | AnswerAudio]:
        """
        Yield what was sent, from the packet on in which *from_ms* lies, its piece's marks before it.

        *all_of_it*: what was not sent yet, too, for nothing else will send it. Nothing where it is muted,
        or not kept any more.
        """
        if self.is_muted or not self.is_kept:
            return
        if all_of_it:
            self._next, self.sent_ms = len(self._packets), self.made_ms
        marks: list[Mark] = []
        for index, packet in enumerate(self._packets[: self._next]):
            if isinstance(packet, Mark):
                marks = [*marks, packet] if packet.words else [packet]
            elif self._end_of(index) > from_ms:
                yield from marks
                marks = []
                yield packet
        # Those of sound which is sent later; what they stand before may have been cut off in the middle.
        if self._next < len(self._packets):
            yield from marks

    @property
    def is_silent(self) -> bool:
        """Whether nothing sounds: none was sent, or the page is muted."""
        return self.sent_ms == 0 or self.is_muted or self._is_silenced

    def played(self, played: Played) -> None:
        is_paused = bool(played.flags & PlayedFlag.PAUSED)
        if self.reach(played.pos) or is_paused != self._is_paused:
            self._moved_at = time.monotonic()
        self._is_paused = is_paused
        self._is_silenced = bool(played.flags & PlayedFlag.MUTED)
        self.is_played_out = bool(played.flags & PlayedFlag.ENDED)
        self._change.set()

    def reach(self, ms: int) -> bool:
        """Count as heard what PLAYED or CANCEL says, of what was sent; return whether that is more."""
        before, self.heard_ms = self.heard_ms, max(self.heard_ms, min(ms, self.sent_ms))
        return self.heard_ms > before

    def set_muted(self, is_muted: bool) -> None:
        self.is_muted = is_muted
        self._change.set()

    def set_away(self, is_away: bool) -> None:
        if is_away != self.is_away:
            self.is_away = is_away
            self._moved_at = time.monotonic()
            self._change.set()

    def give_floor(self) -> None:
        """Let it sound: the earlier turns of its tab are silent."""
        self.has_floor = True
        self._change.set()

    def lift_lead(self) -> None:
        """Let all of it be sent at once: somebody follows who plays nothing as it comes."""
        self.lead_ms = None
        self._change.set()

    async def room(self) -> bool:
        """Wait until more sound is wanted; False: the page is muted or plays nothing."""
        return await self._until(lambda lead: self.made_ms < self.heard_ms + lead)

    async def drained(self) -> bool:
        """Wait until all that was made is sent; False: the page is muted or plays nothing."""
        return await self._until(lambda lead: self._next == len(self._packets))

    def heard_bytes(self) -> int:
        """Return how many bytes of the text were heard, as `Alignment.heard_bytes`."""
        return self._alignment.heard_bytes(self.heard_ms, self.made_ms)

    def _end_of(self, index: int) -> int:
        """Return where packet *index* ends, in ms: where the next sound begins."""
        for packet in self._packets[index + 1 :]:
            if isinstance(packet, AnswerAudio):
                return packet.pos
        return self.made_ms

    async def _until(self, is_met: Callable[[int], bool]) -> bool:
        began_at = time.monotonic()
        while not (self.is_muted or self._is_given_up):
            if is_met(self.lead_ms if self.lead_ms is not None else 1 << 31):
                return True
            self._change.clear()
            try:
                # Not wait_for: in Python 3.11 it swallows a cancellation that comes with the event.
                async with asyncio.timeout(self._patience_left(began_at)):
                    await self._change.wait()
            except TimeoutError:
                self._is_given_up = True
        return False

    def _patience_left(self, began_at: float) -> float | None:
        """Return for how many seconds; None before the floor is given: the page has nothing to play yet."""
        if not (self.has_floor or self.is_away):
            return None
        patience = self.paused_seconds if self._is_paused else self.still_seconds
        if self.is_away:
            patience = self.away_seconds
        return max(began_at, self._moved_at) + patience - time.monotonic()
