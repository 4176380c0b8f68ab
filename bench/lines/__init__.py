"""Every line of the table. A row here, and the function that it names, is all that a new one needs."""

from __future__ import annotations

from ..measuring import Goal, Line, Load
from ..servers import (
    AT_THE_END,
    BARE,
    EARLY,
    EMBEDDED,
    FIXED,
    LATE,
    LONG,
    NODE,
    PLAIN,
    PROVIDER,
    STORED,
    VOICECHAT,
)
from . import connections, embedded, hearing, spoken, streaming, turns, uploads, voices

FULL_SPEED = (
    "Taking the tokens from the provider's stream and parsing them is 30 % of the processor time, "
    "aiohttp's reading of HTTP before that 9 %, making each a frame and putting it into its visitor's "
    "outbox 32 %, and the event loop 11 %. Nothing of it is done twice."
)
HUNDRED = (
    "A turn is two requests to the provider. They take 22 % of the processor time, nearly all of it in "
    "aiohttp's client, which makes objects of the request, its connection and the answer. Taking in the "
    "frames is 12 %, the event loop 11 %, writing to sockets 7 %, and the recording's length 5 %."
)
UPLOAD = (
    "A WebSocket of aiohttp that takes the same frames and does nothing else needs 0.72 of Node's time: "
    "of ours, reading from the kernel is 23 %, copying and allocating 20 %, and Python 40 %, half of that "
    "aiohttp's own. What is ours is a quarter of the whole."
)
CONNECTS = (
    "A WebSocket begins as a request over HTTP. The event loop and the kernel take a quarter of it, and "
    "aiohttp, which makes an object of the connection, the request, its answer and the socket, half; what "
    "is ours, from the origin to the OK, is another quarter."
)

# fmt: off
LOADS = (
    Load(streaming.full_speed, NODE,
         Line("CPU per streamed token, 200 chats at full speed", "µs", Goal(0.45), FULL_SPEED),
         Line("busy meanwhile", "% of its core"),
         Line("tokens a second meanwhile", "")),
    Load(streaming.provider_alone, None,
         Line("tokens a second of the provider alone", ""), ours=PROVIDER),
    Load(streaming.paced, NODE,
         Line("CPU per streamed token, 100 chats of 50 tokens a second", "µs", Goal(0.8)),
         Line("added latency p99, the same load", "ms", Goal(0.2))),
    Load(turns.one, NODE,
         Line("end marker to first text, p50, one chat", "ms", Goal(0.8))),
    Load(turns.hundred, NODE,
         Line("end marker to first text, p50, a hundred at once", "ms", Goal(0.5), HUNDRED)),
    Load(turns.one_typed, NODE,
         Line("typed question to first text, p50, one chat", "ms")),
    Load(turns.hundred_typed, NODE,
         Line("typed question to first text, p50, a hundred at once", "ms")),
    Load(turns.stored, VOICECHAT,
         Line("a turn in a hundred chats, p50, in a file against in memory", "ms",
              Goal(2, is_difference=True)),
         ours=STORED),
    Load(uploads.chunks, NODE,
         Line("upload in 4 kB chunks, CPU per MB", "ms", Goal(0.6), UPLOAD)),
    Load(uploads.base64_wav, NODE,
         Line("v1, 60 s of WAV in base64, p50", "ms", Goal(1.0))),
    Load(connections.connects, NODE,
         Line("connects a second of processor time", "", Goal(0.75, more_is_better=True), CONNECTS),
         Line("connects a second", "")),
    Load(connections.memory, BARE,
         Line("memory per open chat, against a bare aiohttp WebSocket", "kB", Goal(1.5)), fresh=True),
    Load(connections.idle, NODE,
         Line("idle CPU with 5,000 open", "% of a core", Goal(3, is_absolute=True)), in_quick=False),
    Load(connections.start, NODE,
         Line("start to first answer, warm", "s", Goal(1, is_absolute=True)), fresh=True),
    Load(connections.start, None,
         Line("start to first answer, warm, embedded engines", "s", Goal(1, is_absolute=True)),
         ours=EMBEDDED, fresh=True),
    Load(spoken.one, None,
         Line("end marker to first sound beyond the engines, p50, one chat", "ms", Goal(5, is_absolute=True)),
         Line("p99 of it", "ms", Goal(10, is_absolute=True)), ours=FIXED),
    Load(spoken.hundred, None,
         Line("end marker to first sound beyond the engines, p50, a hundred chats", "ms"),
         Line("p99 of it, in a hundred chats", "ms", Goal(25, is_absolute=True)), ours=FIXED),
    Load(spoken.together, None,
         Line("end marker to first sound beyond the engines, p50, a hundred at once", "ms"),
         Line("p99 of it, a hundred at once", "ms"), ours=FIXED),
    Load(spoken.whole, PLAIN,
         Line("end marker to first sound, p50, against a pipeline that waits for each stage", "ms"),
         ours=FIXED),
    Load(spoken.at_once, None,
         Line("200 spoken answers at once: sound that came too late", "times", Goal(0, is_absolute=True)),
         Line("the least that was there and not played yet", "ms"),
         Line("busy while it speaks", "% of its core"), ours=LONG, in_quick=False),
    Load(embedded.alone, None,
         Line("embedded engines: spoken question to first sound", "s"), ours=EMBEDDED),
    Load(voices.one, None,
         Line("embedded engines: voice to voice, ten questions, p50", "s"),
         Line("p90 of it", "s"), ours=EMBEDDED, in_quick=False),
    Load(voices.four, None,
         Line("embedded engines: voice to voice, four visitors at once, p50", "s"),
         Line("p90 of it, four at once", "s"), ours=EMBEDDED, in_quick=False),
    Load(voices.eight, None,
         Line("embedded engines: voice to voice, eight visitors at once, p50", "s"),
         Line("p90 of it, eight at once", "s"), ours=EMBEDDED, in_quick=False),
    Load(hearing.residual, AT_THE_END,
         Line("embedded engines: end marker to final transcript, p50", "s"),
         Line("the longest of ten", "s"), ours=EMBEDDED),
    Load(hearing.answered, LATE,
         Line("end marker to first text after a pause, answers begun early, p50", "s"), ours=EARLY),
    Load(embedded.crowd, None,
         Line("embedded engines: visitors at once before that wait doubles", ""),
         ours=EMBEDDED, in_quick=False),
)
# fmt: on
