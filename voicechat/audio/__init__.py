"""Sound: what a recording is, told by its bytes; decoding, resampling, MP3. No network, no files."""

from .activity import Activity
from .arriving_sound import Arriving, arriving
from .decoding import decode, duration_seconds, is_surely_within
from .packets import NotRead
from .pcm import HEARING_RATE, SPEECH_BYTES_PER_MS, SPEECH_RATE, Resampler, mp3, wav
from .recording import MEDIA_TYPES, Container, Recording, identify

__all__ = [
    "HEARING_RATE",
    "MEDIA_TYPES",
    "SPEECH_BYTES_PER_MS",
    "SPEECH_RATE",
    "Activity",
    "Arriving",
    "Container",
    "NotRead",
    "Recording",
    "Resampler",
    "arriving",
    "decode",
    "duration_seconds",
    "identify",
    "is_surely_within",
    "mp3",
    "wav",
]
