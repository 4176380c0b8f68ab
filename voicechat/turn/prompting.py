"""What the chat model is asked: the question, what was said before it, and what the pages know of it."""

from __future__ import annotations

from collections.abc import Sequence

from ..dialogue import Message, Passage, Prompt
from .rooms import Rooms

EARLIER_QUESTIONS = 3
"""How many of the visitor's earlier questions help to understand a short one ("and on Sunday?")."""


async def prompt_of(chat: str, n: int, text: str, language: str | None, rooms: Rooms) -> Prompt:
    """Return the prompt for the question *text*, message *n* of *chat*, by who speaks *language*."""
    history = await _history(chat, n, text, rooms)
    return Prompt(
        system=rooms.config.chat.system_prompt,
        history=history,
        passages=await _passages(text, history, rooms),
        topics=rooms.knowledge.topics() if rooms.knowledge else (),
        language=language or rooms.config.language,
    )


async def _history(chat: str, n: int, text: str, rooms: Rooms) -> tuple[Message, ...]:
    stored, _ = await rooms.store.messages(chat, before=n, limit=rooms.config.chat.history_messages or 1)
    earlier = stored if rooms.config.chat.history_messages else []
    return (*(message for message in earlier if message.text), Message(n, "user", text, "running"))


async def _passages(text: str, history: Sequence[Message], rooms: Rooms) -> tuple[Passage, ...]:
    if rooms.knowledge is None:
        return ()
    await rooms.engines.ready("knowledge")
    asked = [m.text for m in history[:-1] if m.role == "user"]
    return await rooms.knowledge.passages(text, asked[-EARLIER_QUESTIONS:])
