"""Where chats and their messages are kept: one interface (`Store`), and those who can do it."""

from .interface import Store, StoredQuestion
from .memory import MemoryStore
from .sqlite import SqliteStore

__all__ = ["MemoryStore", "SqliteStore", "Store", "StoredQuestion"]
