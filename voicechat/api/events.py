"""What a page tells beside its questions: EVENT in v2, `POST /api/events` in v1."""

from __future__ import annotations

from ..dialogue import CancelReason, Json, Key, Rating
from ..errors import BadRequest, NotFound
from ..wire import message_number, turn_number
from .bodies import parse_tab
from .house import House

LONGEST_MS = 1 << 32
"""Of a turn's sound: what a frame can say."""

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
        case "cancel":
            key, heard_ms, reason = _cancelled(content)
            await house.conversations.cancel(chat, key, heard_ms, reason)


def _cancelled(content: Json) -> tuple[Key, int, CancelReason]:
    """Return what CANCEL says in v2, of a turn of any tab."""
    turn, heard_ms, reason = turn_number(content), content.get("pos"), content.get("reason")
    if turn is None or type(heard_ms) is not int or not 0 <= heard_ms < LONGEST_MS:
        raise BadRequest("A cancel has a turn, and pos, the milliseconds that were heard.")
    if reason not in list(CancelReason):
        raise BadRequest("A cancel's reason is 1, 2 or 3, as in CANCEL.")
    return Key(parse_tab(content.get("tab")), turn), heard_ms, CancelReason(reason)
