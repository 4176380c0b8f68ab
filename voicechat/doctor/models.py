"""The embedded ears and voice at work: are they whole, how long do they take, do they hear each other."""

from __future__ import annotations

import array
import mmap
import re
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

from ..audio import SPEECH_RATE, Recording, wav
from ..config import Chat, Config, Stt, Tts, listed
from ..engines import (
    Engine,
    Engines,
    Manner,
    SpeechToText,
    TextToSpeech,
    is_elsewhere,
    open_engines,
    sound_of,
)
from ..errors import ConfigError, VoiceChatError
from .case import HERE, Case
from .children import Work, findings_of
from .engines import LOCAL_EXTRA
from .finding import Check, Finding

SAMPLE = "Good morning, how are you today?"
QUIETEST_PEAK = 1_000
"""Of 32,767: the embedded voice's sentences reach nine tenths of that."""


async def check_models(case: Case) -> Check:
    """Look at the embedded engines that are to listen or speak, also in place of a provider that can't."""
    here = {info.job for info in case.infos if info.place == HERE} | case.lacking
    if jobs := frozenset(here - {"chat"}):
        work = Work("models", case.config, jobs, frozenset(case.lacking))
        async with aclosing(findings_of(work)) as findings:
            async for finding in findings:
                yield finding


async def sound_models(work: Work) -> Check:
    """Load them, let the voice speak, and let the ears hear it; in a process of its own."""
    engines = open_engines(embedded(work))
    try:
        async for finding in _sound(work, engines):
            yield finding
    finally:
        await engines.close()


def embedded(work: Work) -> Config:
    """
    Return the settings with the embedded engines of the wanted jobs, and no provider.

    An engine that takes over for a provider has its own model, as in the server.
    Where only ears are looked at, the voice of this machine speaks to them, if it has one.
    """
    sections: dict[str, Any] = {
        job: _embedded(getattr(work.config, job)).model_copy(
            update={"base_url": None, "key": None, "next": None}
            | ({"engine": None, "model": None} if job in work.instead else {})
            | ({"voices": ()} if job in work.instead and job == "tts" else {})
        )
        for job in work.jobs
    }
    return work.config.model_copy(
        update={"stt": Stt(engine="none"), "chat": Chat(), "tts": Tts(), **sections}
    )


def _embedded(first: Stt | Tts) -> Stt | Chat | Tts:
    """Return the settings of the first engine of a list that works on this machine; else those of *first*."""
    here = (section for _, section in listed(first) if not is_elsewhere(section) and section.engine != "none")
    return next(here, first)


async def _sound(work: Work, engines: Engines) -> Check:
    ready: list[Engine] = []
    for job, engine in (("tts", engines.tts), ("stt", engines.stt)):
        if engine is None:
            if job in work.jobs:
                text = f"{job}: none is installed on this machine."
                yield Finding("models", "problem", text, LOCAL_EXTRA)
            continue
        finding = await _loaded(engine)
        if finding.mark == "ok":
            ready.append(engine)
        if job in work.jobs:
            yield finding
    pcm = b""
    if engines.tts in ready and engines.tts is not None:
        finding, pcm = await _spoken(engines.tts)
        if "tts" in work.jobs or finding.mark != "ok":
            yield finding
    if engines.stt in ready and engines.stt is not None:
        yield await _heard(engines.stt, pcm)


async def _loaded(engine: Engine) -> Finding:
    info, before, start = engine.info, memory_mb(), time.monotonic()
    try:
        await engine.load()
    except ConfigError as exc:
        text, _, mend = str(exc).partition(" To mend it: ")
        return Finding("models", "problem", f"{info.job}: {text}", mend or "Correct that setting.")
    after = memory_mb()
    cost = f"{time.monotonic() - start:.1f} s"
    if before is not None and after is not None:
        cost += f" and {after - before:.0f} MB"
    # The bundled files are compared with their checksums while they load.
    return Finding("models", "ok", f"{info.job}: {info.name} ({info.model}) is whole, and loaded in {cost}.")


async def _spoken(engine: TextToSpeech) -> tuple[Finding, bytes]:
    """Return what the voice did with the sample, and the PCM of it."""
    start = time.monotonic()
    try:
        pcm = await sound_of(engine, SAMPLE, Manner("en"))
    except VoiceChatError as exc:
        return Finding("models", "problem", f"tts: it does not speak: {exc}", "Take another tts.model."), b""
    seconds, took = len(pcm) / 2 / SPEECH_RATE, time.monotonic() - start
    if max(map(abs, array.array("h", pcm)), default=0) < QUIETEST_PEAK:
        text = f"tts: what it speaks cannot be heard ({seconds:.1f} s of silence)."
        return Finding("models", "problem", text, "Take another tts.model."), b""
    return Finding("models", "ok", f"tts: it spoke {seconds:.1f} s of sound in {took:.1f} s."), pcm


async def _heard(engine: SpeechToText, pcm: bytes) -> Finding:
    """Let *engine* hear the sample, or silence where nobody could speak it."""
    start = time.monotonic()
    try:
        # Half a second's silence before it, as people leave it.
        recording = Recording(wav(bytes(SPEECH_RATE) + (pcm or bytes(SPEECH_RATE)), SPEECH_RATE), "wav")
        text = await engine.transcribe(recording, None)
    except VoiceChatError as exc:
        return Finding("models", "problem", f"stt: it does not hear: {exc}", "Take another stt.model.")
    took = time.monotonic() - start
    if not pcm:
        text = f"stt: it took {took:.1f} s for silence; there is no voice here that could speak to it."
        return Finding("models", "unknown", text)
    if alike(text, SAMPLE):
        return Finding("models", "ok", f'stt: it understood the sample, "{text}", in {took:.1f} s.')
    mend = "In order if one of them is made for another language than English; else take another model."
    return Finding("models", "warning", f'stt: it heard "{text[:80]}" where "{SAMPLE}" was spoken.', mend)


def alike(heard: str, said: str) -> bool:
    """Whether at least half of the words are there."""
    words = set(re.findall(r"\w+", said.lower()))
    return 2 * len(words & set(re.findall(r"\w+", heard.lower()))) >= len(words)


def memory_mb() -> float | None:
    """Return what this process holds of memory; None: this system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * mmap.PAGESIZE / 1e6
    except OSError:
        return None
