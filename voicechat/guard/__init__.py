"""Who may come in, and how much."""

from .chats import ChatId, is_minted, mint_chat, parse_chat
from .origins import OriginRule

__all__ = ["ChatId", "OriginRule", "is_minted", "mint_chat", "parse_chat"]
