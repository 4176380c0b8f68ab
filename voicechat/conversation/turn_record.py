"""What the store has of one turn: its question, and the answer as it grows, ends and is cut."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from ..dialogue import Fault, Message, Source, Status
from ..errors import ChatGone, ProviderFailed, RequestError, Unavailable, VoiceChatError, of_code
from ..store import Store
from .keeping import Keeping, ends_sentence


class TurnRecord:
    """
    Question *n* of *chat* and its answer: what is said so far, its status, how much of it counts as said.

    The sentences are stored as they come, the end when it comes; what the store refuses of that
    `settle` tells it again. *is_transcribed*: the question's text is stored. *is_repeat*: so is the
    answer, which is only spoken again, and nothing of it is kept.
    """

    def __init__(self, chat: str, n: int, store: Store, *, is_transcribed: bool, is_repeat: bool) -> None:
        self.status: Status = "queued"
        """Of the answer, as it is stored."""
        self.sources: tuple[Source, ...] = ()
        self.error: VoiceChatError | None = None
        """Why it failed; None: it did not."""
        self.text_bytes = 0
        self.known_bytes: int | None = None
        """How much of the text counts as said, once it was cut: that never becomes less."""
        self._chat = chat
        self._n = n
        self._store = store
        self._is_transcribed = is_transcribed
        self._is_repeat = is_repeat
        self._parts: list[str] = []
        self._keeping = Keeping()
        self._unkept: tuple[Status, int | None] | None = None
        """How it ended and how much was heard, as long as the store does not know that."""

    @property
    def text(self) -> str:
        """Of the answer, so far."""
        return "".join(self._parts)

    async def transcribed(self, text: str) -> None:
        """Store what was heard as the question."""
        await self._store.update_question(self._chat, self._n, text, "complete")
        self._is_transcribed = True

    def begin(self) -> None:
        """The answer is being made. The store learns it with the first sentence."""
        self.status = "running"

    def note_failure(self, error: VoiceChatError) -> None:
        """Note why it ends without being whole; the store learns it with the end."""
        # The frames of its traceback would hold the recording as long as the turn is kept.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        self.error = error

    def add(self, piece: str) -> bool:
        """Add *piece* to the answer's text; return whether a sentence ends within it, and is stored soon."""
        self._parts.append(piece)
        self.text_bytes += len(piece.encode())
        is_end = ends_sentence(piece)
        if is_end:
            self._keeping.grew(partial(self._write, "running"))
        return is_end

    async def complete(self, sources: tuple[Source, ...]) -> None:
        """Store the answer: nothing of its text follows."""
        self.sources = sources
        await self._keep("complete")

    def known(self, heard: int) -> int:
        """Count the first *heard* bytes as said; return how many are: what was said before stays said."""
        self.known_bytes = max(self.known_bytes or 0, heard)
        return self.known_bytes

    async def cut(self, heard: int, status: Status) -> None:
        """
        Store that the answer was cut after *heard* bytes, as *status* where it was not over yet.

        One that is complete stays so where all of it counts, and one that failed stays failed.
        """
        if self.status in ("queued", "running"):
            await self.end(status, heard)
        elif heard < self.text_bytes or self.status == "cut":
            await self.end("cut" if self.status == "complete" else self.status, heard)

    async def end(self, status: Status, heard: int | None = None) -> None:
        """Store how it ended; if the store does not take that now, it is left to `settle`."""
        self._unkept = status, heard
        await self.settle()

    async def settle(self) -> None:
        """Store how it ended, where the store has not taken that yet; it may refuse once more."""
        if (unkept := self._unkept) is None:
            return
        with suppress(Unavailable):
            with suppress(ChatGone):  # then there is nothing to keep any more
                await self._keep_question(unkept[0])
                await self._keep(*unkept)
            if self._unkept is unkept:
                self._unkept = None

    @property
    def is_settled(self) -> bool:
        """Whether the store knows how it ended, if it did."""
        return self._unkept is None

    def restore(self, answer: Message) -> None:
        """Become what the store has: *answer*."""
        self._parts = [answer.text]
        self.text_bytes = len(answer.text.encode())
        self.sources = answer.sources
        self.status, self.known_bytes = answer.status, answer.heard
        if answer.fault is not None:
            self.error = of_code(answer.fault.code, answer.fault.message)
        elif answer.status not in ("complete", "cut"):
            self.error = ProviderFailed("This answer could not be completed. Please ask again.")

    async def _keep_question(self, status: Status) -> None:
        """A spoken question that was never transcribed ends as its answer does."""
        if not (self._is_transcribed or self._is_repeat):
            # What was not heard through no fault of its own can be heard when it is asked for again.
            is_good = status in ("failed", "interrupted") and not isinstance(self.error, RequestError)
            await self._store.update_question(self._chat, self._n, "", status, keep_recording=is_good)

    async def _keep(self, status: Status, heard: int | None = None) -> None:
        """Store the answer as it is now; what was being stored of it before is stored first."""
        await self._keeping.finish()
        if not self._is_repeat:
            await self._write(status, heard)
        self.status = status

    async def _write(self, status: Status, heard: int | None = None) -> None:
        fault = None if self.error is None else Fault.of(self.error)
        await self._store.update_answer(
            self._chat, self._n + 1, self.text, status, heard, self.sources, fault
        )
