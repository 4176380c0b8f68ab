"""Mode v2 as bytes and rules: no socket, no task, no clock."""

from .connection import Ask, Close, Connection, Request, Said
from .frames import FRAMES, decode, encode
from .hello import Introduction, Resume

__all__ = [
    "FRAMES",
    "Ask",
    "Close",
    "Connection",
    "Introduction",
    "Request",
    "Resume",
    "Said",
    "decode",
    "encode",
]
