"""One question -> the pieces of its answer: hear, look up, think; speak beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager

from ..audio import Recording
from ..dialogue import Message, Passage, Phase, Prompt, Source
from ..engines import SpeechToText
from ..errors import NothingHeard, ProviderFailed, Unavailable
from .out import Out, Question, Rooms
from .speaking import speaking

EARLIER_QUESTIONS = 3
"""How many of the visitor's earlier questions help to understand a short one ("and on Sunday?")."""


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
    if text is None:
        text = await _hear(chat, n, question, rooms, out)
    out.phase(Phase.THINKING)
    history = await _history(chat, n, text, rooms)
    passages = await _passages(text, history, rooms)
    prompt = Prompt(
        system=rooms.config.chat.system_prompt,
        history=history,
        passages=passages,
        topics=rooms.knowledge.topics() if rooms.knowledge else (),
        language=question.language or rooms.config.language,
    )
    async with speaking(question.speech, prompt.language, rooms, out) as speech:
        with _timed(out, "chat"):
            await _reply(prompt, rooms, out, speech.feed)
        bearing = _bearing(passages)
        await out.text_complete(_sources(bearing), _follow_ups(bearing, history, rooms))
        await speech.finish()


async def _hear(chat: str, n: int, question: Question, rooms: Rooms, out: Out) -> str:
    out.phase(Phase.TRANSCRIBING)
    if rooms.engines.stt is None:
        raise Unavailable("This server cannot listen; please type your question.")
    await rooms.engines.ready("stt")
    language = question.language or rooms.config.language
    if question.recording is not None and question.ahead is not None:
        with _timed(out, "stt"):
            text = await question.ahead.finish(question.recording)
        out.counted("hypotheses", question.ahead.calls)
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


async def _reply(prompt: Prompt, rooms: Rooms, out: Out, speak: Callable[[str], None]) -> None:
    await rooms.engines.ready("chat")
    started = time.monotonic()
    is_first = True
    async with aclosing(rooms.engines.chat.reply(prompt)) as pieces:
        async for piece in pieces:
            if is_first:
                out.timed("first_text", (time.monotonic() - started) * 1000)
                is_first = False
            out.text(piece)
            speak(piece)
    if is_first:
        raise ProviderFailed("The answer was empty. Please ask again.")


async def _history(chat: str, n: int, text: str, rooms: Rooms) -> tuple[Message, ...]:
    stored, _ = await rooms.store.messages(chat, before=n, limit=rooms.config.chat.history_messages or 1)
    earlier = stored if rooms.config.chat.history_messages else []
    return (*(message for message in earlier if message.text), Message(n, "user", text, "running"))


async def _passages(text: str, history: Sequence[Message], rooms: Rooms) -> tuple[Passage, ...]:
    if rooms.knowledge is None:
        return ()
    await rooms.engines.ready("knowledge")
    asked = [m.text for m in history[:-1] if m.role == "user"]
    return await rooms.knowledge.passages(text, asked[-EARLIER_QUESTIONS:])


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
