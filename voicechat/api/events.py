"""What a page tells beside its questions: EVENT in v2, `POST /api/events` in v1."""

from __future__ import annotations

from ..dialogue import Json, Rating
from ..errors import BadRequest, NotFound
from ..wire import message_number
from .house import House

RATINGS: dict[object, Rating | None] = {"up": "up", "down": "down", None: None}


async def take_event(content: Json, chat: str, house: House) -> None:
    """
    Do what *content* asks for in *chat*; nothing for a type that is unknown here.

    Raises:
        BadRequest: If a member of it is missing or wrong.
        NotFound: If it is about a message that is not there.
        ChatGone: If the chat is not kept any more.
    """
    match content.get("type"):
        case "feedback":
            n, rating = message_number(content), content.get("rating")
            if n is None or not isinstance(rating, str | None) or rating not in RATINGS:
                raise BadRequest("Feedback has n, the number of an answer, and a rating: up, down or null.")
            if not await house.rooms.store.rate(chat, n, RATINGS[rating]):
                raise NotFound(f"There is no answer {n} to rate.")
        case "erase":
            await house.conversations.erase(chat)
