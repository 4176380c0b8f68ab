"""Who may come in, and how much."""

from .chats import MINTED, ChatId, mint_chat, parse_chat
from .origins import OriginRule

__all__ = ["MINTED", "ChatId", "OriginRule", "mint_chat", "parse_chat"]
