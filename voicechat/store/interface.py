"""What every store does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..audio import Recording
from ..dialogue import Fault, Key, Message, Rating, Source, Status
from ..errors import ChatGone, Unavailable

RESTING_SECONDS = 20.0
"""
Not used for so long, nobody is in a chat: one in which somebody is, is touched at every sweep.

Twice the ten seconds between two sweeps (`SWEEP_SECONDS` in `app`), for a busy server sweeps late.
"""


MOST_TRIES = 3
"""How often a stored recording is taken up to be heard."""

MOST_UNHEARD_BYTES = 64 << 20
"""
Of the recordings, of all chats, that are kept though they could not be heard; the oldest go first.

Two thousand short questions: more than anybody asks for again once the engine works.
"""


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """A question found again by its key."""

    n: int
    text: str
    is_spoken: bool = False


class Store(Protocol):
    """
    Chats and their messages.

    When a method has returned, what it wrote is kept as long as the store keeps anything.
    Methods that take the id of a chat that is not there raise `ChatGone`.
    """

    async def create(self, chat: str, secret_hash: bytes | None) -> None:
        """
        Make an empty chat; nothing happens where it is there already.

        *secret_hash* None: the client chose the id itself, so its history is never given out.

        Raises:
            Unavailable: If there is no room for another chat.
        """

    async def secret_hash(self, chat: str) -> bytes | None:
        """Return what the chat was created with."""

    async def add_question(self, chat: str, key: Key, text: str, recording: Recording | None = None) -> int:
        """
        Store a question and reserve its answer; return the question's n, the answer's is n + 1.

        *text* is empty while a spoken question is not transcribed: then the question is `queued` and
        its *recording* is kept, else it is `complete`. The answer is `queued`.
        The key must not be in use: look with `find_question` first.
        """

    async def has_recording(self, chat: str, n: int) -> bool:
        """Tell whether there is a recording of question *n*, which was not heard yet."""

    async def recording(self, chat: str, n: int) -> Recording | None:
        """
        Return the recording of question *n*; None: there is none.

        None also when it was returned `MOST_TRIES` times: it may be what ended the process each time.
        """

    async def find_question(self, chat: str, key: Key) -> StoredQuestion | None:
        """Return the question that was stored under *key*; None: there is none."""

    async def unanswered(self, chat: str) -> list[tuple[Key, StoredQuestion]]:
        """
        Return the questions that wait for an answer of which nothing was said yet, oldest first.

        Each under the key with which it was asked last.
        """

    async def retry(self, chat: str, key: Key, n: int) -> None:
        """
        Let question *n* wait for an answer anew, under *key* too: what there was of the answer is gone.

        One that was spoken and not heard waits to be heard.
        """

    async def update_question(
        self, chat: str, n: int, text: str, status: Status, *, keep_recording: bool = False
    ) -> None:
        """
        Set the text and status of question *n*; its recording goes.

        *keep_recording*: it may be asked for again, as long as `MOST_UNHEARD_BYTES` are enough for all such.
        """

    async def update_answer(
        self,
        chat: str,
        n: int,
        text: str,
        status: Status,
        heard: int | None,
        sources: Sequence[Source],
        fault: Fault | None = None,
    ) -> None:
        """Set all of answer *n*; *heard* and *fault* as in `Message`."""

    async def rate(self, chat: str, n: int, rating: Rating | None) -> bool:
        """Keep what the visitor thinks of answer *n*; return False where there is none."""

    async def messages(
        self, chat: str, *, after: int = 0, before: int | None = None, limit: int = 50
    ) -> tuple[list[Message], bool]:
        """
        Return the last *limit* messages with after < n < before, oldest first, and whether there are older.

        *before* None: no upper bound.
        """

    async def last_turn(self, chat: str, tab: str) -> int:
        """Return the highest turn that *tab* has used in this chat, 0 for none."""

    async def erase(self, chat: str) -> None:
        """Forget the chat and all that was said in it."""

    async def touch(self, chat: str) -> None:
        """Count the chat as used just now."""

    async def forget_idle(self, seconds: float) -> int:
        """Forget every chat that was not used for *seconds*; return how many there were."""

    async def close(self) -> None: ...


def gone() -> ChatGone:
    return ChatGone("This chat is no longer kept. Please begin a new one.")


def no_room() -> Unavailable:
    return Unavailable("This server has as many chats as it can keep. Please try again later.")
