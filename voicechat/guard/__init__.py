"""Who may come in, and how much."""

from .chats import ChatId, mint_chat, parse_chat
from .origins import OriginRule

__all__ = ["ChatId", "OriginRule", "mint_chat", "parse_chat"]
