"""
The contract: the way under the openai package behaves as the package itself.

Both are asked the same against the same scripts; what they send, the text they give and the kind of
error they end in must agree. The few places where ours is stricter on purpose stand below, by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam
from pydantic import SecretStr

from voicechat.audio import Recording, wav
from voicechat.config import Chat, Stt, Tts
from voicechat.dialogue import Message, Prompt
from voicechat.engines import Manner
from voicechat.engines.openai import Http, OpenAiChat, OpenAiStt, OpenAiTts
from voicechat.errors import ProviderBusy, ProviderError, ProviderFailed, ProviderQuota, ProviderTimeout

from .scripted_openai import (
    ANSWER,
    DONE,
    END,
    FINISH,
    Cut,
    Received,
    ScriptedOpenAi,
    Stall,
    Step,
    Stream,
    answer,
    chunk,
    event,
    page,
    refusal,
    scripted_openai,
    tokens,
)

KEY = "sk-contract"
PROMPT = Prompt("Be brief.", (Message(1, "user", "When are you open?", "complete"),))
MESSAGES: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "When are you open?"},
]
Outcome = tuple[str, type[ProviderError] | None]


@pytest.fixture
async def provider() -> AsyncIterator[ScriptedOpenAi]:
    async with scripted_openai(key=KEY) as running:
        yield running


@pytest.fixture
async def package(provider: ScriptedOpenAi) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=provider.url, api_key=KEY, max_retries=0, timeout=30) as client:
        yield client


def engine_at(provider: ScriptedOpenAi, patience_seconds: float = 30) -> OpenAiChat:
    settings = Chat(
        base_url=provider.url,
        key=SecretStr(KEY),
        retries=0,
        first_token_seconds=patience_seconds,
        between_tokens_seconds=patience_seconds,
        temperature=0.5,
        max_tokens=50,
    )
    return OpenAiChat(settings, Http())


@pytest.fixture
async def chat(provider: ScriptedOpenAi) -> AsyncIterator[OpenAiChat]:
    engine = engine_at(provider)
    yield engine
    await engine.close()


async def by_the_package(client: openai.AsyncOpenAI) -> Outcome:
    text = ""
    try:
        stream = await client.chat.completions.create(
            model="gpt-4o-mini", messages=MESSAGES, stream=True, temperature=0.5, max_tokens=50
        )
        async with stream:
            async for piece in stream:
                if piece.choices and piece.choices[0].delta:
                    text += piece.choices[0].delta.content or ""
    except (openai.OpenAIError, ValueError) as exc:  # broken JSON leaves the package as it is
        return text, kind_of(exc)
    return text, None


def kind_of(error: Exception) -> type[ProviderError]:
    """What an error of the package is called in this house."""
    match error:
        case openai.APITimeoutError():
            return ProviderTimeout
        case openai.RateLimitError(code="insufficient_quota"):
            return ProviderQuota
        case openai.RateLimitError() | openai.InternalServerError(status_code=503 | 529):
            return ProviderBusy
        case openai.APIStatusError(status_code=408 | 504):
            return ProviderTimeout
        case _:
            return ProviderFailed


async def by_us(engine: OpenAiChat) -> Outcome:
    text = ""
    try:
        async with aclosing(engine.reply(PROMPT)) as stream:
            async for piece in stream:
                text += piece
    except ProviderError as exc:
        return text, type(exc)
    return text, None


EURO = event(chunk({"content": "€"}))
INSIDE = EURO.index("€".encode()) + 1

ALIKE = {
    "an answer": answer(*ANSWER),
    "all in one packet": Stream([b"".join((*[event(chunk({"content": t})) for t in ANSWER], *END))]),
    "letters of many bytes": answer("Grüße, ", "日本", " 🙂"),
    "cut inside a letter": Stream(
        [event(chunk({"content": "€"}))[:-20], event(chunk({"content": "€"}))[-20:], *END]
    ),
    "CRLF": Stream(
        [event(chunk({"content": "a"}), end="\r\n"), event(chunk({"content": "b"}), end="\r\n"), *END]
    ),
    "no space after the colon": Stream([b"data:" + event(chunk({"content": "a"}))[6:], *END]),
    "comments": Stream([b": hello\n\n", *tokens("a"), b":\n\n", *tokens("b"), *END]),
    "other fields": Stream([b"event: message\nid: 1\nretry: 5\n" + event(chunk({"content": "a"})), *END]),
    "null and absent content": Stream(
        [
            event(chunk({"role": "assistant"})),
            event(chunk({"content": None})),
            *tokens("a"),
            event(chunk({})),
            event({**chunk({}), "choices": [], "usage": None}),
            *END,
        ]
    ),
    "no end mark": Stream([*tokens("a"), FINISH]),
    "no finish": Stream([*tokens("a"), DONE]),
    "two end marks": Stream([*tokens("a"), *END, DONE]),
    "cut": Stream([*tokens("a"), Cut()]),
    "cut inside a letter, for good": Stream([*tokens("a"), "data: €".encode()[:-1], Cut()]),
    "cut before any answer": Stream([Cut()]),
    "broken JSON": Stream([*tokens("a"), b"data: {no\n\n", *tokens("b"), *END]),
    "no UTF-8": Stream([*tokens("a"), b"data: \xff\n\n", *END]),
    "an error in the stream": Stream([*tokens("a"), event({"error": {"message": "no", "code": None}}), *END]),
    **{f"status {status}": refusal(status) for status in (400, 401, 403, 404, 408, 409, 413, 422, 429)},
    **{f"status {status}": refusal(status) for status in (500, 502, 503, 504, 529)},
    "no quota": refusal(429, "insufficient_quota"),
    "a page of error": page(status=500),
}


@pytest.mark.parametrize("script", ALIKE.values(), ids=ALIKE.keys())
async def test_text_and_kind_of_error_agree(
    provider: ScriptedOpenAi, package: openai.AsyncOpenAI, chat: OpenAiChat, script: Stream
) -> None:
    provider.next("chat", script, script)

    theirs = await by_the_package(package)
    ours = await by_us(chat)

    assert ours == theirs
    assert len(provider.requests) == 2


@pytest.mark.parametrize("begun", [[], tokens("a")], ids=["from the start", "after a token"])
async def test_silence_ends_alike(
    provider: ScriptedOpenAi, package: openai.AsyncOpenAI, begun: list[Step]
) -> None:
    await by_the_package(package)  # its first use imports much, which is no silence
    script = Stream([*begun, Stall()])
    provider.next("chat", script, script)
    engine = engine_at(provider, patience_seconds=0.5)

    theirs = await by_the_package(package.with_options(timeout=0.5))
    ours = await by_us(engine)
    await engine.close()

    assert ours == theirs == ("a" if begun else "", ProviderTimeout)


@pytest.mark.parametrize(
    ("script", "text"),
    [
        (Stream([*tokens("a")]), "a"),
        (Stream([]), ""),
        (Stream(END), ""),
        (page(), ""),
    ],
    ids=["the stream ends in the middle", "an empty stream", "an empty answer", "a web page with status 200"],
)
async def test_we_are_stricter_where_the_package_takes_half_or_nothing_for_an_answer(
    provider: ScriptedOpenAi, package: openai.AsyncOpenAI, chat: OpenAiChat, script: Stream, text: str
) -> None:
    provider.next("chat", script, script)
    assert await by_the_package(package) == (text, None)
    assert await by_us(chat) == (text, ProviderFailed)


async def test_both_send_the_same_question(
    provider: ScriptedOpenAi, package: openai.AsyncOpenAI, chat: OpenAiChat
) -> None:
    await by_the_package(package)
    await by_us(chat)
    theirs, ours = provider.requests
    assert ours.json == theirs.json
    assert same_headers(ours, theirs)


async def test_both_send_the_same_recording(provider: ScriptedOpenAi, package: openai.AsyncOpenAI) -> None:
    sound = Recording(wav(bytes(3_200), 16_000), "wav")
    engine = OpenAiStt(Stt(base_url=provider.url, key=SecretStr(KEY)), Http(), 120)

    answered = await package.audio.transcriptions.create(
        model="whisper-1",
        file=(sound.file_name, sound.data, "audio/wav"),
        response_format="json",
        language="en",
    )
    heard = await engine.transcribe(sound, "en-GB")
    await engine.close()

    theirs, ours = provider.requests
    assert heard == answered.text
    assert ours.recording == theirs.recording == sound.data
    assert (ours.fields, ours.file_name, ours.media_type) == (
        theirs.fields,
        theirs.file_name,
        theirs.media_type,
    )
    assert same_headers(ours, theirs)


async def test_both_get_the_same_speech(provider: ScriptedOpenAi, package: openai.AsyncOpenAI) -> None:
    engine = OpenAiTts(Tts(base_url=provider.url, key=SecretStr(KEY)), Http())

    answered = await package.audio.speech.create(
        model="tts-1", input="Hello.", voice="alloy", response_format="pcm"
    )
    async with aclosing(engine.speak("Hello.", Manner())) as stream:
        said = b"".join([piece async for piece in stream])
    await engine.close()

    theirs, ours = provider.requests
    assert said == answered.content
    assert ours.json == theirs.json
    assert same_headers(ours, theirs)


async def test_both_close_the_request_when_they_are_closed(
    provider: ScriptedOpenAi, package: openai.AsyncOpenAI, chat: OpenAiChat
) -> None:
    script = Stream([*tokens("a"), Stall()])
    provider.next("chat", script, script)

    stream = await package.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    await anext(stream)
    await stream.close()
    async with aclosing(chat.reply(PROMPT)) as reply:
        await anext(reply)

    for request in provider.requests:
        await asyncio.wait_for(request.cut.wait(), 5)


def same_headers(ours: Received, theirs: Received) -> bool:
    kinds = [one.headers["Content-Type"].partition(";")[0] for one in (ours, theirs)]
    keys = [one.headers["Authorization"] for one in (ours, theirs)]
    return kinds[0] == kinds[1] and keys[0] == keys[1] == f"Bearer {KEY}"
