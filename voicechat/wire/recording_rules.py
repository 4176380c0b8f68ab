"""The rules of the recording on one connection: how it begins, is acknowledged, ends and is given up."""

from __future__ import annotations

from collections.abc import Callable

from .. import dialogue as d
from ..config import Limits
from ..errors import BadRequest, VoiceChatError
from .frames import encode, piece_of
from .recording import ACK_BYTES, OpenRecording, Room, format_of
from .requests import Ask, Request
from .turn_ends import TurnEnds
from .turn_set import TurnSet


class RecordingRules:
    """One recording is open at a time. *room* gives each something to count its bytes in."""

    def __init__(self, limits: Limits, room: Callable[[], Room | None], ends: TurnEnds) -> None:
        self.open: OpenRecording | None = None
        self.formats: tuple[str, ...] = ()
        """Those of HELLO's audio_in."""
        self._limits = limits
        self._room = room
        self._ends = ends
        self._refused = TurnSet()
        """Turns that were refused while they are recorded: their sound is dropped up to its end marker."""

    def resume(self, recording: OpenRecording) -> None:
        """Go on with *recording*, which an earlier connection of the tab let go of."""
        self.open = recording

    def add(self, data: bytes) -> None:
        """Add *data* to a basic client's recording, which has no number; where none is open, one begins."""
        self.open = self.open or OpenRecording(0, None, self._limits, self._room())
        self.open.add(data)

    def go_on(self, frame: bytes) -> list[Request | bytes] | None:
        """Take *frame* if it is more of a full client's open recording; None: it is something else."""
        if self.open is None or (piece := piece_of(frame)) is None:
            return None
        turn, data, pos = piece
        if turn != self.open.turn:
            return None
        return [] if self.open.add(data, pos) < self.open.ack_at else self._acknowledge(self.open)

    def record(self, turn: int, chunk: d.AskAudio) -> list[Request | bytes]:
        """Take a full client's *chunk*, with which a recording may begin, and an earlier one end."""
        if turn in self._refused or turn in self._ends.asked:
            return []
        replies: list[Request | bytes] = []
        if self.open is None or self.open.turn != turn:
            try:
                format = format_of(self.formats, chunk.format)
            except BadRequest as exc:
                self._refused.add(turn)
                return [encode(d.Fault.of(exc), turn)]
            if self.open is not None:
                replies += self._replaced(self.open)
            self.open = OpenRecording(turn, format, self._limits, self._room())
        if self.open.add(chunk.data, chunk.pos) >= self.open.ack_at:
            replies += self._acknowledge(self.open)
        return replies

    def end(self, turn: int, pos: int, flags: d.AudioEndFlag) -> list[Request | bytes]:
        """Take a full client's end marker: it asks, or discards."""
        if turn in self._refused:
            self._refused.remove(turn)
            return [*self._ends.end(turn, d.EndFlag.FAILED)]
        is_open = self.open is not None and self.open.turn == turn
        if flags & d.AudioEndFlag.DISCARD:
            # Said again, when the END of the first time was lost with its connection, it is as done.
            return [*(self._discard(turn) if is_open else self._ends.end(turn, d.EndFlag.CUT))]
        try:
            if not is_open:
                raise BadRequest("This turn is not being recorded.")
            return [encode(d.AudioAck(pos), turn), self.ask(turn, pos)]
        except VoiceChatError as exc:
            return [Ask(turn, error=exc)]

    def ask(self, turn: int, pos: int | None) -> Ask:
        """
        Return the question that the open recording is; *pos* as in `OpenRecording.finish`.

        Raises:
            VoiceChatError: If there is none, or it was refused.
        """
        recording, self.open = self.open, None
        if recording is None:
            raise BadRequest("There is no recording to end.")
        audio = recording.finish(pos)
        return Ask(turn, audio=audio, format=recording.format, room=recording.room, tap=recording.tap)

    def forget(self) -> None:
        """Let go of a recording that will never be ended: it may be large, and its owner is gone."""
        if self.open is not None:
            self.open.drop()
        self.open = None

    def let_go(self) -> OpenRecording | None:
        """Return the open recording, which somebody else looks after now; None: nobody can go on with it."""
        recording = self.open
        if recording is None or recording.is_basic or recording.error is not None:
            self.forget()
            return None
        self.open = None
        return recording

    def give_up(self, error: VoiceChatError) -> list[bytes]:
        """Wait for the open recording no longer, and return what tells the client why."""
        assert self.open is not None
        if self.open.is_basic:
            # Its place in the order of replies is that of its end marker.
            self.open.refuse(error)
            return []
        turn = self.open.turn
        self.forget()
        return self._ends.refuse(turn, error)

    def _acknowledge(self, recording: OpenRecording) -> list[Request | bytes]:
        """Tell a full client how much of its open *recording* is safe."""
        recording.ack_at = recording.size + ACK_BYTES
        return [encode(d.AudioAck(recording.size), recording.turn)]

    def _replaced(self, recording: OpenRecording) -> list[bytes]:
        """Return what ends *recording*, whose end marker won't come: the next one begins."""
        error, turn = recording.error, recording.turn
        return self._discard(turn) if error is None else self._ends.refuse(turn, error)

    def _discard(self, turn: int) -> list[bytes]:
        self.forget()
        return self._ends.end(turn, d.EndFlag.CUT)
