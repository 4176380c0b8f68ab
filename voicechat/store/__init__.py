"""Where chats and their messages are kept: one interface (`Store`), and those who can do it."""

from .interface import Store, StoredQuestion
from .memory import MemoryStore

__all__ = ["MemoryStore", "Store", "StoredQuestion"]
