"""The ids of chats: minted ones carry a secret, a client's own ones open nothing."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from ..errors import BadRequest, ChatGone

MINTED = "c_"
"""How ids begin that the server mints."""

LONGEST = 128
"""Characters of a chat's id (protocol)."""


def is_minted(id_: str) -> bool:
    """Tell whether the server made *id_*, or the name of its chat, rather than a client."""
    return id_.startswith(MINTED)


@dataclass(frozen=True, slots=True)
class ChatId:
    name: str
    """Under this the store and the log know the chat; it is no secret."""
    secret_hash: bytes | None
    """SHA-256 of the secret behind the dot; None: the client chose the id itself."""


def mint_chat() -> str:
    """Return a new id: 96 random bits to find the chat by, and a secret of 256."""
    return f"{MINTED}{secrets.token_urlsafe(12)}.{secrets.token_urlsafe(32)}"


def parse_chat(id_: str) -> ChatId:
    """
    Return what is behind *id_*.

    Raises:
        BadRequest: If it is blank or too long.
        ChatGone: If it has the form of a minted one and no secret: such a chat is not there.
    """
    if not id_.strip() or len(id_) > LONGEST or not id_.isprintable():
        raise BadRequest(f"The id of a chat has 1 to {LONGEST} characters that can be seen.")
    if not is_minted(id_):
        return ChatId(id_, None)
    name, dot, secret = id_.partition(".")
    if not dot or not secret:
        raise ChatGone("This chat is no longer kept. Please begin a new one.")
    # A fast hash is right here: the secret is random and long, so there is nothing to guess.
    return ChatId(name, hashlib.sha256(secret.encode()).digest())
