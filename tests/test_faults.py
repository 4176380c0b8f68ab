"""
Whatever a provider does, its visitor gets a clear end: in both modes, through the whole server.

What is proved of each row of `faults`: the one END, or the status, with its code; what was kept of
the text; how often the provider was asked; that the chat goes on; and that the end came within the
wait that the server itself tells as its longest.
"""

from __future__ import annotations

import base64
import contextlib
import math
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from voicechat import dialogue as d
from voicechat.audio import wav
from voicechat.config import load
from voicechat.errors import of_code
from voicechat.turn import longest_wait

from .conftest import Client, Server, serving
from .faults import BEGUN, ROWS, WHOLE, Row
from .scripted_openai import (
    END,
    TRANSCRIPT,
    Mute,
    Pause,
    ScriptedOpenAi,
    Stream,
    plain,
    refusal,
    scripted_openai,
    tokens,
)
from .test_v1 import events, history

Mode = Literal["v1", "v2"]
How = Literal["complete", "unsaid", "failed"]

MODES: tuple[Mode, ...] = ("v1", "v2")
JOBS = ("stt", "chat", "tts")
PCM = bytes(32_000)

PATIENT = {
    "chat_total_seconds": "4",
    "chat_first_token_seconds": "4",
    "chat_between_tokens_seconds": "4",
    "stt_timeout_seconds": "4",
    "tts_timeout_seconds": "4",
    "tts_silence_seconds": "4",
}
"""Time enough for what goes well on a busy machine, and short enough that the longest wait says something."""


@dataclass(frozen=True)
class Seen:
    """What the visitor has of an answer at its end, in either mode."""

    how: How
    code: str | None
    retry_after: float | None
    sounds: bool
    seconds: float
    """From the question to its end, but for the time in which the sound is heard."""
    text: str | None = None
    """None: v1 tells none of an answer that failed."""


class Visitor:
    """Asks in one chat, one question after the other."""

    def __init__(self, server: Server, id_: str, client: Client | None) -> None:
        """*client* None: over HTTP."""
        self._server = server
        self._id = id_
        self._client = client
        self.ends: list[int] = []
        """The turn of each END."""

    async def ask(self, turn: int, *, spoken: bool, speech: bool) -> Seen:
        if self._client is None:
            return await self._ask_by_http(turn, spoken, speech)
        return await self._ask_by_socket(self._client, turn, spoken)

    async def kept(self) -> list[tuple[str, str, str]]:
        """Return what the chat's history has: role, text and status."""
        messages = (await history(self._server, self._id))["messages"]
        return [(message["role"], message["text"], message["status"]) for message in messages]

    async def _ask_by_http(self, turn: int, spoken: bool, speech: bool) -> Seen:
        recording = base64.b64encode(wav(PCM, 16_000)).decode()
        asked = {"audio": recording} if spoken else {"message": f"Question {turn}?"}
        content = {"id": self._id, "speech": speech, **asked}
        started = time.monotonic()
        async with self._server.http.post(self._server.url + "/api/message", json=content) as response:
            reply = await response.json()
            wait = response.headers.get("Retry-After")
        seconds = time.monotonic() - started
        retry_after = float(wait) if wait else None
        if error := reply.get("error"):
            assert response.status == of_code(error["code"], "").status and set(reply) == {"error"}
            return Seen("failed", error["code"], retry_after, False, seconds)
        assert response.status == 200
        unsaid = reply.get("audio_error")
        assert speech == (("audio" in reply) != bool(unsaid))
        how: How = "unsaid" if unsaid else "complete"
        code = unsaid["code"] if unsaid else None
        return Seen(how, code, retry_after, "audio" in reply, seconds, reply["answer"])

    async def _ask_by_socket(self, client: Client, turn: int, spoken: bool) -> Seen:
        started = time.monotonic()
        if spoken:
            await client.send(d.AskAudio(0, 0, PCM), turn)
            await client.send(d.AskAudioEnd(len(PCM)), turn)
        else:
            await client.send(d.AskText(f"Question {turn}?"), turn)
        got: list[Any] = []
        while turn not in self.ends:
            message, of_turn = await client.receive()
            got.append(message)
            if isinstance(message, d.End):
                self.ends.append(of_turn)
            if isinstance(message, d.AnswerAudio):
                await client.send(d.Played(message.pos + 200), turn)
        seconds, end = time.monotonic() - started, got[-1]
        text = "".join(message.text for message in got if isinstance(message, d.AnswerText))
        assert end.pos == len(text.encode())
        faults = [message for message in got if isinstance(message, d.Fault)]
        assert len(faults) == (end.flags != d.EndFlag.COMPLETE)
        ways: dict[int, How] = {1: "complete", 1 | 8: "unsaid", 4: "failed"}
        code, retry_after = (faults[0].code, faults[0].retry_after_seconds) if faults else (None, None)
        seconds -= end.audio_ms / 1000
        return Seen(ways[int(end.flags)], code, retry_after, end.audio_ms > 0, seconds, text)


@asynccontextmanager
async def visiting(server: Server, mode: Mode, *, speech: bool = True) -> AsyncIterator[Visitor]:
    """A visitor of a warm server, in a chat of which the history can be seen."""
    for task in (*JOBS, "knowledge"):
        await server.house.rooms.engines.ready(task)  # type: ignore[arg-type]  # it is one of these
    if mode == "v1":
        yield Visitor(server, (await server.post("/api/chats"))[1]["chat"], None)
        return
    async with server.client() as client:
        welcome = await client.hello(**({} if speech else {"audio_out": []}))
        yield Visitor(server, welcome["chat"], client)


@asynccontextmanager
async def house(**settings: str) -> AsyncIterator[tuple[Server, ScriptedOpenAi]]:
    async with scripted_openai() as provider:
        addresses = {f"{job}_base_url": provider.url for job in JOBS}
        async with serving(as_configured=True, **{**PATIENT, **addresses, **settings}) as server:
            yield server, provider


def expected_how(row: Row) -> How:
    if row.code is None:
        return "complete"
    return "unsaid" if row.job == "tts" else "failed"


def expected_wait(row: Row, mode: Mode) -> Any:
    if mode == "v2":
        return pytest.approx(row.retry_after)
    # Whole seconds in HTTP's header, and none where the answer itself is there.
    return None if row.retry_after is None or row.job == "tts" else math.ceil(row.retry_after)


def check(row: Row, mode: Mode, seen: Seen, kept: list[tuple[str, str, str]]) -> None:
    """Compare what became of the question with what *row* says."""
    assert (seen.how, seen.code) == (expected_how(row), row.code)
    assert seen.retry_after == expected_wait(row, mode)
    question, (role, text, status) = kept
    assert row.text is None or text == row.text
    assert seen.text is None or seen.text == text
    asked = TRANSCRIPT if row.job == "stt" else "Question 1?"
    if row.job == "stt" and row.code:
        heard = "unheard" if row.code == "nothing_heard" else "failed"
        assert (question, role, status) == (("user", "", heard), "assistant", heard)
    else:
        assert question == ("user", asked, "complete")
        assert (role, status) == ("assistant", "failed" if seen.how == "failed" else "complete")
    if seen.how != "failed":
        assert seen.sounds == (row.speech and (row.code is None or (row.sounds and mode == "v2")))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.job}: {row.name}") for row in ROWS])
async def test_a_fault_has_a_clear_end_and_the_chat_goes_on(row: Row, mode: Mode) -> None:
    async with (
        house(**row.settings) as (server, provider),
        visiting(server, mode, speech=row.speech) as visitor,
    ):
        provider.next(row.job, *row.does)
        seen = await visitor.ask(1, spoken=row.job == "stt", speech=row.speech)
        check(row, mode, seen, await visitor.kept())
        assert len(provider.of(row.job)) == len(row.does)
        if row.job == "stt":
            assert len(provider.of("chat")) == (row.code is None)
        longest = longest_wait(server.house.config)
        assert seen.seconds <= (longest.sound_seconds if seen.how == "unsaid" else longest.text_seconds)

        following = await visitor.ask(2, spoken=False, speech=row.speech)
        assert (following.how, following.text) == ("complete", WHOLE)
        assert (await visitor.kept())[3] == ("assistant", WHOLE, "complete")
        assert visitor.ends == ([] if mode == "v1" else [1, 2])


# ── Providers that cannot be reached ──────────────────────────────────────────────────────────


@contextlib.contextmanager
def nobody(port: int) -> Iterator[None]:
    """No program listens on *port*: a connection is refused."""
    yield


@contextlib.contextmanager
def full(port: int) -> Iterator[None]:
    """A connection to *port* is never taken: the queue of what listens there is full."""
    with socket.socket() as listener, contextlib.ExitStack() as clients:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(0)
        for _ in range(2):
            client = clients.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield


AWAY: dict[str, tuple[Callable[[int], AbstractContextManager[None]], Row]] = {
    "chat: connection refused": (nobody, Row("", "chat", (), "provider_failed")),
    "chat: connect timeout": (
        full,
        Row("", "chat", (), "provider_timeout", settings={"chat_connect_seconds": "0.2"}),
    ),
    "stt: connection refused": (nobody, Row("", "stt", (), "provider_failed")),
    "tts: connection refused": (nobody, Row("", "tts", (), "provider_failed", WHOLE)),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", AWAY)
async def test_a_provider_that_is_away_has_a_clear_end_and_the_chat_goes_on_when_it_is_back(
    name: str, mode: Mode
) -> None:
    fault, row = AWAY[name]
    async with AsyncExitStack() as stack, scripted_openai() as away:
        port = int(away.url.rpartition(":")[2].partition("/")[0])
        settings = {f"{row.job}_base_url": away.url, "chat_retries": "1", **row.settings}
        server, _ = await stack.enter_async_context(house(**settings))
        visitor = await stack.enter_async_context(visiting(server, mode))
        await away.close()
        with fault(port):
            seen = await visitor.ask(1, spoken=row.job == "stt", speech=True)
        check(row, mode, seen, await visitor.kept())
        assert seen.seconds <= longest_wait(server.house.config).sound_seconds
        async with scripted_openai(port):
            following = await visitor.ask(2, spoken=False, speech=True)
        assert (following.how, following.text) == ("complete", WHOLE)
        assert visitor.ends == ([] if mode == "v1" else [1, 2])


@pytest.mark.parametrize("mode", MODES)
async def test_a_name_that_nobody_knows_ends_every_question_as_clearly(mode: Mode) -> None:
    # Longer than a name may be (RFC 1035, section 2.3.4), so that no name server is asked for it.
    host = ".".join(["a" * 60] * 5)
    row = Row("", "chat", (), "provider_failed")
    async with house(chat_base_url=f"http://{host}/v1", chat_retries="1") as (server, _):
        async with visiting(server, mode) as visitor:
            check(row, mode, await visitor.ask(1, spoken=False, speech=True), await visitor.kept())
            assert (await visitor.ask(2, spoken=False, speech=True)).code == row.code


# ── Speech that is limited to a few calls ─────────────────────────────────────────────────────

SENTENCES = [f"This is sentence number {word}. " for word in ("one", "two", "three", "four", "five")]


def spoken(provider: ScriptedOpenAi) -> list[str]:
    return [request.json["input"] for request in provider.of("tts")]


async def test_sentences_that_wait_for_a_limited_voice_are_spoken_in_one_call() -> None:
    async with house() as (server, provider), server.client() as client:
        provider.next("chat", Stream([*tokens(*SENTENCES), *END]))
        # The first sentence is said; the second one is refused, and all others wait by then.
        provider.next("tts", lambda request: provider.nice(request), refusal(429, Retry_After="0.05"))
        await client.hello()
        await client.send(d.AskText("Count!"), 1)
        got: list[Any] = []
        while not (got and isinstance(got[-1], d.End)):
            got.append((await client.receive())[0])
            if isinstance(got[-1], d.AnswerAudio):
                await client.send(d.Played(got[-1].pos + 200), 1)
    one, *others = (sentence.strip() for sentence in SENTENCES)
    assert spoken(provider) == [one, others[0], " ".join(others)]
    assert got[-1].flags == d.EndFlag.COMPLETE
    assert not [message for message in got if isinstance(message, d.Fault)]
    marks = (message for message in got if isinstance(message, d.Mark) and not message.words)
    spans = [span for mark in marks for span in mark.spans]
    whole = "".join(SENTENCES)
    first, last = spans
    assert (first.text_start, last.text_end) == (0, len(whole.rstrip()))
    assert first.text_end == last.text_start
    assert "".join(message.text for message in got if isinstance(message, d.AnswerText)) == whole


async def test_the_text_goes_on_while_a_limited_voice_is_waited_for() -> None:
    async with house() as (server, provider), server.client() as client:
        provider.next("chat", Stream([*tokens(*SENTENCES), *END]))
        provider.always("tts", refusal(429, Retry_After="3"))
        await client.hello()
        await client.send(d.AskText("Count!"), 1)
        got = [(await client.receive())[0]]
        while not (isinstance(got[-1], d.AnswerText) and got[-1].last):
            got.append((await client.receive())[0])
        assert "".join(m.text for m in got if isinstance(m, d.AnswerText)) == "".join(SENTENCES)
        assert not [message for message in got if isinstance(message, d.Fault | d.End)]
        await client.send(d.Cancel(0, d.CancelReason.TYPED_OVER), 1)
        await client.until(d.End)


async def test_the_streamed_form_of_v1_has_the_sentences_of_a_limited_voice_in_one_piece_of_sound() -> None:
    async with house() as (server, provider):
        provider.next("chat", Stream([*tokens(*SENTENCES), *END]))
        provider.next("tts", refusal(429, Retry_After="0.05"))
        told = await events(server, id="me", message="Count!")
    assert spoken(provider) == [SENTENCES[0].strip(), "".join(SENTENCES).strip()]
    names = [name for name, _ in told]
    assert (names.count("audio"), names[-1]) == (1, "end") and "audio_error" not in told[-1][1]


async def test_a_voice_that_refuses_in_the_middle_leaves_what_was_said_and_all_of_the_text() -> None:
    async with house() as (server, provider), visiting(server, "v2") as visitor:
        provider.next("chat", Stream([*tokens(*SENTENCES), *END]))
        provider.next("tts", lambda request: provider.nice(request), refusal(429, Retry_After="60"))
        seen = await visitor.ask(1, spoken=False, speech=True)
    assert (seen.how, seen.code, seen.retry_after) == ("unsaid", "provider_busy", 60)
    assert (seen.text, seen.sounds) == ("".join(SENTENCES), True)
    assert len(provider.of("tts")) == 2


def after(seconds: float, ms: int) -> Stream:
    """*ms* of sound that takes *seconds* to come."""
    return Stream([Pause(seconds), bytes(48 * ms)], 200, {"Content-Type": "audio/pcm"})


@pytest.mark.parametrize(
    ("first_ms", "how", "calls"), [(1_000, "complete", 3), (10, "unsaid", 2)], ids=["covered", "silent"]
)
async def test_waiting_for_the_voice_counts_where_nothing_sounds_and_adds_up(
    first_ms: int, how: How, calls: int
) -> None:
    async with house(tts_silence_seconds="0.5") as (server, provider), visiting(server, "v2") as visitor:
        provider.next("chat", Stream([*tokens(*SENTENCES[:3]), *END]))
        provider.next("tts", after(0.3, first_ms), after(0.3, 10), after(0.3, 10))
        seen = await visitor.ask(1, spoken=False, speech=True)
    assert (seen.how, len(provider.of("tts"))) == (how, calls)
    assert seen.code == (None if how == "complete" else "provider_timeout")


# ── The longest wait ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mode", MODES)
async def test_the_slowest_answer_of_all_ends_within_the_longest_wait_and_not_long_before(
    mode: Mode,
) -> None:
    # Each stage takes nearly all of its time and does its work, but for the last one.
    slow = {"stt_timeout_seconds": "0.8", "chat_total_seconds": "0.8", "tts_silence_seconds": "0.8"}
    async with house(**slow) as (server, provider), visiting(server, mode) as visitor:
        heard = plain({"text": TRANSCRIPT})
        provider.next("stt", Stream([Pause(0.5), *heard.steps], 200, heard.headers))
        provider.next("chat", Stream([Pause(0.3), *BEGUN, Pause(0.2), *END]))
        provider.always("tts", Stream([Mute()]))
        seen = await visitor.ask(1, spoken=True, speech=True)
        longest = longest_wait(server.house.config)
    assert (seen.how, seen.code, seen.text) == ("unsaid", "provider_timeout", "The shop")
    assert longest.sound_seconds == pytest.approx(2.4)
    assert longest.sound_seconds / 2 < seen.seconds <= longest.sound_seconds


def test_engines_that_take_over_make_the_longest_wait_longer_by_their_time_to_hand_over() -> None:
    environment = {
        "VOICECHAT_STT_NEXT_ENGINE": "whisper",
        "VOICECHAT_CHAT_NEXT_TOTAL_SECONDS": "20",
        "VOICECHAT_CHAT_NEXT_NEXT_ENGINE": "site",
    }
    longest = longest_wait(load(environment=environment))
    assert longest.hearing_seconds == 15 + 30
    assert longest.thinking_seconds == max(120, 10 + 20, 10 + 10 + 120)
    assert longest.loading_seconds == longest_wait(load(environment={})).loading_seconds + 2 * 60


def test_the_longest_wait_is_told_in_the_readme_as_it_is_by_default() -> None:
    longest = longest_wait(load(environment={}))
    assert (longest.text_seconds, longest.sound_seconds) == (150, 210)
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    promises = readme.partition("## What is promised")[2]
    assert f"{longest.text_seconds:g} s" in promises
    assert f"{longest.silence_seconds:g} s of silence" in promises
    assert f"{longest.loading_seconds:g} s" in promises


def test_an_answer_that_is_not_spoken_costs_no_silence() -> None:
    longest = longest_wait(load(environment={"VOICECHAT_SPEECH": "false"}))
    assert longest.sound_seconds == longest.text_seconds
