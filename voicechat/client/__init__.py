"""
The other side of the protocol: a small library for both modes, and `voicechat talk` upon it.

    async with V2Client("http://localhost:8080") as client:
        async for moment in client.ask("When are you open?"):
            print(moment.at_seconds, moment.event)
"""

from .command import add_talk
from .errors import ClientError, Failed, Gone, ModeOff, NotThere, TimedOut
from .interface import Client, Wishes
from .moments import Asked, Event, Moment, Sent, Stages
from .saving import pcm_of
from .server import DEFAULT_URL, Mode, best_mode, parse_url
from .spoken import Spoken, as_if_spoken, recorded
from .v1 import V1Client
from .v2 import V2Client

__all__ = [
    "DEFAULT_URL",
    "Asked",
    "Client",
    "ClientError",
    "Event",
    "Failed",
    "Gone",
    "Mode",
    "ModeOff",
    "Moment",
    "NotThere",
    "Sent",
    "Spoken",
    "Stages",
    "TimedOut",
    "V1Client",
    "V2Client",
    "Wishes",
    "add_talk",
    "as_if_spoken",
    "best_mode",
    "parse_url",
    "pcm_of",
    "recorded",
]
