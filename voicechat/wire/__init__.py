"""Mode v2 as bytes and rules: no socket, no task, no clock."""

from .connection import Connection, turn_number
from .frames import FRAMES, decode, encode
from .hello import LONGEST_TAB, Introduction, Resume, message_number
from .language import parse_language
from .recording import OpenRecording, Room, Tap
from .recording_rules import RecordingRules
from .requests import Ask, Close, Request, Said
from .speed import parse_speed

__all__ = [
    "FRAMES",
    "LONGEST_TAB",
    "Ask",
    "Close",
    "Connection",
    "Introduction",
    "OpenRecording",
    "RecordingRules",
    "Request",
    "Resume",
    "Room",
    "Said",
    "Tap",
    "decode",
    "encode",
    "message_number",
    "parse_language",
    "parse_speed",
    "turn_number",
]
