"""One question -> the pieces of its answer: hear, look up, think; speak beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager

from ..audio import Recording
from ..dialogue import Message, Passage, Phase, Prompt, Source
from ..engines import SpeechToText
from ..errors import NothingHeard, ProviderFailed, Unavailable
from .early_answer import EarlyAnswer
from .out import Out, Question
from .prompting import prompt_of
from .rooms import Rooms
from .speaking import speaking


async def answer(chat: str, n: int, question: Question, rooms: Rooms, out: Out) -> None:
    """
    Answer *question*, stored as message *n* of *chat*, into *out*.

    Text never waits for speech. Cancelling this coroutine closes every engine's stream.

    Raises:
        NothingHeard: If a recording holds no words.
        ProviderError, Unavailable, RequestError: If an engine fails; what was put out stays valid.
            Failing speech is no such case: *out* is told, and the text goes on.
    """
    text = question.text
    early = question.hearing.answer if question.hearing is not None else None
    try:
        if text is None:
            text = await _hear(chat, n, question, rooms, out)
        await _answer(chat, n, text, question, early, rooms, out)
    finally:
        if early is not None:
            early.drop()


async def _answer(
    chat: str, n: int, text: str, question: Question, early: EarlyAnswer | None, rooms: Rooms, out: Out
) -> None:
    out.phase(Phase.THINKING)
    prompt = await prompt_of(chat, n, text, question.language, rooms)
    async with speaking(question.speech, prompt.language, rooms, out) as speech:
        with _timed(out, "chat"):
            await _reply(prompt, early, rooms, out, speech.feed)
        bearing = _bearing(prompt.passages)
        await out.text_complete(_sources(bearing), _follow_ups(bearing, prompt.history, rooms))
        await speech.finish()


async def _hear(chat: str, n: int, question: Question, rooms: Rooms, out: Out) -> str:
    out.phase(Phase.TRANSCRIBING)
    if rooms.engines.stt is None:
        raise Unavailable("This server cannot listen; please type your question.")
    await rooms.engines.ready("stt")
    language = question.language or rooms.config.language
    if question.recording is not None and question.hearing is not None:
        with _timed(out, "stt"):
            text = await question.hearing.finish(question.recording)
        out.counted("hypotheses", question.hearing.calls)
    elif question.recording is not None:
        text = await _transcribed(question.recording, language, rooms.engines.stt, out)
    else:
        async with rooms.rehearing:
            recording = await rooms.store.recording(chat, n)
            if recording is None:
                raise ProviderFailed("Your question could not be heard. Please ask it again.")
            text = await _transcribed(recording, language, rooms.engines.stt, out)
    if not text:
        raise NothingHeard("Nothing was heard. Please try again, closer to the microphone.")
    await out.heard(text)
    return text


async def _transcribed(recording: Recording, language: str | None, stt: SpeechToText, out: Out) -> str:
    with _timed(out, "stt"):
        return await stt.transcribe(recording, language)


async def _reply(
    prompt: Prompt, early: EarlyAnswer | None, rooms: Rooms, out: Out, speak: Callable[[str], None]
) -> None:
    await rooms.engines.ready("chat")
    started = time.monotonic()
    is_first = True
    begun = None
    if early is not None:
        begun = early.take(prompt)
        out.counted("early_answers", early.begun)
        out.counted("wasted_answers", early.wasted)
    async with aclosing(begun or rooms.engines.chat.reply(prompt)) as pieces:
        async for piece in pieces:
            if is_first:
                out.timed("first_text", (time.monotonic() - started) * 1000)
                is_first = False
            out.text(piece)
            speak(piece)
    if is_first:
        raise ProviderFailed("The answer was empty. Please ask again.")


def _bearing(passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages that answer the question, else those that come near that."""
    best = passages[0].bearing if passages else "aside"
    return [passage for passage in passages if passage.bearing == best != "aside"]


def _sources(passages: Sequence[Passage]) -> tuple[Source, ...]:
    """Return the pages of *passages*, each once, best first."""
    return tuple(dict.fromkeys(passage.source for passage in passages))


def _follow_ups(passages: Sequence[Passage], history: Sequence[Message], rooms: Rooms) -> tuple[str, ...]:
    if rooms.knowledge is None or not rooms.config.knowledge.follow_ups:
        return ()
    return rooms.knowledge.follow_ups(passages, [m.text for m in history if m.role == "user"])


@contextmanager
def _timed(out: Out, stage: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    out.timed(stage, (time.monotonic() - started) * 1000)
