# ruff: noqa: T201  a command line prints
"""
`python -m bench.heard`: how well the server knows what was heard of an answer that was stopped.

The embedded engines answer over the real wire; a client plays, and stops each answer at a moment that
the dice choose. The server keeps the words that it takes as heard (CUT). The judge is Whisper, which is
given the same sound and says by itself when each word begins and ends. Once the voice tells its words,
and once it is made not to: then the server has the sentences' MARKs alone, and estimates the words.

A cut counts where the judge understood the words on both sides of it. It is no finer than a tenth of a
second itself.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import secrets
import sys
from bisect import bisect
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from aiohttp import ClientSession, ClientWebSocketResponse, web

from tests.listening import listening
from tests.speech import SENTENCES
from voicechat import dialogue as d
from voicechat.app import build
from voicechat.audio import HEARING_RATE, SPEECH_BYTES_PER_MS, SPEECH_RATE, Resampler
from voicechat.config import Stt, load
from voicechat.engines import EngineInfo, Engines, Manner, Speech, TextToSpeech, open_engines
from voicechat.engines.whisper import Whisper
from voicechat.wire import decode, encode

from . import machine

MOST_MS = 20_000
"""Answers are stopped before that; longer ones say no more than that."""

LEAST_MS = 200

PAGE = Path(__file__).parent / "HEARD.md"

INTRODUCTION = """\
# What was heard of an answer that was stopped

`python -m bench.heard --write` measured this with seed {seed} and wrote this page.
{conditions}

The embedded engines answered over the real wire, and each answer was stopped at a moment of chance.
The judge is Whisper (tiny.en), which says of the same sound when each word begins and ends; a cut counts
where it understood the words on both sides of it.
Words too few or too many are those that the server kept as heard, against those that were played whole.
The last column counts cuts whose last kept word begins, as the judge hears it, after the cut; it is
itself no finer than a tenth of a second.
"""


class Wordless:
    """*voice*, which does not tell when it says which word."""

    def __init__(self, voice: TextToSpeech) -> None:
        self._voice = voice

    @property
    def info(self) -> EngineInfo:
        return self._voice.info

    async def load(self) -> None:
        await self._voice.load()

    async def close(self) -> None:
        await self._voice.close()

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[Speech, None]:
        async with aclosing(self._voice.speak(text, manner)) as speech:
            async for part in speech:
                if isinstance(part, bytes):
                    yield part


@dataclass(frozen=True, slots=True)
class Stopped:
    """An answer that was stopped."""

    text: str
    at_ms: int
    """How much of it was played."""
    kept: int
    """Bytes of the text that the server takes as heard."""
    pcm: bytes
    """All sound of it that came."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A word of the text as the judge hears it; both None: it heard another one."""

    start_ms: float | None
    end_ms: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    off: int
    """Words that were kept more than were played whole; below 0: fewer."""
    ahead_ms: float
    """How long after the cut the judge hears the last kept word begin; below 0: before."""


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.heard", description=__doc__)
    parser.add_argument("--cuts", type=int, default=200, help="that count, with each kind of MARK")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name} beside the other results")
    options = parser.parse_args()
    judge = Judge()
    await judge.load()
    rows = ["| MARKs | cuts | words too few or too many | at most one off | begun after the cut |"]
    rows.append("| --- | --- | --- | --- | --- |")
    for is_known, marks in ((True, "words"), (False, "sentences, words estimated")):
        verdicts, unclear = await _cuts(options.cuts, Random(options.seed), judge, is_known=is_known)
        rows.append(_row(marks, verdicts))
        print(f"{marks}: {unclear} more that the judge did not understand", file=sys.stderr)
    print("\n".join(rows))
    if options.write:
        conditions = "\n".join(machine.conditions())
        page = [INTRODUCTION.format(seed=options.seed, conditions=conditions), *rows, ""]
        PAGE.write_text("\n".join(page), "utf-8")
    return 0


def _row(marks: str, verdicts: Sequence[Verdict]) -> str:
    counts = Counter(verdict.off for verdict in verdicts)
    within = sum(count for off, count in counts.items() if abs(off) <= 1)
    early = [verdict.ahead_ms for verdict in verdicts if verdict.ahead_ms > 0]
    off = ", ".join(f"{number:+d}: {counts[number]}" for number in sorted(counts)).replace("+0", "0")
    begun = f"{len(early)}, at most {max(early):.0f} ms" if early else "0"
    return f"| {marks} | {len(verdicts)} | {off} | {within / len(verdicts):.1%} | {begun} |"


async def _cuts(wanted: int, rng: Random, judge: Judge, *, is_known: bool) -> tuple[list[Verdict], int]:
    engines = open_engines(load(environment={}))
    assert engines.tts is not None, "There is no embedded voice here."
    if not is_known:
        engines.tts = Wordless(engines.tts)
    verdicts: list[Verdict] = []
    unclear = 0
    lengths_ms: dict[str, int] = {}
    async with _connected(engines) as client:
        for turn, question in enumerate(itertools.cycle(SENTENCES.values()), 1):
            at_ms = rng.randint(LEAST_MS, lengths_ms.get(question, MOST_MS))
            stopped = await _stopped(client, turn, question, at_ms)
            if isinstance(stopped, int):
                lengths_ms[question] = stopped
                continue
            verdict = await judge.judge(stopped)
            if verdict is None:
                unclear += 1
            else:
                verdicts.append(verdict)
            if sys.stderr.isatty():
                print(f"\r{len(verdicts)} of {wanted}", end="", file=sys.stderr)
            if len(verdicts) == wanted or unclear > 3 * wanted:
                return verdicts, unclear
    raise AssertionError("questions never run out")


class Client:
    """A page that plays what it gets; *socket* is its connection."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, message: Any, turn: int = 0) -> None:
        await self._socket.send_bytes(encode(message, turn))

    async def receive(self, turn: int) -> Any:
        """Return the next message about *turn*."""
        while True:
            message, told_of = decode((await self._socket.receive()).data)
            if told_of == turn:
                return message


@asynccontextmanager
async def _connected(engines: Engines) -> AsyncIterator[Client]:
    app = build(load(environment={"VOICECHAT_STORE": "memory"}), engines)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    async with listening(runner) as url, ClientSession() as http, http.ws_connect(f"{url}/ws") as socket:
        client = Client(socket)
        tab = secrets.token_urlsafe(16)
        await client.send(d.Hello({"v": 1, "tab": tab, "audio_in": [], "audio_out": ["pcm16/24000"]}))
        yield client


async def _stopped(client: Client, turn: int, question: str, at_ms: int) -> Stopped | int:
    """Ask, play up to *at_ms*, and stop; or return how long all of it is, where that is less."""
    text, pcm = "", b""
    await client.send(d.AskText(question), turn)
    while len(pcm) < at_ms * SPEECH_BYTES_PER_MS:
        match await client.receive(turn):
            case d.AnswerText(_, piece):
                text += piece
            case d.AnswerAudio(_, data):
                pcm += data
                await client.send(d.Played(min(len(pcm) // SPEECH_BYTES_PER_MS, at_ms)), turn)
            case d.End():
                ms = len(pcm) // SPEECH_BYTES_PER_MS
                await client.send(d.Played(ms, d.PlayedFlag.ENDED), turn)
                return ms
    await client.send(d.Cancel(at_ms, d.CancelReason.BUTTON), turn)
    while True:
        match await client.receive(turn):
            case d.AnswerAudio(_, data):
                pcm += data
            case d.AnswerText(_, piece):
                text += piece
            case d.Cut(pos):
                return Stopped(text, at_ms, pos, pcm)


class Judge:
    """Whisper, which says when it hears what."""

    def __init__(self) -> None:
        self._engine = Whisper(Stt(), max_seconds=60)

    async def load(self) -> None:
        await self._engine.load()

    async def judge(self, stopped: Stopped) -> Verdict | None:
        """Return None where it did not understand a word at the cut."""
        words = _words(stopped.text)
        heard = _aligned(words, await asyncio.to_thread(self._hear, stopped.pcm))
        kept = len(_words(stopped.text.encode()[: stopped.kept].decode(errors="ignore")))
        ends = [one.end_ms for one in heard if one.end_ms is not None]
        # Of what is understood; between two such words all must be.
        whole = bisect(ends, stopped.at_ms)
        if whole == 0 or whole == len(ends):
            return None
        index = [i for i, one in enumerate(heard) if one.end_ms is not None]
        if index[whole] != index[whole - 1] + 1:
            return None
        last = heard[kept - 1].start_ms if kept else 0.0
        ahead_ms = -1.0 if last is None else last - stopped.at_ms
        return Verdict(kept - index[whole], ahead_ms)

    def _hear(self, pcm: bytes) -> list[tuple[str, float, float]]:
        resampler = Resampler(SPEECH_RATE, HEARING_RATE)
        sound = resampler.push(pcm) + resampler.flush()
        samples = np.frombuffer(sound, "<i2").astype(np.float32) / 32_768
        model: Any = self._engine._model.model  # the engine itself tells no times
        segments, _ = model.transcribe(samples, language="en", word_timestamps=True)
        return [(one.word, one.start * 1000, one.end * 1000) for part in segments for one in part.words]


def _aligned(words: Sequence[str], heard: Sequence[tuple[str, float, float]]) -> list[Heard]:
    """Return for each of *words* when it was *heard*, where it was."""
    found = [Heard(None, None)] * len(words)
    bare = [_bare(word) for word, _, _ in heard]
    matcher = SequenceMatcher(None, [_bare(word) for word in words], bare, autojunk=False)
    for block in matcher.get_matching_blocks():
        for i in range(block.size):
            _, start_ms, end_ms = heard[block.b + i]
            found[block.a + i] = Heard(start_ms, end_ms)
    return found


def _words(text: str) -> list[str]:
    """Return the words of *text*; what says nothing is none."""
    return [word for word in text.split() if _bare(word)]


def _bare(word: str) -> str:
    return "".join(character for character in word.lower() if character.isalnum())


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
