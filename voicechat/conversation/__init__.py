"""The hall: one live chat, its waiting questions, the answer that is running, and who listens."""

from .conversation import Conversation
from .live_turn import Listener, LiveTurn
from .registry import Conversations

__all__ = ["Conversation", "Conversations", "Listener", "LiveTurn"]
