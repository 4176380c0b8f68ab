"""What every door needs, in one object on the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ..config import Config
from ..conversation import Conversations
from ..guard import OriginRule
from ..knowledge import Knowledge
from ..turn import Rooms


@dataclass(frozen=True, slots=True)
class House:
    config: Config
    rooms: Rooms
    conversations: Conversations
    origins: OriginRule
    knowledge: Knowledge | None
    """None: it is switched off, and the example's pages are not served."""

    @property
    def modes(self) -> tuple[str, ...]:
        return ("v1", "v2") if self.config.mode == "both" else (self.config.mode,)

    @property
    def speaks(self) -> bool:
        return self.config.speech and self.rooms.engines.tts is not None

    def facts(self) -> dict[str, Any]:
        """What a page is told in both modes: `GET /api/config` and WELCOME."""
        limits, engines = self.config.limits, self.rooms.engines
        suggestions = self.knowledge.suggestions() if self.knowledge else ()
        return {
            "welcome": {"text": self.config.welcome or "", "suggestions": list(suggestions)},
            "limits": {
                "text_chars": limits.text_chars,
                "frame_bytes": limits.frame_bytes,
                "recording_bytes": limits.recording_bytes,
                "recording_seconds": limits.recording_seconds,
                "queue": limits.queue,
                "connections": limits.connections,
                "idle_seconds": limits.idle_seconds,
                "lead_ms": limits.lead_ms,
            },
            "hearing": engines.stt is not None,
            "speech": self.speaks,
            "writing_effect": self.config.writing_effect,
            "warming": list(engines.warming()),
            "language": self.config.language,
        }


HOUSE = web.AppKey("house", House)
