"""Engines that take over from one another, before providers that fail for real, over HTTP."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import pytest

from voicechat.audio import Recording, wav
from voicechat.config import Chat, Stt, Tts
from voicechat.dialogue import Message, Prompt
from voicechat.engines import Manner, Speech, TimedWord, transcribe_early
from voicechat.engines.circuit import OPEN_SECONDS, OPENS_AFTER
from voicechat.engines.link import Link
from voicechat.engines.openai import Http, OpenAiChat, OpenAiStt, OpenAiTts, Pauses
from voicechat.engines.relay import LinkVoice, RelayChat, RelayStt, RelayTts
from voicechat.engines.speech_cache import CachedVoice
from voicechat.engines.voices import Voices
from voicechat.errors import (
    BadAudio,
    ConfigError,
    ProviderError,
    ProviderFailed,
    ProviderTimeout,
    TakenOver,
    Unavailable,
)

from .doubles import MS, Brain, Ears, Voice
from .scripted_openai import (
    END,
    TRANSCRIPT,
    Cut,
    Mute,
    ScriptedOpenAi,
    Stall,
    Stream,
    plain,
    refusal,
    scripted_openai,
    tokens,
    tone,
)
from .test_circuit import Clock

PROMPT = Prompt("Be brief.", (Message(1, "user", "When?", "running"),))
RECORDING = Recording(wav(bytes(32_000), 16_000), "wav")
TEXT = "We are open."

TROUBLES = {
    "broken": refusal(500),
    "busy": refusal(429, "rate_limit_exceeded"),
    "out of money": refusal(402),
    "silent": Stream([Mute()]),
    "gone": Stream([Cut()]),
    "nonsense": plain({"what": "is this"}),
}
"""What keeps an answer from beginning."""


class Pair:
    """Two providers, and lists of engines of which the first asks the first one."""

    def __init__(self, first: ScriptedOpenAi, second: ScriptedOpenAi) -> None:
        self.first, self.second = first, second
        self.clock = Clock()
        self.seconds = 0.2
        self._http = Http()
        self._relays: list[Any] = []

    def chat(self) -> RelayChat:
        return self._relay(RelayChat, lambda url: OpenAiChat(Chat(base_url=url), self._http, self._pauses))

    def stt(self) -> RelayStt:
        return self._relay(RelayStt, lambda url: OpenAiStt(Stt(base_url=url), self._http, 60, self._pauses))

    def tts(self) -> RelayTts:
        return self._relay(RelayTts, lambda url: OpenAiTts(Tts(base_url=url), self._http, self._pauses))

    @property
    def _pauses(self) -> Pauses:
        async def at_once(_: float) -> None:
            pass

        return Pauses(at_once)

    def _relay(self, kind: Any, engine: Callable[[str], Any]) -> Any:
        first, second = engine(self.first.url), engine(self.second.url)
        links = [
            Link(first, second.info, self.seconds, self.clock),
            Link(second, None, self.seconds, self.clock),
        ]
        self._relays.append(kind(links))
        return self._relays[-1]

    async def close(self) -> None:
        for relay in self._relays:
            await relay.close()


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with scripted_openai() as first, scripted_openai() as second:
        pair = Pair(first, second)
        yield pair
        await pair.close()


async def replied(relay: RelayChat) -> str:
    async with aclosing(relay.reply(PROMPT)) as pieces:
        return "".join([piece async for piece in pieces])


async def spoken(relay: Any, text: str = TEXT) -> bytes:
    async with aclosing(relay.speak(text, Manner())) as parts:
        return b"".join([part async for part in parts if isinstance(part, bytes)])


ASK: dict[str, Callable[[Pair], Callable[[], Any]]] = {
    "stt": lambda pair: (lambda relay: lambda: relay.transcribe(RECORDING, None))(pair.stt()),
    "chat": lambda pair: (lambda relay: lambda: replied(relay))(pair.chat()),
    "tts": lambda pair: (lambda relay: lambda: spoken(relay))(pair.tts()),
}
WHOLE: dict[str, Any] = {"stt": TRANSCRIPT, "chat": "The shop is open from nine to six.", "tts": tone(TEXT)}


@pytest.mark.parametrize("job", ASK)
async def test_the_first_does_it_as_long_as_it_can(pair: Pair, job: str) -> None:
    assert await ASK[job](pair)() == WHOLE[job]
    assert len(pair.first.of(job)) == 1 and pair.second.requests == []


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("job", ASK)
async def test_the_next_takes_over_before_anything_was_given_out(pair: Pair, job: str, trouble: str) -> None:
    pair.first.always(job, TROUBLES[trouble])
    assert await ASK[job](pair)() == WHOLE[job]
    assert len(pair.second.of(job)) == 1
    for request in pair.first.requests:
        await request.ended.wait()
    assert pair.first.open_streams == 0


async def test_where_all_fail_the_last_one_s_error_is_told(caplog: pytest.LogCaptureFixture) -> None:
    ears = [Ears(ProviderFailed("The first.")), Ears(Unavailable("The second."))]
    relay = RelayStt([Link(ears[0], ears[1].info, 1), Link(ears[1], None, 1)])
    for _ in range(OPENS_AFTER + 1):
        with pytest.raises(Unavailable, match="The second"):
            await relay.transcribe(RECORDING, None)
    # The last one is asked though it fails: nobody else is there, which is told.
    assert caplog.text.count("Nobody stands behind it") == 1
    assert [link.calls for link in relay.links] == [OPENS_AFTER, OPENS_AFTER + 1]


async def test_a_recording_that_goes_on_is_heard_by_the_first_alone(pair: Pair) -> None:
    relay = pair.stt()
    assert await transcribe_early(relay, RECORDING, None) == TRANSCRIPT
    pair.first.always("stt", refusal(402))
    for _ in range(OPENS_AFTER):
        with pytest.raises(ProviderError):
            await transcribe_early(relay, RECORDING, None)
    assert await transcribe_early(relay, RECORDING, None) is None
    assert pair.second.requests == [] and relay.links[0].handed_on == 0


async def test_a_broken_recording_is_the_visitor_s_and_no_engine_s(pair: Pair) -> None:
    broken = refusal(400, param="file", message="Invalid file format.")
    pair.first.always("stt", broken)
    relay = pair.stt()
    for _ in range(OPENS_AFTER + 1):
        with pytest.raises(BadAudio):
            await relay.transcribe(RECORDING, None)
    assert relay.links[0].failures == 0 and pair.second.requests == []
    assert len(pair.first.of("stt")) == OPENS_AFTER + 1


async def test_an_answer_that_was_begun_stays_with_its_chat_model(pair: Pair) -> None:
    pair.first.next("chat", Stream([*tokens("From nine"), Cut()]))
    relay = pair.chat()
    said = []
    with pytest.raises(ProviderError):
        async with aclosing(relay.reply(PROMPT)) as pieces:
            async for piece in pieces:
                said.append(piece)
    assert said == ["From nine"] and pair.second.requests == []
    assert (relay.links[0].failures, relay.links[0].handed_on) == (1, 0)


async def test_a_chat_model_that_says_nothing_is_followed_by_the_next(pair: Pair) -> None:
    pair.first.next("chat", Stream([*END]))
    assert await replied(pair.chat()) == WHOLE["chat"]


async def test_a_voice_that_breaks_off_is_followed_by_another_one_for_the_rest_of_the_answer(
    pair: Pair,
) -> None:
    pcm = {"Content-Type": "audio/pcm"}
    pair.first.next("tts", Stream([tone("We are"), Cut()], headers=pcm))
    relay = pair.tts()
    voice = relay.for_one_answer()
    given = b""
    with pytest.raises(TakenOver):
        async with aclosing(voice.speak(TEXT, Manner())) as parts:
            async for part in parts:
                assert isinstance(part, bytes)
                given += part
    assert given and tone("We are").startswith(given)
    assert await spoken(voice) == await spoken(voice) == tone(TEXT)
    assert (len(pair.first.of("tts")), len(pair.second.of("tts"))) == (1, 2)
    # Another answer begins with the first one again.
    assert await spoken(relay.for_one_answer()) == tone(TEXT)
    assert len(pair.first.of("tts")) == 2


async def test_a_voice_that_falls_silent_in_the_middle_is_followed_by_the_next(pair: Pair) -> None:
    pair.first.next("tts", Stream([tone("We are"), Stall()], headers={"Content-Type": "audio/pcm"}))
    with pytest.raises(TakenOver):
        await spoken(pair.tts())
    request = await pair.first.request(0)
    await request.cut.wait()
    assert pair.first.open_streams == 0


async def test_words_of_a_voice_that_broke_off_before_their_sound_are_not_given_out() -> None:
    class Broken(Voice):
        async def speak(self, text: str, manner: Manner) -> AsyncGenerator[Speech, None]:  # type: ignore[override]
            yield (TimedWord(0, 2, 0, 10),)
            raise ProviderFailed("It broke.")

    good = Voice(ms_per_char=1)
    relay = RelayTts([Link(Broken(), good.info, 1), Link(good, None, 1)])
    async with aclosing(relay.speak(TEXT, Manner())) as parts:
        assert [part async for part in parts] == [MS * len(TEXT)]


@pytest.mark.parametrize("job", ["chat", "tts"])
async def test_who_stops_closes_the_stream_upstream_and_nothing_is_counted_as_failed(
    pair: Pair, job: str
) -> None:
    begun = [*tokens("From")] if job == "chat" else [tone("We are")]
    kind = "text/event-stream" if job == "chat" else "audio/pcm"
    stream = Stream([*begun, Stall()], headers={"Content-Type": kind})
    pair.first.always(job, stream)
    pair.seconds = 60
    relay: Any = pair.chat() if job == "chat" else pair.tts()
    for number in range(OPENS_AFTER + 1):
        answer = relay.reply(PROMPT) if job == "chat" else relay.speak(TEXT, Manner())
        async with aclosing(answer) as parts:
            assert await anext(parts)
        request = await pair.first.request(number)
        await request.cut.wait()
    assert relay.links[0].failures == 0 and pair.second.requests == []
    assert pair.first.open_streams == 0


@pytest.mark.parametrize("job", ["stt", "chat", "tts"])
async def test_who_is_cancelled_while_it_waits_closes_the_stream_upstream(pair: Pair, job: str) -> None:
    pair.first.always(job, Stream([Mute()]))
    pair.seconds = 60
    asking = asyncio.create_task(ASK[job](pair)())
    request = await pair.first.request(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await request.cut.wait()
    assert pair.second.requests == [] and pair.first.open_streams == 0


# ── The circuit ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("job", ASK)
async def test_an_engine_that_fails_again_and_again_is_left_alone_until_it_works(
    pair: Pair, job: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "voicechat.engines")
    pair.first.always(job, refusal(402))
    ask = ASK[job](pair)
    for _ in range(OPENS_AFTER + 4):
        assert await ask() == WHOLE[job]
    assert len(pair.first.of(job)) == OPENS_AFTER

    pair.clock.seconds += OPEN_SECONDS
    assert await ask() == await ask() == WHOLE[job]
    assert len(pair.first.of(job)) == OPENS_AFTER + 1

    pair.clock.seconds += OPEN_SECONDS
    pair.first.always(job, pair.first.nice)
    assert await ask() == await ask() == WHOLE[job]
    assert len(pair.first.of(job)) == OPENS_AFTER + 3

    told = [one.getMessage() for one in caplog.records if one.name == "voicechat.engines"]
    assert len(told) == 2, told
    assert "failed 3 times in a row" in told[0] and f"Of {OPENS_AFTER} calls {OPENS_AFTER} failed" in told[0]
    assert "works again" in told[1] and f"Of {OPENS_AFTER + 2} calls {OPENS_AFTER + 1} failed" in told[1]
    assert pair.first.url.removesuffix("/v1") in told[0]


async def test_a_question_that_is_refused_goes_to_the_next_and_keeps_nobody_else_from_the_first(
    pair: Pair,
) -> None:
    pair.first.always("chat", refusal(400, "content_filter"))
    relay = pair.chat()
    for _ in range(OPENS_AFTER + 1):
        assert await replied(relay) == WHOLE["chat"]
    assert len(pair.first.of("chat")) == len(pair.second.of("chat")) == OPENS_AFTER + 1


async def test_a_try_that_nobody_waits_for_any_more_leaves_the_next_one_its_own(pair: Pair) -> None:
    pair.first.always("chat", refusal(402))
    relay = pair.chat()
    for _ in range(OPENS_AFTER):
        await replied(relay)
    pair.clock.seconds += OPEN_SECONDS
    pair.first.always("chat", Stream([*tokens("From"), Stall()]))
    for _ in range(2):
        async with aclosing(relay.reply(PROMPT)) as pieces:
            assert await anext(pieces) == "From"
    assert len(pair.first.of("chat")) == OPENS_AFTER + 2


async def test_what_a_voice_said_before_is_said_again_though_it_rests() -> None:
    class Failing(Voice):
        fails = False

        async def speak(self, text: str, manner: Manner) -> AsyncGenerator[bytes, None]:
            if self.fails:
                raise ProviderFailed("It fails.")
            async with aclosing(super().speak(text, manner)) as parts:
                async for part in parts:
                    yield part

    first, second = Failing(), Voice()
    links = [Link(first, second.info, 1, Clock()), Link(second, None, 1, Clock())]
    voices = [CachedVoice(LinkVoice(link), Voices(Tts()), "1 pcm", 10**6) for link in links]
    relay = RelayTts(links, voices)
    await spoken(relay, "Welcome.")
    first.fails = True
    for number in range(OPENS_AFTER):
        await spoken(relay, f"Number {number}.")
    calls = links[0].calls
    await spoken(relay, "Welcome.")
    assert second.texts == [f"Number {number}." for number in range(OPENS_AFTER)]
    assert links[0].calls == calls


async def test_when_the_server_stops_it_tells_what_was_handed_on(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "voicechat.engines")
    pair.first.next("chat", refusal(402))
    relay = pair.chat()
    for _ in range(3):
        await replied(relay)
    await relay.close()
    told = [one.getMessage() for one in caplog.records if one.name == "voicechat.engines"]
    assert len(told) == 1 and "Of 3 calls 1 failed; the next one was asked 1 times." in told[0]


# ── Loading ───────────────────────────────────────────────────────────────────────────────────


class Loading(Brain):
    def __init__(self, *tokens: str, error: Exception | None = None) -> None:
        super().__init__(*tokens)
        self.may_load = asyncio.Event()
        self.error = error
        self.closes = 0

    async def load(self) -> None:
        await self.may_load.wait()
        if self.error:
            raise self.error

    async def close(self) -> None:
        self.closes += 1


def chats(*engines: Brain) -> RelayChat:
    successors = [*(engine.info for engine in engines[1:]), None]
    return RelayChat([Link(engine, who, 1) for engine, who in zip(engines, successors, strict=True)])


async def test_who_is_not_loaded_yet_is_passed_over_and_the_others_load_meanwhile() -> None:
    first, second = Loading("first"), Loading("second")
    first.may_load.set()
    relay = chats(first, second, Brain("third"))
    await relay.load()
    first.tokens = (ProviderFailed("no"),)
    assert await replied(relay) == "third"
    second.may_load.set()
    await relay.links[1].loaded()
    assert await replied(relay) == "second"
    await relay.close()
    assert (first.closes, second.closes) == (1, 1)


@pytest.mark.parametrize("error", [ConfigError("the weights are missing"), RuntimeError("a bug")])
async def test_one_that_can_not_be_loaded_leaves_the_work_to_the_others(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    first = Loading("first", error=error)
    first.may_load.set()
    relay = chats(first, Brain("second"))
    await relay.load()
    assert await replied(relay) == "second"
    assert str(error) in caplog.text and first.prompts == []
    await relay.close()


async def test_where_none_can_be_loaded_the_first_one_s_reason_is_told() -> None:
    engines = [Loading(error=ConfigError(name)) for name in ("first", "second")]
    [engine.may_load.set() for engine in engines]
    relay = chats(*engines)
    with pytest.raises(ConfigError, match="first"):
        await relay.load()
    await relay.close()


async def test_it_is_closed_in_the_middle_of_a_load() -> None:
    first = Loading()
    relay = chats(first, Brain())
    loading = asyncio.create_task(relay.load())
    await asyncio.sleep(0)
    await relay.close()
    assert first.closes == 1
    with pytest.raises(asyncio.CancelledError):
        await loading


async def test_a_slow_one_is_told_apart_from_one_that_is_broken(pair: Pair) -> None:
    pair.first.always("stt", Stream([Mute()]))
    relay = pair.stt()
    link: Link[Any] = relay.links[0]
    with pytest.raises(ProviderTimeout):
        await link.in_time(link.engine.transcribe(RECORDING, None))
