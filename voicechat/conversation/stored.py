"""What the store has of one chat, as a conversation asks for it."""

from __future__ import annotations

from ..dialogue import Key, Message
from ..errors import NotFound
from ..store import Store


class Stored:
    def __init__(self, chat: str, store: Store) -> None:
        self._chat = chat
        self._store = store

    async def answer(self, n: int) -> Message:
        """
        Return the answer *n*.

        Raises:
            NotFound: If there is none.
        """
        match await self._messages(n, 1):
            case [Message(role="assistant") as answer]:
                return answer
        raise NotFound(f"There is no answer {n}.")

    async def interrupted(self, key: Key) -> Message | None:
        """Return the answer to the question of *key* where it broke off; None: it did not."""
        question = await self._store.find_question(self._chat, key)
        answer = None if question is None else await self.answer(question.n + 1)
        return answer if answer is not None and answer.status == "interrupted" else None

    async def broken_off(self, n: int) -> str | None:
        """
        Return the text of question *n*, whose answer broke off; None: it was spoken, and is to be heard.

        Raises:
            NotFound: If there is no such question, or its answer did not.
        """
        match await self._messages(n, 2):
            case [Message(role="user", text=text), Message(status="interrupted" | "failed")]:
                if text or await self._store.has_recording(self._chat, n):
                    return text or None
        raise NotFound(f"There is no question {n} whose answer broke off.")

    async def _messages(self, n: int, count: int) -> list[Message]:
        """Return the messages from *n* on."""
        found, _ = await self._store.messages(self._chat, after=n - 1, before=n + count, limit=count)
        return found
