"""The hall: one live chat, its waiting questions, the answer that is running, and who listens."""

from .audience import Listener
from .conversation import Conversation
from .following import follow
from .live_turn import LiveTurn
from .registry import Conversations

__all__ = ["Conversation", "Conversations", "Listener", "LiveTurn", "follow"]
