"""
Any server that speaks OpenAI's language: transcription, streamed chat completion, speech.

The way of one answer, each step a module: `chat` asks, `client` tries again where that helps, `http`
has the connection, `answer` waits and no longer than it may, `completion` makes pieces of text of
the bytes that `events` cut into events. `refusals` is the border that foreign errors cross.

The types of the `openai` package describe what is sent; its code does not run here: an object for
every token costs twelve times the time of this way (bench/). A contract test holds both to the same
behaviour.
"""

from .chat import OpenAiChat
from .client import Pauses
from .http import Http
from .stt import OpenAiStt
from .tts import OpenAiTts

__all__ = ["Http", "OpenAiChat", "OpenAiStt", "OpenAiTts", "Pauses"]
