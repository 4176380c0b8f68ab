"""Who may come in, and how much."""

from .budget import Budget, Share
from .chats import ChatId, is_minted, mint_chat, parse_chat
from .origins import OriginRule

__all__ = ["Budget", "ChatId", "OriginRule", "Share", "is_minted", "mint_chat", "parse_chat"]
