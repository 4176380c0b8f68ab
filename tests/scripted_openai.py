"""
An OpenAI-compatible provider that does what a test tells it to. A program of its own:

    python tests/scripted_openai.py --port 9000 --gap-ms 20

It imports nothing of voicechat. Left alone it answers nicely: a sentence about opening hours in
tokens, a transcript, a tone as long as the text. In a test:

    async with scripted_openai() as provider:
        gate = Gate()
        provider.next("chat", Stream([*tokens("The", " shop"), gate, *tokens(" is open."), *END]))
        …                                  # ask it, at provider.url
        request = await provider.request(0)
        assert request.json["stream"] is True
        gate.open()
        await request.ended.wait()         # .cut is set when the client left before the end

From another process the same goes over HTTP: POST /control/next with
`{"job": "chat", "status": 200, "headers": {}, "steps": [{"token": "a"}, {"gate": "g"}, {"stall": true}]}`
(steps: token, text, base64, pause_ms, gate, stall, cut, end), POST /control/open `{"gate": "g"}`,
GET /control/requests.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import math
import socket
import struct
import sys
import wave
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

JOBS = {
    "chat": "/v1/chat/completions",
    "stt": "/v1/audio/transcriptions",
    "tts": "/v1/audio/speech",
    "models": "/v1/models",
}

ANSWER = ("The", " shop", " is", " open", " from", " nine", " to", " six", ".")
TRANSCRIPT = "when are you open"
SPEECH_RATE = 24_000
MS_PER_CHARACTER = 20
SPEECH_TYPES = {"pcm": "audio/pcm", "wav": "audio/wav", "mp3": "audio/mpeg"}


class Gate:
    """The answer stops here until the test opens it; `reached` tells that it got here."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._open = asyncio.Event()

    def open(self) -> None:
        self._open.set()

    async def wait(self) -> None:
        self.reached.set()
        await self._open.wait()


@dataclass(frozen=True)
class Pause:
    """Real time, for demonstrations and benchmarks; a test takes a `Gate`."""

    seconds: float


class Stall:
    """Say nothing more, and keep the connection open until the client leaves."""


class Mute:
    """As the first step: take the request and say nothing at all, not even a head."""


class Cut:
    """Break the connection off: in the middle of the body, or as the first step before any answer."""


class Reset(Cut):
    """The same with an RST, as a crashed machine or a firewall does it, and not with a FIN."""


Step = bytes | Gate | Pause | Stall | Mute | Cut


@dataclass
class Stream:
    """An answer, step by step; bytes are written as they are, one network packet a step."""

    steps: Sequence[Step]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/event-stream"})


def event(content: object, *, end: str = "\n") -> bytes:
    return f"data: {json.dumps(content, ensure_ascii=False)}{end}{end}".encode()


def chunk(delta: object, finish_reason: str | None = None) -> dict[str, Any]:
    """One piece of a streamed completion, as OpenAI sends it."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}],
    }


def tokens(*texts: str) -> list[Step]:
    return [event(chunk({"content": text})) for text in texts]


FINISH = event(chunk({}, "stop"))
DONE = b"data: [DONE]\n\n"
END: tuple[bytes, ...] = (FINISH, DONE)


def answer(*texts: str, gap_seconds: float = 0) -> Stream:
    """A whole streamed completion."""
    steps: list[Step] = [event(chunk({"role": "assistant", "content": ""}))]
    for step in tokens(*texts):
        steps += [Pause(gap_seconds), step] if gap_seconds else [step]
    return Stream([*steps, *END])


def plain(content: object, status: int = 200, **headers: str) -> Stream:
    """A JSON answer in one piece; `Retry_After="2"` is the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Stream([json.dumps(content).encode()], status, {"Content-Type": "application/json", **named})


def refusal(status: int, code: str | None = None, message: str = "no", **headers: str) -> Stream:
    """An error in OpenAI's form."""
    kind = "invalid_request_error" if status < 429 else "server_error"
    error = {"message": message, "type": kind, "param": headers.pop("param", None), "code": code}
    return plain({"error": error}, status, **headers)


def page(html: str = "<!doctype html><title>Sign in</title>", status: int = 200) -> Stream:
    return Stream([html.encode()], status, {"Content-Type": "text/html"})


LACKING = Stream([b"404 page not found"], 404, {"Content-Type": "text/plain"})
"""What Ollama says of an address that it does not know."""


def completion(text: str) -> Stream:
    """A completion that is not streamed."""
    message = {"role": "assistant", "content": text}
    whole = {**chunk({}), "object": "chat.completion"}
    whole["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
    return plain(whole)


def tone(text: str) -> bytes:
    """PCM of 440 Hz, as long as it takes to say *text* in a great hurry."""
    samples = SPEECH_RATE * MS_PER_CHARACTER * len(text) // 1000
    wave_of = (int(8_000 * math.sin(2 * math.pi * 440 * i / SPEECH_RATE)) for i in range(samples))
    return b"".join(struct.pack("<h", sample) for sample in wave_of)


def speech(pcm: bytes, form: str, media_type: str | None = None) -> Stream:
    """Sound in the format *form*, in packets of an odd number of bytes, as networks make them."""
    data = _encoded(pcm, form)
    steps = [data[i : i + 4_001] for i in range(0, len(data), 4_001)]
    return Stream(steps, 200, {"Content-Type": media_type or SPEECH_TYPES[form]})


def _encoded(pcm: bytes, form: str) -> bytes:
    file = io.BytesIO()
    if form == "wav":
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(SPEECH_RATE)
            sound.writeframes(pcm)
    elif form == "mp3":
        import numpy as np
        import soundfile

        soundfile.write(file, np.frombuffer(pcm, "<i2"), SPEECH_RATE, format="MP3")
    else:
        file.write(pcm)
    return file.getvalue()


@dataclass
class Received:
    """One request, and what became of its answer."""

    job: str
    headers: Mapping[str, str]
    body: bytes
    json: Any = None
    fields: dict[str, str] = field(default_factory=dict)
    recording: bytes = b""
    file_name: str | None = None
    media_type: str | None = None
    peer: Any = None
    """The client's address and port: the same for two requests over one kept connection."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client closed before the answer was complete."""


Behaviour = Stream | Callable[[Received], Stream]


class ScriptedOpenAi:
    def __init__(self, *, gap_seconds: float = 0, key: str | None = None) -> None:
        """*key* None: any request may come in."""
        self.url = ""
        self.requests: list[Received] = []
        self.open_streams = 0
        self._gap_seconds = gap_seconds
        self._key = key
        self._queues: dict[str, deque[Behaviour]] = {job: deque() for job in JOBS}
        self._always: dict[str, Behaviour] = {}
        self._gates: dict[str, Gate] = {}
        self._arrived = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    def next(self, job: str, *behaviours: Behaviour) -> None:
        """Add to what the next requests of *job* get, one each; then it is nice again."""
        self._queues[job].extend(behaviours)

    def always(self, job: str, behaviour: Behaviour) -> None:
        """What requests of *job* get when nothing is queued."""
        self._always[job] = behaviour

    def lack_audio(self) -> None:
        self.always("stt", LACKING)
        self.always("tts", LACKING)

    async def serve(self, port: int) -> None:
        """Answer on loopback from now on; `close` ends it."""
        # The handler's cancellation is how the end of the client's connection shows at once.
        self._runner = web.AppRunner(
            self.application(), handler_cancellation=True, access_log=None, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def close(self) -> None:
        """Be away: connections are cut, and nobody listens there any more. Safe to call again."""
        if self._runner is not None:
            await self._runner.cleanup()

    def of(self, job: str) -> list[Received]:
        return [request for request in self.requests if request.job == job]

    async def request(self, index: int, job: str | None = None) -> Received:
        """Wait for the request of that number, from 0, of *job* or of all."""

        def known() -> list[Received]:
            return self.requests if job is None else self.of(job)

        async with self._arrived:
            await self._arrived.wait_for(lambda: len(known()) > index)
        return known()[index]

    def application(self) -> web.Application:
        app = web.Application(client_max_size=256 << 20)
        for job, path in JOBS.items():
            app.router.add_route("GET" if job == "models" else "POST", path, self._handler(job))
        app.router.add_post("/control/next", self._control_next)
        app.router.add_post("/control/open", self._control_open)
        app.router.add_get("/control/requests", self._control_requests)
        return app

    def _handler(self, job: str) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            received = await _received(job, request)
            async with self._arrived:
                self.requests.append(received)
                self._arrived.notify_all()
            behaviour = self._behaviour(received)
            self.open_streams += 1
            try:
                return await _play(behaviour, request)
            except (asyncio.CancelledError, ConnectionError):
                received.cut.set()
                raise
            finally:
                self.open_streams -= 1
                received.ended.set()

        return handle

    def _behaviour(self, received: Received) -> Stream:
        queue = self._queues[received.job]
        if queue:
            behaviour = queue.popleft()
        elif self._key and received.headers.get("Authorization") != f"Bearer {self._key}":
            behaviour = refusal(401, "invalid_api_key", "Incorrect API key provided")
        else:
            behaviour = self._always.get(received.job, self.nice)
        return behaviour if isinstance(behaviour, Stream) else behaviour(received)

    def nice(self, received: Received) -> Stream:
        """Return what *received* gets where no script says otherwise."""
        if received.job == "models":
            return plain({"object": "list", "data": [{"id": "scripted", "object": "model"}]})
        if received.job == "stt":
            return plain({"text": TRANSCRIPT})
        asked = received.json
        if not isinstance(asked, dict):
            return refusal(400, message="no JSON")
        if received.job == "tts":
            return speech(tone(str(asked.get("input", ""))), asked.get("response_format", "mp3"))
        if asked.get("stream"):
            return answer(*ANSWER, gap_seconds=self._gap_seconds)
        return completion("".join(ANSWER))

    async def _control_next(self, request: web.Request) -> web.Response:
        script = await request.json()
        steps = [self._step(*next(iter(step.items()))) for step in script["steps"]]
        headers = script.get("headers") or {"Content-Type": "text/event-stream"}
        self.next(
            script["job"], Stream([s for some in steps for s in some], script.get("status", 200), headers)
        )
        return web.json_response({})

    def _step(self, kind: str, value: Any) -> Sequence[Step]:
        if kind == "gate":
            return [self._gates.setdefault(value, Gate())]
        made: dict[str, Callable[[], Sequence[Step]]] = {
            "token": lambda: tokens(value),
            "text": lambda: [value.encode()],
            "base64": lambda: [base64.b64decode(value)],
            "pause_ms": lambda: [Pause(value / 1000)],
            "stall": lambda: [Stall()],
            "cut": lambda: [Cut()],
            "end": lambda: END,
        }
        return made[kind]()

    async def _control_open(self, request: web.Request) -> web.Response:
        self._gates[(await request.json())["gate"]].open()
        return web.json_response({})

    async def _control_requests(self, _: web.Request) -> web.Response:
        seen = [
            {
                "job": one.job,
                "json": one.json,
                "fields": one.fields,
                "recording_bytes": len(one.recording),
                "ended": one.ended.is_set(),
                "cut": one.cut.is_set(),
            }
            for one in self.requests
        ]
        return web.json_response({"open_streams": self.open_streams, "requests": seen})


async def _received(job: str, request: web.Request) -> Received:
    peer = request.transport.get_extra_info("peername") if request.transport else None
    received = Received(job, request.headers.copy(), b"", peer=peer)
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            content = bytes(await part.read())
            if part.filename:
                received.recording, received.file_name = content, part.filename
                received.media_type = part.headers.get("Content-Type")
            else:
                received.fields[part.name or ""] = content.decode()
    else:
        received.body = await request.read()
        with suppress(ValueError):
            received.json = json.loads(received.body)
    return received


async def _play(stream: Stream, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(status=stream.status, headers=stream.headers)
    if not (stream.steps and isinstance(stream.steps[0], Cut | Mute)):
        await response.prepare(request)
    for step in stream.steps:
        match step:
            case bytes():
                await response.write(step)
                await asyncio.sleep(0)  # lets the client read, so that each step is a packet of its own
            case Gate():
                await step.wait()
            case Pause(seconds):
                await asyncio.sleep(seconds)
            case Stall() | Mute():
                await asyncio.get_running_loop().create_future()
            case Cut():
                if request.transport:
                    if isinstance(step, Reset):
                        # What lingers for no time at all is dropped, and the other side is told so.
                        linger = struct.pack("ii", 1, 0)
                        request.transport.get_extra_info("socket").setsockopt(
                            socket.SOL_SOCKET, socket.SO_LINGER, linger
                        )
                    request.transport.abort()
                return response
    await response.write_eof()
    return response


@asynccontextmanager
async def scripted_openai(
    port: int = 0, *, gap_seconds: float = 0, key: str | None = None
) -> AsyncIterator[ScriptedOpenAi]:
    """Serve on loopback; `url` is the base URL that a client is given."""
    provider = ScriptedOpenAi(gap_seconds=gap_seconds, key=key)
    try:
        await provider.serve(port)
        yield provider
    finally:
        await provider.close()


async def _serve(port: int, gap_ms: float) -> None:
    async with scripted_openai(port, gap_seconds=gap_ms / 1000) as provider:
        print(provider.url, flush=True)
        await asyncio.get_running_loop().create_future()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="An OpenAI-compatible provider for tests.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one; the address is printed")
    parser.add_argument("--gap-ms", type=float, default=0, help="milliseconds before each token")
    options = parser.parse_args(arguments)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(options.port, options.gap_ms))
    return 0


if __name__ == "__main__":
    sys.exit(main())
