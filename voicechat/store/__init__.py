"""Where chats and their messages are kept: one interface (`Store`), and those who can do it."""

from .copying import backup, count_chats, exported
from .interface import Store, StoredQuestion
from .memory import MemoryStore
from .sqlite import SqliteStore
from .table import file_of, kept_seconds, open_store

__all__ = [
    "MemoryStore",
    "SqliteStore",
    "Store",
    "StoredQuestion",
    "backup",
    "count_chats",
    "exported",
    "file_of",
    "kept_seconds",
    "open_store",
]
