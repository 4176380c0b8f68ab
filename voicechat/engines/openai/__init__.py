"""
Any server that speaks OpenAI's language: transcription, streamed chat completion, speech.

The way of one answer, each step a module: `chat` asks, `client` tries again where that helps, `http`
has the connections, `answer` waits and no longer than it may, `completion` makes pieces of text of
the bytes that `events` cut into events. `stt` and `tts` go the same way; `sound` is the latter's
`answer`. Foreign errors cross one border, in `refusals`.

The `openai` package gives the types of what is sent and the rules of trying again. Its code does not
run here: an object for every token costs some twelve times what this way does (bench/). A contract
test holds both to the same behaviour.
"""

from .chat import OpenAiChat
from .client import Pauses
from .http import Http
from .stt import OpenAiStt
from .tts import OpenAiTts

__all__ = ["Http", "OpenAiChat", "OpenAiStt", "OpenAiTts", "Pauses"]
