"""Who is measured: each a process of its own, pinned to its core, ready when its first page is answered."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from .machine import LOAD_CORE, OUT, ROOT, SERVER_CORE, cpu_seconds, memory_bytes

START_SECONDS = 30.0
STOP_SECONDS = 30.0
"""Models that are loading are waited for; what is beyond is killed."""
ANSWERED = "/healthz"
"""The page that shows that a server serves; both servers, and the bare one, have it."""


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    name: str
    port: int
    pid: int
    start_seconds: float
    """From the start of its process to its first answer."""

    @property
    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)

    @property
    def memory_bytes(self) -> int:
        return memory_bytes(self.pid)


@dataclass(frozen=True)
class Side:
    """A server that can be started, once or many times."""

    name: str
    command: Callable[[int], Sequence[str]]
    """Port -> what is run."""
    environment: Callable[[int, int], Mapping[str, str]] = lambda port, provider: {}
    """Its port and the provider's -> settings."""
    cores: tuple[int, ...] = (SERVER_CORE,)

    @contextmanager
    def running(self, provider: int = 0) -> Iterator[Server]:
        port = _free_port()
        command = ["taskset", "-c", ",".join(map(str, self.cores)), *self.command(port)]
        environment = _plain_environment() | dict(self.environment(port, provider))
        with tempfile.TemporaryDirectory() as folder, (OUT / f"{self.name}.log").open("ab") as log:
            # In a folder of its own: a `.env` of the developer's is not to be measured.
            began = time.monotonic()
            process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
            try:
                _wait_until_answered(process, port)
                yield Server(self.name, port, process.pid, time.monotonic() - began)
            finally:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _plain_environment() -> dict[str, str]:
    """Without settings of the developer's; with bytecode kept, for a warm start has it."""
    ours = ("VOICECHAT_", "OPENAI_")
    dropped = {"PYTHONDONTWRITEBYTECODE", "NODE_OPTIONS", "HOST"}
    proxies = {f"{scheme}_proxy" for scheme in ("http", "https", "all")}
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(ours) and name not in dropped and name.lower() not in proxies
    } | {"PYTHONPATH": str(ROOT)}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_answered(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
            connection.request("GET", ANSWERED)
            connection.getresponse().read()
            return
        except ConnectionError:
            time.sleep(0.002)
        finally:
            connection.close()
    raise SystemExit(f"{process.args!r} does not serve; see the logs in {OUT}.")


def _provider_of(port: int) -> dict[str, str]:
    return {"OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "OPENAI_API_KEY": "none"}


ROOM = {
    "VOICECHAT_LIMITS_CONNECTIONS": "100000",
    "VOICECHAT_LIMITS_CHATS": "1000000",
}
"""Everything but the work itself is to be out of the way."""

VOICECHAT = Side(
    "voicechat",
    lambda port: [sys.executable, "-m", "voicechat", "serve", "--port", str(port)],
    lambda _, provider: {
        **ROOM,
        **_provider_of(provider),
        "VOICECHAT_TTS_ENGINE": "none",
        "VOICECHAT_KNOWLEDGE_ON": "false",
        "VOICECHAT_STORE": "memory",
    },
)
"""The basic profile, without speech, the site's pages and a file of chats: the same job as the opponent's."""

STORED = Side(
    "stored",
    VOICECHAT.command,
    lambda port, provider: {
        **VOICECHAT.environment(port, provider),
        "VOICECHAT_STORE": "sqlite:voicechat.db",
    },
)
"""The same with its chats in a file, as they are unless the settings say otherwise."""


def earlier(checkout: Path) -> Side:
    """Return the same server of another *checkout*, whose widget is built."""
    return replace(
        VOICECHAT,
        name="earlier",
        environment=lambda port, provider: {
            **VOICECHAT.environment(port, provider),
            "PYTHONPATH": str(checkout.resolve()),
        },
    )


HEARING_MS, THINKING_MS, GAP_MS, SPEAKING_MS = 100, 100, 5, 50
"""Of the scripted engines: for a recording, until the first token, between two, until a sentence sounds."""

FIXED = Side(
    "fixed",
    VOICECHAT.command,
    lambda port, provider: {
        **ROOM,
        "VOICECHAT_STT_ENGINE": "scripted",
        "VOICECHAT_STT_MODEL": f"fixed_ms={HEARING_MS}",
        "VOICECHAT_STT_EARLY_CALLS": "0",
        "VOICECHAT_CHAT_ENGINE": "scripted",
        "VOICECHAT_CHAT_MODEL": f"first_ms={THINKING_MS} gap_ms={GAP_MS} tokens=40",
        "VOICECHAT_TTS_ENGINE": "scripted",
        "VOICECHAT_TTS_MODEL": f"first_ms={SPEAKING_MS} factor=0.1",
        "VOICECHAT_TTS_CACHE_BYTES": "0",
        "VOICECHAT_KNOWLEDGE_ON": "false",
        "VOICECHAT_STORE": "memory",
    },
)
"""Engines of fixed delays in its own process, which speak ten times as fast as it sounds, each time anew."""

LONG = Side(
    "long",
    FIXED.command,
    lambda port, provider: {
        **FIXED.environment(port, provider),
        "VOICECHAT_CHAT_MODEL": f"first_ms={THINKING_MS} gap_ms={GAP_MS} tokens=120",
    },
)
"""The same with answers of half a minute."""

PLAIN = Side(
    "plain",
    lambda port: [sys.executable, "-m", "bench.plain", str(port)],
    lambda port, provider: FIXED.environment(port, provider),
)

EMBEDDED = Side("embedded", VOICECHAT.command, cores=(SERVER_CORE, LOAD_CORE))
"""As `make run` starts it without a key: Whisper hears, the site's pages answer, Piper speaks."""

AT_THE_END = replace(
    EMBEDDED, name="at-the-end", environment=lambda port, provider: {"VOICECHAT_STT_EARLY_CALLS": "0"}
)
"""The same, but for recordings: they are heard when they are over."""

LATE = replace(
    FIXED,
    name="late",
    environment=lambda port, provider: {
        **FIXED.environment(port, provider),
        "VOICECHAT_STT_EARLY_CALLS": "40",
        "VOICECHAT_CHAT_MODEL": "first_ms=400 gap_ms=20 tokens=40",
    },
)
"""Those of fixed delays, which hear recordings while they are spoken, and think for longer."""

EARLY = replace(
    LATE,
    name="early",
    environment=lambda port, provider: {
        **LATE.environment(port, provider),
        "VOICECHAT_CHAT_EARLY_ANSWERS": "2",
    },
)
"""The same, and it begins answers before the question is over."""


@cache
def node() -> str:
    """Return the path of Node itself: what PATH has may be a program that starts it."""
    command = ["node", "-p", "process.execPath"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


NODE = Side(
    "node",
    lambda port: [node(), str(ROOT / "bench/node/server.mjs")],
    lambda port, provider: {"PORT": str(port), "NODE_ENV": "production", **_provider_of(provider)},
)

BARE = Side("bare", lambda port: [sys.executable, "-m", "bench.bare", str(port)])

PROVIDER = Side(
    "provider", lambda port: [sys.executable, "-m", "bench.provider", str(port)], cores=(LOAD_CORE,)
)
