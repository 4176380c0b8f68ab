"""Asking: every question in both modes, several times, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

import aiohttp
import orjson

from .. import dialogue as d
from ..client import (
    Client,
    Failed,
    Gone,
    Mode,
    ModeOff,
    Moment,
    NotThere,
    Stages,
    TimedOut,
    V1Client,
    V2Client,
    as_if_spoken,
    recorded,
)
from .asks import KINDS, MODES, Ask
from .audible import heard_at_seconds
from .cost import warming
from .questions import Question

LOADING_SECONDS = 120.0
"""A cold disk and a busy machine need a fraction of it."""

BETWEEN_LOOKS_SECONDS = 0.2

MOST_FAILURES = 3
"""In a row: then what is wrong is not going away, and asking on may cost money."""


async def facts_of(url: str) -> d.Json:
    """
    Return what the server at *url* says of itself when its models and pages are loaded.

    It has no questions to suggest before, and what is asked early waits.

    Raises:
        ClientError: If nobody answers there, or in one mode only; or if loading does not end.
    """
    for mode in MODES:
        async with _client(url, mode) as client:
            facts = client.facts
    try:
        async with asyncio.timeout(LOADING_SECONDS), aiohttp.ClientSession() as http:
            while facts["warming"]:
                await asyncio.sleep(BETWEEN_LOOKS_SECONDS)
                async with http.get(f"{url}/api/config") as response:
                    facts = orjson.loads(await response.read())
    except TimeoutError as exc:
        raise TimedOut(f"The server at {url} still loads after {LOADING_SECONDS:g} seconds.") from exc
    except (aiohttp.ClientError, OSError, ValueError) as exc:
        raise Gone(f"The server at {url} went away while it loaded.") from exc
    return facts


async def measure(url: str, questions: Sequence[Question], times: int) -> AsyncGenerator[Ask, None]:
    """
    Yield each ask when it is done: `rounds(questions, times)` of them.

    Raises:
        ClientError: If the server goes away, or fails again and again.
    """
    facts = await facts_of(url)
    for question in warming(questions):
        # Not counted: connections to providers are made, and what is used for the first time is slow.
        await _ask(url, "v2", question, speaks=facts["speech"])
    failures = 0
    for mode, question in rounds(questions, times):
        ask = await _ask(url, mode, question, speaks=facts["speech"])
        failures = failures + 1 if ask.failure is not None else 0
        yield ask
        if failures == MOST_FAILURES:
            raise Failed(f"{failures} questions failed one after the other: {ask.failure}", "failed")


def rounds(questions: Sequence[Question], times: int) -> list[tuple[Mode, Question]]:
    """Return what is asked in its order: the modes take turns, so that what else runs here meets both."""
    return [
        (mode, question)
        for kind in KINDS
        for _ in range(times)
        for question in questions
        if question.kind == kind
        for mode in MODES
    ]


async def _ask(url: str, mode: Mode, question: Question, *, speaks: bool) -> Ask:
    moments: list[Moment] = []
    failure = None
    # A chat of its own, so that no question carries the earlier ones along; its connection is there before.
    async with _client(url, mode) as client:
        try:
            async with aclosing(await _asked(client, question)) as answer:
                async for moment in answer:
                    moments.append(moment)
        except (Failed, Gone, TimedOut) as exc:
            failure = _one_line(str(exc))
    stages, failure = await asyncio.to_thread(_stages, moments, client.sound_format, failure)
    if failure is None and speaks and (stages is None or stages.first_sound is None):
        failure = _unspoken(moments)
    timings = [moment.event.content for moment in moments if isinstance(moment.event, d.Timing)]
    server_ms = {name: float(ms) for name, ms in (timings[-1] if timings else {}).items() if name != "at"}
    return Ask(
        mode,
        question.kind,
        question.text,
        question.seconds,
        stages,
        server_ms,
        failure,
        question.quiet_seconds,
    )


def _stages(
    moments: Sequence[Moment], sound_format: str, failure: str | None
) -> tuple[Stages | None, str | None]:
    """Return the stages in *moments*, and *failure*, or why the sound is none where there is no other."""
    if not moments:
        return None, failure
    try:
        return Stages.of(moments, heard_at_seconds(moments, sound_format)), failure
    except Failed as exc:
        return Stages.of(moments), failure or _one_line(str(exc))


async def _asked(client: Client, question: Question) -> AsyncGenerator[Moment, None]:
    if question.kind == "typed":
        return client.ask(question.text)
    # In v1 nothing leaves while the visitor speaks, so nobody has to wait for that here.
    spoken = await asyncio.to_thread(as_if_spoken if client.mode == "v2" else recorded, question.wav)
    return client.ask_spoken(spoken)


@asynccontextmanager
async def _client(url: str, mode: Mode) -> AsyncIterator[Client]:
    """Yield a client as the simplest page would have it in v1 (whole replies), and as the widget in v2."""
    client: Client = V1Client(url, streams=False) if mode == "v1" else V2Client(url)
    try:
        await client.__aenter__()
    except ModeOff as exc:
        raise NotThere(f"The server at {url} serves one of the modes only; comparing needs both.") from exc
    try:
        yield client
    finally:
        await client.__aexit__(None, None, None)


def _unspoken(moments: Sequence[Moment]) -> str:
    faults = [moment.event.message for moment in moments if isinstance(moment.event, d.Fault)]
    return _one_line(f"not spoken: {faults[-1]}" if faults else "not spoken")


def _one_line(text: str) -> str:
    """Return *text* without what could move a terminal's cursor."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())
