"""The client library and `voicechat talk`, in both modes, against the real server."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import ssl
import sys
import termios
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from aiohttp import web

from voicechat import dialogue as d
from voicechat.__main__ import main
from voicechat.audio import Container, Recording, decode, identify
from voicechat.client import (
    Asked,
    Client,
    ClientError,
    Failed,
    Gone,
    ModeOff,
    Moment,
    NotThere,
    Sent,
    Spoken,
    Stages,
    TimedOut,
    V1Client,
    V2Client,
    Wishes,
    as_if_spoken,
    best_mode,
    parse_url,
    pcm_of,
    recorded,
)
from voicechat.client.event_stream import EventStream
from voicechat.client.exchange import Exchange
from voicechat.dialogue import Passage, Prompt, Source
from voicechat.engines import Engines, Manner
from voicechat.errors import ChatGone, ProviderFailed

from .conftest import Server, serving
from .doubles import Brain, Ears, Pages, Stuck, Voice, engines
from .speech import HERE as SPEECH
from .speech import pcm
from .speech.encoding import FORMATS, encoded
from .tls import GOOD, GOOD_KEY

FAILED = d.EndFlag.FAILED

ANSWER = "From nine to six. See you then!"
PAGES = Pages(Passage(Source("Hours", "/hours"), "When?", "We open at nine.", bearing="answers"))

MODES: dict[str, Callable[..., Client]] = {
    "v1": partial(V1Client, streams=False),
    "v1-stream": V1Client,
    "v2": V2Client,
}
each_mode = pytest.mark.parametrize("mode", MODES)
"""The same is promised in all."""


@asynccontextmanager
async def talking(mode: str, mine: Engines | None = None, **settings: str) -> AsyncIterator[Client]:
    """Run a server with the engines *mine*, and a client of it."""
    async with serving(mine, **settings) as server, MODES[mode](server.url) as client:
        yield client


async def all_of(moments: Any) -> list[Moment]:
    async with asyncio.timeout(20), aclosing(moments):
        return [moment async for moment in moments]


def events(moments: list[Moment]) -> list[type]:
    """Return the kinds of events, runs of the same kind as one, and of STATE and MARK none."""
    kinds = [type(m.event) for m in moments if not isinstance(m.event, d.State | d.Mark)]
    return [kind for i, kind in enumerate(kinds) if i == 0 or kind is not kinds[i - 1]]


def of(kind: type, moments: list[Moment]) -> list[Any]:
    return [moment.event for moment in moments if isinstance(moment.event, kind)]


def text_of(moments: list[Moment]) -> str:
    return "".join(event.text for event in of(d.AnswerText, moments))


# ── Asking ────────────────────────────────────────────────────────────────────────────────────


@each_mode
async def test_a_typed_question_is_answered_in_text_and_sound(mode: str) -> None:
    async with talking(mode) as client:
        moments = await all_of(client.ask("When are you open?"))
    assert text_of(moments) == ANSWER
    sounds = [event.data for event in of(d.AnswerAudio, moments)]
    seconds = len(pcm_of(sounds, client.sound_format)) / 48_000
    assert seconds == pytest.approx(0.010 * len(ANSWER), abs=0.1)
    assert of(d.End, moments)[0].flags == d.EndFlag.COMPLETE
    assert of(d.Timing, moments)[0].content["total"] >= 0


@each_mode
async def test_every_moment_has_its_time_and_the_bytes_so_far(mode: str) -> None:
    async with talking(mode) as client:
        moments = await all_of(client.ask("When are you open?"))
    assert [type(m.event) for m in moments[:2]] == [Asked, Sent]
    for earlier, later in pairwise(moments):
        assert earlier.at_seconds <= later.at_seconds
        assert earlier.bytes_up <= later.bytes_up and earlier.bytes_down <= later.bytes_down
    assert moments[0].bytes_up == 0 and moments[1].bytes_up > len("When are you open?")
    assert moments[-1].bytes_down > sum(len(event.data) for event in of(d.AnswerAudio, moments))


async def test_the_streams_bring_text_before_the_whole_answer_is_there() -> None:
    for mode in ("v1-stream", "v2"):
        gate = asyncio.Semaphore(1)
        async with talking(mode, engines(brain=Brain("One ", "two.", gate=gate))) as client:
            async with asyncio.timeout(10), aclosing(client.ask("Hi")) as moments:
                async for moment in moments:
                    if isinstance(moment.event, d.AnswerText) and moment.event.text:
                        assert moment.event.text == "One "
                        break
                gate.release()
                assert text_of([moment async for moment in moments]) == "two."


@each_mode
@pytest.mark.parametrize("container", FORMATS)
async def test_a_recording_of_every_container_is_heard(mode: str, container: Container) -> None:
    ears = Ears()
    recording = encoded(pcm("saturday.flac"), 16_000, container)
    async with talking(mode, engines(ears)) as client:
        moments = await all_of(client.ask_spoken(recorded(recording.data)))
    assert of(d.Transcript, moments)[-1].text == "when are you open" and text_of(moments) == ANSWER
    [heard] = ears.recordings
    if container == "wav":
        heard_seconds = len(decode(heard, rate=16_000, max_seconds=60)) / 32_000
        assert heard_seconds == pytest.approx(len(pcm("saturday.flac")) / 32_000, abs=0.02)
    else:
        assert heard.data == recording.data


@each_mode
async def test_of_what_is_spoken_while_it_goes_up_the_wait_begins_at_its_end(mode: str) -> None:
    ears = Ears()
    speech = encoded(pcm("saturday.flac")[: 2 * 16_000], 16_000, "wav")
    async with talking(mode, engines(ears)) as client:
        started = asyncio.get_running_loop().time()
        moments = await all_of(client.ask_spoken(as_if_spoken(speech.data)))
    assert Stages.of(moments).asked_at_seconds - started == pytest.approx(1.0, abs=0.3)
    asked = next(moment for moment in moments if isinstance(moment.event, Asked))
    assert (asked.bytes_up > 32_000) == (mode == "v2")  # there it has gone up already
    assert len(decode(ears.recordings[0], rate=16_000, max_seconds=60)) == pytest.approx(32_000, abs=640)


@each_mode
async def test_sources_come_with_the_answer(mode: str) -> None:
    async with serving(engines(), PAGES, knowledge_on="true") as server, MODES[mode](server.url) as client:
        moments = await all_of(client.ask("When are you open?"))
    [sources] = [event for event in of(d.ServerEvent, moments) if event.content["type"] == "sources"]
    assert sources.content["sources"] == [{"title": "Hours", "url": "/hours"}]


@each_mode
async def test_no_sound_comes_where_none_is_wanted(mode: str) -> None:
    voice = Voice()
    async with serving(engines(voice=voice)) as server:
        async with MODES[mode](server.url, Wishes(speech=False)) as client:
            moments = await all_of(client.ask("When?"))
    assert voice.texts == [] and not of(d.AnswerAudio, moments) and text_of(moments) == ANSWER


@each_mode
async def test_a_long_answer_is_not_held_back_though_nobody_plays_it(mode: str) -> None:
    async with talking(mode, engines(voice=Voice(ms_per_char=1000)), limits_lead_ms="500") as client:
        moments = await all_of(client.ask("When?"))
    sounds = [event.data for event in of(d.AnswerAudio, moments)]
    assert len(pcm_of(sounds, client.sound_format)) / 48_000 > 25


@each_mode
async def test_the_language_reaches_the_engines(mode: str) -> None:
    brain = Brain()
    async with serving(engines(brain=brain)) as server:
        async with MODES[mode](server.url, Wishes(language="de-CH")) as client:
            await all_of(client.ask("Wann?"))
    assert brain.prompts[0].language == "de-CH"


@pytest.mark.parametrize("first", MODES)
@pytest.mark.parametrize("second", MODES)
async def test_a_chat_goes_on_in_either_mode(first: str, second: str) -> None:
    brain = Brain()
    async with serving(engines(brain=brain)) as server:
        async with MODES[first](server.url) as client:
            await all_of(client.ask("One?"))
        async with MODES[second](server.url, Wishes(chat=client.chat)) as again:
            await all_of(again.ask("Two?"))
            assert again.chat == client.chat
    assert [message.text for message in brain.prompts[1].history] == ["One?", ANSWER, "Two?"]


@each_mode
async def test_a_chat_that_the_server_forgot_meanwhile_becomes_a_new_one(mode: str) -> None:
    brain = Brain()
    async with serving(engines(brain=brain)) as server, relayed(server.url) as relay:
        async with MODES[mode](relay.url) as client:
            await all_of(client.ask("One?"))
            chat = client.chat
            relay.cut()
            await forgotten(chat, server)
            assert await answered_at_last(client, "Two?") == ANSWER
            assert client.chat != chat
    assert [message.text for message in brain.prompts[1].history] == ["Two?"]


async def test_a_connection_that_was_lost_between_two_questions_is_made_anew() -> None:
    async with serving() as server, relayed(server.url) as relay, V2Client(relay.url) as client:
        await all_of(client.ask("One?"))
        chat = client.chat
        relay.cut()
        assert await answered_at_last(client, "Two?") == ANSWER
        assert client.chat == chat


async def answered_at_last(client: Client, text: str) -> str:
    """Ask until it is answered: of a cut the client learns a little later than it happens."""
    async with asyncio.timeout(20):
        while True:
            with suppress(Gone):
                return text_of(await all_of(client.ask(text)))


async def forgotten(chat: str, server: Server) -> None:
    """Return when the server has noticed that nobody is there, and has forgotten *chat*."""
    conversations = server.house.conversations
    async with asyncio.timeout(20):
        with suppress(ChatGone):
            while await conversations.find(chat):
                await conversations.sweep(0)


class Relay:
    """A network between client and server, which can be cut and can stall."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: list[asyncio.StreamWriter] = []
        self._flows = asyncio.Event()
        self._flows.set()
        self.holds = asyncio.Event()
        """Set when something has come since it stalls."""
        self.url = ""

    def stall(self) -> None:
        """Let nothing through any more, and nobody know."""
        self._flows.clear()

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += [writer, back]
        with suppress(ConnectionError):
            await asyncio.gather(self._copy(reader, back), self._copy(there, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if not self._flows.is_set():
                self.holds.set()
            await self._flows.wait()
            writer.write(data)
            await writer.drain()
        writer.close()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()


@asynccontextmanager
async def relayed(url: str) -> AsyncIterator[Relay]:
    relay = Relay(int(url.rpartition(":")[2]))
    async with await asyncio.start_server(relay.pass_on, "127.0.0.1", 0) as listening:
        relay.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        try:
            yield relay
        finally:
            relay.cut()


@each_mode
async def test_a_connection_that_is_cut_in_the_middle_is_told(mode: str) -> None:
    brain = Counting("One ", "two.")
    async with serving(engines(brain=brain)) as server, relayed(server.url) as relay:
        async with MODES[mode](relay.url) as client:
            asking = asyncio.create_task(all_of(client.ask("Count!")))
            await brain.asked.wait()
            relay.cut()
            with pytest.raises(Gone, match="lost"):
                await asking


class Counting(Stuck):
    """Tells when it was asked."""

    def __init__(self, *tokens: str) -> None:
        super().__init__(*tokens)
        self.asked = asyncio.Event()

    async def reply(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        self.asked.set()
        async with aclosing(super().reply(prompt)) as pieces:
            async for piece in pieces:
                yield piece


# ── Stopping ──────────────────────────────────────────────────────────────────────────────────


@each_mode
async def test_a_cancelled_answer_ends_cut_and_the_next_question_is_answered(mode: str) -> None:
    brain = Counting("One ", "two.")
    async with talking(mode, engines(brain=brain)) as client:
        async with asyncio.timeout(10), aclosing(client.ask("Count!")) as moments:
            async for moment in moments:
                if isinstance(moment.event, Sent):
                    await brain.asked.wait()
                    await client.cancel(0)
                if isinstance(moment.event, d.End):
                    assert moment.event.flags & d.EndFlag.CUT
            await brain.closed.wait()
        assert text_of(await all_of(client.ask("And?"))) == "One two."


@each_mode
async def test_an_answer_that_nobody_takes_any_more_is_stopped(mode: str) -> None:
    brain = Counting("One ", "two.")
    async with talking(mode, engines(brain=brain)) as client:
        async with asyncio.timeout(10), aclosing(client.ask("Count!")) as moments:
            async for moment in moments:
                if isinstance(moment.event, Sent):
                    await brain.asked.wait()
                    break
        async with asyncio.timeout(10):
            await brain.closed.wait()
        assert text_of(await all_of(client.ask("And?"))) == "One two."


@each_mode
async def test_a_recording_that_is_cancelled_while_it_is_spoken_is_never_heard(mode: str) -> None:
    ears, is_speaking = Ears(), asyncio.Event()

    async def speech() -> AsyncIterator[bytes]:
        yield pcm("saturday.flac")[:3200]
        is_speaking.set()  # what was spoken so far has been taken, and there is more to come
        await asyncio.Event().wait()

    async with talking(mode, engines(ears)) as client:
        spoken = Spoken("pcm16/16000", speech(), is_live=True)
        asking = asyncio.create_task(all_of(client.ask_spoken(spoken)))
        async with asyncio.timeout(10):
            await is_speaking.wait()
        await client.cancel(0)
        moments = await asking
        assert of(d.End, moments)[0].flags == d.EndFlag.CUT
        assert ears.recordings == []
        assert text_of(await all_of(client.ask("And?"))) == ANSWER


# ── What goes wrong ───────────────────────────────────────────────────────────────────────────


async def failing(client: Client, error: type[ClientError]) -> Any:
    """Ask, and return the error and what came before it."""
    moments = []
    with pytest.raises(error) as caught:
        async with asyncio.timeout(20), aclosing(client.ask("When?")) as coming:
            async for moment in coming:
                moments.append(moment)
    assert "\n" not in str(caught.value)
    return caught.value, moments


@each_mode
async def test_an_answer_that_fails_says_why_after_what_came_of_it(mode: str) -> None:
    brain = Brain("From nine ", ProviderFailed("The model broke."))
    async with talking(mode, engines(brain=brain)) as client:
        error, moments = await failing(client, Failed)
    assert (str(error), error.code) == ("The model broke.", "provider_failed")
    assert text_of(moments) == ("" if mode == "v1" else "From nine ")


@each_mode
async def test_speech_that_fails_leaves_the_text_whole_and_says_why(mode: str) -> None:
    voice = Voice(error=(0, ProviderFailed("The voice broke.")))
    async with talking(mode, engines(voice=voice)) as client:
        moments = await all_of(client.ask("When?"))
    assert text_of(moments) == ANSWER
    assert of(d.Fault, moments)[0].message == "The voice broke."
    assert of(d.End, moments)[0].flags == d.EndFlag.COMPLETE | d.EndFlag.UNSAID


@each_mode
async def test_what_the_server_refuses_is_told_in_its_words(mode: str) -> None:
    async with talking(mode, limits_text_chars="3") as client:
        error, _ = await failing(client, Failed)
    assert error.code == "too_large" and "3 characters" in str(error)


@each_mode
async def test_the_seconds_until_another_try_are_told(mode: str) -> None:
    brain = Brain(ProviderFailed("Too many.", retry_after_seconds=7))
    async with talking(mode, engines(brain=brain)) as client:
        error, _ = await failing(client, Failed)
    assert error.retry_after_seconds == 7


@each_mode
async def test_a_server_that_falls_silent_is_given_up(mode: str) -> None:
    brain = Counting("One ", "two.")
    async with serving(engines(brain=brain)) as server:
        async with MODES[mode](server.url, Wishes(patience_seconds=0.2)) as client:
            with pytest.raises(TimedOut, match=r"0\.2 seconds"):
                await all_of(client.ask("Count!"))
            async with asyncio.timeout(10):
                await brain.closed.wait()
            assert text_of(await all_of(client.ask("And?"))) == "One two."


@each_mode
async def test_a_server_that_goes_away_in_the_middle_is_told(mode: str) -> None:
    brain = Counting("One ", "two.")
    async with AsyncExitStack() as house:
        server = await house.enter_async_context(serving(engines(brain=brain)))
        async with MODES[mode](server.url) as client:
            asking = asyncio.create_task(all_of(client.ask("Count!")))
            await brain.asked.wait()
            await house.aclose()
            error, words = (Gone, "restarts") if mode == "v2" else (Failed, "interrupted")
            with pytest.raises(error, match=words):
                await asking
            with pytest.raises(NotThere, match="Nobody answers"):
                await all_of(client.ask("And?"))


@each_mode
async def test_a_chat_that_was_asked_for_and_is_not_known_is_no_silent_loss(mode: str) -> None:
    async with serving() as server, serving() as other, MODES[mode](other.url) as client:
        wishes = Wishes(chat=client.chat)
        async with MODES[mode](server.url, wishes) as stranger:
            if mode == "v2":
                assert stranger.chat != client.chat  # WELCOME has brought a new one, which can be told
            else:
                error, _ = await failing(stranger, Failed)
                assert error.code == "chat_gone"


@each_mode
async def test_an_id_with_a_wrong_secret_is_told(mode: str) -> None:
    async with talking(mode) as client:
        forged = Wishes(chat=client.chat.partition(".")[0] + "." + "A" * 43)
        with pytest.raises(Failed) as caught:
            async with MODES[mode](client._url, forged) as stranger:  # type: ignore[attr-defined]
                await all_of(stranger.ask("When?"))
    assert caught.value.code == "unauthorized"


@pytest.mark.parametrize(("served", "mode"), [("v1", "v2"), ("v2", "v1"), ("v2", "v1-stream")])
async def test_a_mode_that_is_not_served_is_told_with_the_one_that_is(served: str, mode: str) -> None:
    async with serving(mode=served) as server:
        with pytest.raises(ModeOff, match=f"--mode {served}"):
            await MODES[mode](server.url).__aenter__()
        assert await best_mode(server.url) == served


async def test_where_both_modes_are_served_v2_is_the_better_one() -> None:
    async with serving() as server:
        assert await best_mode(server.url) == "v2"


async def test_a_server_that_is_full_is_told() -> None:
    async with serving(limits_connections="1") as server, V2Client(server.url):
        with pytest.raises(Failed, match="full"):
            await V2Client(server.url).__aenter__()


@each_mode
async def test_nobody_at_the_address_is_told_with_what_helps(mode: str, unused_tcp_port: int) -> None:
    with pytest.raises(NotThere, match="voicechat serve"):
        await MODES[mode](f"http://127.0.0.1:{unused_tcp_port}").__aenter__()


@each_mode
async def test_a_name_that_nobody_has_is_told(mode: str) -> None:
    with pytest.raises(NotThere, match=r"no-such-host\.invalid"):
        await MODES[mode]("http://no-such-host.invalid").__aenter__()


@each_mode
async def test_a_certificate_that_nobody_signed_is_told(mode: str) -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.json_response(FACTS)

    safe = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    safe.load_cert_chain(GOOD, GOOD_KEY)
    async with answering(handle, safe) as url:
        with pytest.raises(NotThere, match=r"The certificate of https://localhost:\d+ is not trusted here: "):
            await MODES[mode](url).__aenter__()


@asynccontextmanager
async def answering(
    handler: Callable[[web.Request], Any], safe: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """A server that is no voicechat, or what a proxy makes of one: *handler* has all its addresses."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=safe).start()
    try:
        yield f"{'https' if safe else 'http'}://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@each_mode
@pytest.mark.parametrize("body", ["<h1>It works!</h1>", "[]", '{"modes": 3}'])
async def test_another_kind_of_server_is_told(mode: str, body: str) -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(text=body)

    async with answering(handle) as url:
        with pytest.raises(NotThere, match=r"no voicechat \(HTTP 200\)"):
            await MODES[mode](url).__aenter__()


FACTS = {"modes": ["v1", "v2"], "limits": {"frame_bytes": 65536}}


async def test_a_proxy_that_lets_no_websocket_through_is_told_with_the_mode_that_helps() -> None:
    async def handle(request: web.Request) -> web.Response:
        if request.path == "/ws":
            return web.Response(status=403)
        return web.json_response(FACTS)

    async with answering(handle) as url:
        with pytest.raises(NotThere, match=r"HTTP 403.*--mode v1"):
            await V2Client(url).__aenter__()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (web.Response(status=502, text="<h1>Bad Gateway</h1>"), "HTTP 502"),
        (web.json_response({"reply": "hm"}), "none of mode v1"),
        (
            web.Response(text="event: text\ndata: no json\n\n", content_type="text/event-stream"),
            "none of mode",
        ),
        (web.Response(text="event: text\n", content_type="text/event-stream"), "in the middle"),
    ],
)
async def test_what_a_proxy_puts_in_place_of_an_answer_is_told(answer: web.Response, words: str) -> None:
    async def handle(request: web.Request) -> web.Response:
        match request.path:
            case "/api/config":
                return web.json_response(FACTS)
            case "/api/chats":
                return web.json_response({"chat": "c_1.x", "next_turn": 1})
        return answer

    async with answering(handle) as url, V1Client(url) as client:
        with pytest.raises(ClientError, match=words):
            await all_of(client.ask("When?"))


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([b"\x90{"], "not in the protocol"),
        ([], "nothing was said for too long"),
        ([b'\x96{"code":"chat_gone","message":"It is gone.","fatal":true}'], "It is gone."),
    ],
)
async def test_a_connection_that_is_not_let_in_says_why(frames: list[bytes], words: str) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path != "/ws":
            return web.json_response(FACTS)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for frame in [b"\xff a kind of the future", *frames]:
            await socket.send_bytes(frame)
        await socket.close(code=4408)
        return socket

    async with answering(handle) as url:
        with pytest.raises(ClientError, match=words):
            await V2Client(url).__aenter__()


# ── What needs no server ──────────────────────────────────────────────────────────────────────


async def test_who_takes_an_answer_late_learns_when_it_came_and_all_that_did_before_the_error() -> None:
    exchange = Exchange(1, patience_seconds=10)
    for event in (Asked(), d.AnswerText(0, "From "), d.Fault("internal", "It broke."), d.End(5, 0, FAILED)):
        await exchange.note(event)
    noted_at, moments = time.monotonic(), []
    while time.monotonic() == noted_at:
        pass  # a clock that stands still tells nothing apart
    with pytest.raises(Failed, match="It broke"):
        async for moment in exchange.moments():
            moments.append(moment)
    assert events(moments) == [Asked, d.AnswerText, d.Fault, d.End]
    assert all(moment.at_seconds <= noted_at for moment in moments)


def test_events_are_the_same_wherever_the_stream_is_cut() -> None:
    events = [("text", {"text": "Grüße"}), ("audio", {"audio": "AAAA"}), ("end", {})]
    data = b"".join(b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(c)) for name, c in events)
    for cut in range(len(data) + 1):
        stream = EventStream()
        assert stream.feed(data[:cut]) + stream.feed(data[cut:]) == events


@pytest.mark.parametrize("text", ["localhost:8080", "ftp://x", "http://", "http://x/?a=1", ""])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        parse_url(text)


def test_an_address_may_have_a_path_and_a_slash_at_its_end() -> None:
    assert parse_url("https://shop.example/bot/") == "https://shop.example/bot"


def test_stages_that_did_not_take_place_are_none() -> None:
    stages = Stages.of([Moment(5.0, Asked(), 0, 0), Moment(5.5, d.AnswerText(0, "Hi"), 10, 20)])
    assert (stages.first_text, stages.whole_text, stages.bytes_down) == (0.5, 0.5, 20)
    assert stages.first_sound is None and stages.sent is None and stages.transcript is None
    assert stages.first_clause is None and stages.first_heard is None


def test_the_first_clause_is_the_servers_word_and_what_was_heard_is_the_players() -> None:
    timing = d.Timing({"total": 900, "at": {"first_clause": 250}})
    came = [Moment(5.0, Asked(), 0, 0), Moment(5.5, d.AnswerAudio(0, b""), 0, 9), Moment(6, timing, 0, 9)]
    stages = Stages.of(came, heard_at_seconds=5.75)
    assert (stages.first_clause, stages.first_heard) == (0.25, 0.75)
    assert Stages.of(came, heard_at_seconds=5.25).first_heard == 0.5, "nothing is heard before it comes"


@each_mode
async def test_an_empty_recording_is_told(mode: str) -> None:
    async with talking(mode) as client:
        with pytest.raises(Failed, match="empty"):
            await all_of(client.ask_spoken(Spoken("pcm16/16000", nothing(), is_live=True)))
        assert text_of(await all_of(client.ask("And?"))) == ANSWER


async def nothing() -> AsyncIterator[bytes]:
    for _ in ():
        yield b""


# ── The command ───────────────────────────────────────────────────────────────────────────────


@dataclass
class Done:
    code: int | None
    out: str
    err: str


def _environment(**more: str) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("VOICECHAT_", "OPENAI_"))}
    return {**clean, **more}


async def talk(*arguments: str, lines: str = "", **environment: str) -> Done:
    """Run `voicechat talk` as a process of its own, to which *lines* are piped."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voicechat", "talk", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(**environment),
    )
    async with asyncio.timeout(120):
        out, err = await process.communicate(lines.encode())
    return Done(process.returncode, out.decode(), err.decode())


def identified(file: Path) -> Recording:
    data = file.read_bytes()
    return Recording(data, identify(data))


both_modes = pytest.mark.parametrize("mode", ["v1", "v2"])


@both_modes
async def test_a_question_is_answered_on_stdout_and_all_else_stands_on_stderr(mode: str) -> None:
    async with serving(engines(), PAGES, knowledge_on="true") as server:
        done = await talk("--mode", mode, "--url", server.url, "--say", "When?", "--timings")
    assert (done.code, done.out) == (0, ANSWER + "\n")
    source, timings, chat = done.err.splitlines()
    assert source == f"Source: Hours, {server.url}/hours"
    assert re.fullmatch(
        r"After the question: sent \d\.\d\d s, first text .* s, "
        + (r"first clause .* s, " if mode == "v2" else "")
        + r"whole text .* s, first sound .* s, whole sound .* s; \d+ bytes up, [\d,]+ bytes down",
        timings,
    )
    assert re.fullmatch(r"Go on with: --chat c_\S+", chat)


@both_modes
async def test_a_recording_is_answered_and_shown_as_it_was_heard(mode: str) -> None:
    async with serving() as server:
        recording = str(SPEECH / "saturday.flac")
        done = await talk("--mode", mode, "--url", server.url, "--audio", recording)
    assert (done.code, done.out) == (0, ANSWER + "\n")
    assert done.err.splitlines()[0] == "You said: when are you open"


@both_modes
@pytest.mark.parametrize("container", ["wav", "mp3"])
async def test_the_spoken_answer_is_saved(mode: str, container: Container, tmp_path: Path) -> None:
    scripted = {"stt_engine": "none", "chat_engine": "scripted", "tts_engine": "scripted"}
    scripted |= {"chat_model": "first_ms=0 gap_ms=0 tokens=30", "tts_model": "first_ms=0 factor=0"}
    file = tmp_path / f"answer.{container}"
    async with serving(as_configured=True, **scripted) as server:
        done = await talk("--mode", mode, "--url", server.url, "--say", "When?", "--save", str(file))
    assert done.code == 0, done.err
    assert identified(file).container == container
    sound = decode(identified(file), rate=24_000, max_seconds=60)
    # The engine speaks 60 ms for each character; what stands between sentences may not count.
    assert len(sound) / 48_000 == pytest.approx(0.060 * len(done.out), abs=0.5)
    assert np.abs(np.frombuffer(sound, "<i2")).max() > 1_000


async def test_the_embedded_engines_hear_a_recording_answer_and_speak_in_both_modes(tmp_path: Path) -> None:
    recording, file = str(SPEECH / "sunday.flac"), tmp_path / "answer.wav"
    async with serving(as_configured=True, knowledge_on="true") as server:
        for mode in ("v1", "v2"):
            done = await talk(
                *("--mode", mode, "--url", server.url, "--audio", recording, "--save", str(file))
            )
            assert (done.code, "Sunday" in done.out) == (0, True), done
            assert re.match(r"You said: .*Sunday", done.err)
            sound = np.frombuffer(decode(identified(file), rate=24_000, max_seconds=60), "<i2")
            assert len(sound) > 24_000 and np.abs(sound).max() > 8_000
            file.unlink()


async def test_nothing_is_spoken_that_nobody_wants_to_hear() -> None:
    voice = Voice()
    async with serving(engines(voice=voice)) as server:
        assert (await talk("--url", server.url, "--say", "When?")).code == 0
    assert voice.texts == []


async def test_a_chat_goes_on_under_its_id() -> None:
    brain = Brain()
    async with serving(engines(brain=brain)) as server:
        first = await talk("--url", server.url, "--say", "One?", "--mode", "v1")
        chat = first.err.split()[-1]
        await talk("--url", server.url, "--say", "Two?", "--mode", "v2", "--chat", chat)
    assert [message.text for message in brain.prompts[1].history] == ["One?", ANSWER, "Two?"]


async def test_without_a_mode_the_one_is_taken_that_the_server_has() -> None:
    async with serving(mode="v1") as server:
        assert (await talk("--url", server.url, "--say", "When?")).out == ANSWER + "\n"


async def test_what_would_move_the_cursor_is_left_out_of_an_answer() -> None:
    async with serving(engines(brain=Brain("\x1b]0;mine\x07Hi\x1b[2J ", "there\r\n", "you\x9b1m"))) as server:
        done = await talk("--url", server.url, "--say", "Hello?")
    assert done.out == "]0;mineHi[2J there\nyou1m\n"


@both_modes
async def test_lines_from_a_pipe_are_asked_one_after_the_other(mode: str) -> None:
    brain = Brain()
    async with serving(engines(brain=brain)) as server:
        done = await talk("--mode", mode, "--url", server.url, lines="One?\n\n  \nTwo?\r\nThree?")
    assert (done.code, done.out) == (0, f"{ANSWER}\n" * 3)
    assert [m.text for m in brain.prompts[2].history if m.role == "user"] == ["One?", "Two?", "Three?"]
    assert re.fullmatch(r"Go on with: --chat c_\S+\n", done.err)


@both_modes
async def test_a_line_that_fails_does_not_end_the_chat_and_is_told_by_its_code(mode: str) -> None:
    async with serving(limits_text_chars="5") as server:
        done = await talk("--mode", mode, "--url", server.url, lines="Far too long\nTwo?\n")
    assert (done.code, done.out) == (1, ANSWER + "\n")
    assert done.err.startswith("voicechat: ") and "5 characters" in done.err.splitlines()[0]


async def test_a_reader_that_goes_away_ends_it_without_a_trace() -> None:
    async with serving(engines(brain=Counting("One ", "two."))) as server:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voicechat", "talk", "--url", server.url),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(),
        )
        assert process.stdin and process.stdout and process.stderr
        process.stdout._transport.close()  # type: ignore[attr-defined]
        process.stdin.write(b"One?\nTwo?\n")
        async with asyncio.timeout(120):
            assert re.fullmatch(rb"Go on with: .*\n", await process.stderr.read())
            assert await process.wait() == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--url", "http://127.0.0.1:{port}", "--say", "Hi"], "Nobody answers at http://127.0.0.1:"),
        (["--url", "{v1}", "--mode", "v2", "--say", "Hi"], "answers in mode v1 only: use --mode v1"),
        (["--url", "{v2}", "--mode", "v1", "--say", "Hi"], "answers in mode v2 only: use --mode v2"),
        (["--url", "{v2}", "--say", "Hi", "--save", "{folder}/a.wav"], "there is no sound"),
        (["--url", "{v1}", "--say", "Hi", "--save", "{folder}/a.mp3"], "there is no sound"),
        (["--url", "{v1}", "--say", "Hi", "--chat", "c_none.AAAA"], "chat"),
        (["--url", "{v2}", "--say", "Hi, who is there?"], "9 characters"),
        (["--url", "{v1}", "--audio", "{speech}"], "cannot listen"),
        (["--url", "{v2}", "--audio", "{speech}"], "cannot listen"),
        (["--url", "{v1}", "--say", "Count!", "--timeout", "0.3"], "Nothing came from the server for 0.3"),
    ],
)
async def test_what_fails_is_one_line_and_exit_code_1(
    arguments: list[str], words: str, tmp_path: Path, unused_tcp_port: int
) -> None:
    def mute() -> Engines:
        return engines(brain=Stuck("One ", "two."), deaf=True, mute=True)

    async with serving(mute(), mode="v1") as v1, serving(mute(), mode="v2", limits_text_chars="9") as v2:
        places = {"port": unused_tcp_port, "v1": v1.url, "v2": v2.url, "folder": tmp_path}
        places["speech"] = SPEECH / "saturday.flac"
        done = await talk(*(argument.format(**places) for argument in arguments))
    [line] = [line for line in done.err.splitlines() if not line.startswith("Go on with")]
    assert done.code == 1 and line.startswith("voicechat: ") and words in line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--url", "localhost:8080"], "--url"),
        (["--say", " "], "--say: the question is empty"),
        (["--audio", "nowhere.wav"], "nowhere.wav can't be read: No such file"),
        (["--audio", __file__], "no sound format"),
        (["--save", "a.wav"], "--say or --audio"),
        (["--say", "Hi", "--save", "a.ogg"], "neither in .wav nor in .mp3"),
        (["--say", "Hi", "--save", "no/such/a.wav"], "there is no folder no/such"),
        (["--language", "English, please"], "--language"),
        (["--timeout", "0"], "--timeout"),
    ],
)
def test_an_option_that_makes_no_sense_is_one_line_and_exit_code_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["talk", *arguments]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("voicechat: ") and words in line


@pytest.mark.parametrize("arguments", [["--mode", "v3"], ["--say", "Hi", "--audio", "x"], ["--loud"]])
def test_an_option_that_is_none_is_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["talk", *arguments])
    assert caught.value.code == 2 and "usage: voicechat" in capsys.readouterr().err


# ── In a terminal ─────────────────────────────────────────────────────────────────────────────

CTRL_C, CTRL_D = "\x03", "\x04"


class Tty:
    """A terminal with the command in it."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._seen = ""
        self._more = asyncio.Event()
        self.process: asyncio.subprocess.Process
        asyncio.get_running_loop().add_reader(master, self._read)

    def _read(self) -> None:
        try:
            self._seen += os.read(self._master, 65_536).decode()
        except OSError:  # the last one who had it open has left
            asyncio.get_running_loop().remove_reader(self._master)
        self._more.set()

    async def until(self, words: str) -> str:
        """Return what was written up to and with *words*, and forget it."""
        async with asyncio.timeout(30):
            while words not in self._seen:
                self._more.clear()
                await self._more.wait()
        before, _, self._seen = self._seen.partition(words)
        return before + words

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    async def code(self) -> int:
        async with asyncio.timeout(30):
            return await self.process.wait()


@asynccontextmanager
async def in_terminal(*arguments: str, **environment: str) -> AsyncIterator[Tty]:
    master, slave = os.openpty()
    tty = Tty(master)
    tty.process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voicechat", "talk", *arguments),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=_environment(**environment),
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C reaches it
    )
    os.close(slave)
    try:
        yield tty
    finally:
        if tty.process.returncode is None:
            tty.process.kill()
            await tty.process.wait()
        asyncio.get_running_loop().remove_reader(master)
        os.close(master)


@both_modes
async def test_in_a_terminal_one_asks_is_answered_and_leaves_with_ctrl_d(mode: str) -> None:
    async with serving() as server, in_terminal("--mode", mode, "--url", server.url) as tty:
        greeting = await tty.until("> ")
        assert f"in mode {mode}" in greeting and "Ctrl-D ends" in greeting
        tty.type("When?\n")
        assert ANSWER in await tty.until("> ")
        tty.type(CTRL_D)
        assert "--chat c_" in await tty.until("\x1b[0m")
        assert await tty.code() == 0


@both_modes
async def test_ctrl_c_stops_an_answer_and_at_the_prompt_the_chat(mode: str) -> None:
    brain = Counting("One ", "two.")
    async with serving(engines(brain=brain)) as server:
        async with in_terminal("--mode", mode, "--url", server.url) as tty:
            await tty.until("> ")
            tty.type("Count!\n")
            await tty.until("One ")
            tty.type(CTRL_C)
            assert "Stopped." in await tty.until("> ")
            async with asyncio.timeout(10):
                await brain.closed.wait()
            tty.type("And?\n")
            assert "One two." in await tty.until("> ")
            tty.type(CTRL_C)
            assert "--chat c_" in await tty.until("\x1b[0m")
            assert await tty.code() == 0
    assert [message.text for message in brain.prompts[1].history][:2] == ["Count!", "One "]


@pytest.mark.parametrize("arguments", [[], ["--say", "Count!"]], ids=["chat", "question"])
async def test_a_second_ctrl_c_ends_the_program_though_the_server_says_nothing(arguments: list[str]) -> None:
    brain = Counting("One ", "two.")
    async with serving(engines(brain=brain)) as server, relayed(server.url) as relay:
        async with in_terminal("--mode", "v2", "--url", relay.url, *arguments) as tty:
            if not arguments:
                await tty.until("> ")
                tty.type("Count!\n")
            await tty.until("One ")
            relay.stall()
            tty.type(CTRL_C)
            async with asyncio.timeout(30):
                await relay.holds.wait()  # CANCEL, which the server will never see
            tty.type(CTRL_C)
            assert await tty.code() == bool(arguments)


async def test_ctrl_c_stops_a_question_which_is_then_not_answered() -> None:
    async with serving(engines(brain=Counting("One ", "two."))) as server:
        async with in_terminal("--url", server.url, "--say", "Count!") as tty:
            await tty.until("One ")
            tty.type(CTRL_C)
            assert "Stopped." in await tty.until("--chat")
            assert await tty.code() == 1


SOUND_DEVICES = '''
"""In place of sounddevice: a microphone that hears a file, and a loudspeaker that fills one."""

import os, sys, threading, time

class PortAudioError(Exception): pass

def check_input_settings(**settings): pass
def check_output_settings(**settings): pass

class _Stream:
    latency = 0.01
    def __init__(self, callback, **settings):
        self.callback, self.settings, self.is_open = callback, settings, True
        self.thread = threading.Thread(target=self.run, daemon=True)
    def start(self): self.thread.start()
    def close(self):
        self.is_open = False
        self.thread.join()
    def __enter__(self):
        self.start()
        return self
    def __exit__(self, *_): self.close()

class RawInputStream(_Stream):
    def run(self):
        assert self.settings == dict(samplerate=16000, channels=1, dtype="int16", blocksize=1600)
        sound = open(os.environ["MICROPHONE"], "rb")
        for number in range(1_000_000):
            if not self.is_open:
                break
            self.callback(sound.read(3200).ljust(3200, bytes(1)), 1600, None, None)
            if number == 3:
                print("(heard)", file=sys.stderr, flush=True)
            time.sleep(0.1 / 50)  # no wait for anything: the pace of a device

class RawOutputStream(_Stream):
    def run(self):
        assert self.settings == dict(samplerate=24000, channels=1, dtype="int16")
        with open(os.environ["LOUDSPEAKER"], "ab") as sound:
            while self.is_open:
                out = bytearray(480)
                self.callback(out, 240, None, None)
                sound.write(out)
                time.sleep(0.01 / 50)  # likewise
'''
"""It runs fifty times as fast as time does."""


class Singing(Voice):
    """Speaks a tone, which an MP3 keeps."""

    async def speak(self, text: str, manner: Manner) -> AsyncGenerator[bytes, None]:
        samples = np.arange(24 * self.ms_per_char * len(text))
        yield (8_000 * np.sin(samples / 10)).astype("<i2").tobytes()


@both_modes
async def test_with_a_microphone_enter_begins_and_ends_a_question_and_the_answer_sounds(
    mode: str, tmp_path: Path
) -> None:
    (tmp_path / "sounddevice.py").write_text(SOUND_DEVICES)
    (tmp_path / "microphone").write_bytes(pcm("saturday.flac"))
    devices = {"MICROPHONE": str(tmp_path / "microphone"), "LOUDSPEAKER": str(tmp_path / "loudspeaker")}
    ears = Ears()
    async with serving(engines(ears, voice=Singing(ms_per_char=400)), limits_lead_ms="1000") as server:
        async with in_terminal(
            *("--timings", "--mode", mode, "--url", server.url), PYTHONPATH=str(tmp_path), **devices
        ) as tty:
            assert "starts the microphone" in await tty.until("> ")
            tty.type("\n")
            await tty.until("Recording, for 120 seconds at most.")
            await tty.until("(heard)")
            tty.type("\n")
            assert "You said: when are you open" in await tty.until("you open")
            told = await tty.until("> ")
            assert ANSWER in told and "first heard" in told
            tty.type(CTRL_D)
            assert await tty.code() == 0
    heard = decode(ears.recordings[0], rate=16_000, max_seconds=3600)
    assert heard.startswith(pcm("saturday.flac")[:3200]) and len(heard) % 3200 == 0
    # All twelve seconds have sounded before the next question could be asked.
    sounded = np.frombuffer((tmp_path / "loudspeaker").read_bytes(), "<i2")
    assert (np.abs(sounded) > 1_000).sum() / 24_000 > 10


async def test_a_recording_ends_where_the_server_takes_no_more(tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text(SOUND_DEVICES)
    (tmp_path / "microphone").write_bytes(pcm("saturday.flac"))
    devices = {"MICROPHONE": str(tmp_path / "microphone"), "LOUDSPEAKER": str(tmp_path / "loudspeaker")}
    ears = Ears()
    async with serving(engines(ears), limits_recording_seconds="1.2") as server:
        async with in_terminal("--url", server.url, PYTHONPATH=str(tmp_path), **devices) as tty:
            await tty.until("> ")
            tty.type("\n")
            assert ANSWER in await tty.until("> ")
    assert len(decode(ears.recordings[0], rate=16_000, max_seconds=60)) == 1.2 * 32_000


@both_modes
async def test_ctrl_c_while_recording_throws_the_recording_away(mode: str, tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text(SOUND_DEVICES)
    (tmp_path / "microphone").write_bytes(pcm("saturday.flac"))
    devices = {"MICROPHONE": str(tmp_path / "microphone"), "LOUDSPEAKER": str(tmp_path / "loudspeaker")}
    ears = Ears()
    async with serving(engines(ears)) as server:
        async with in_terminal(
            "--mode", mode, "--url", server.url, PYTHONPATH=str(tmp_path), **devices
        ) as tty:
            await tty.until("> ")
            tty.type("\n")
            await tty.until("Recording, for 120 seconds at most.")
            tty.type(CTRL_C)
            assert "Stopped." in await tty.until("> ")
            tty.type("When?\n")
            assert ANSWER in await tty.until("> ")
    assert ears.recordings == []


async def test_a_microphone_that_is_missing_is_told_with_what_brings_it(tmp_path: Path) -> None:
    broken = SOUND_DEVICES.replace(
        "def check_input_settings(**settings): pass",
        "def check_input_settings(**settings): raise PortAudioError('Error querying device -1')",
    )
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "sounddevice.py").write_text(broken)
    async with serving() as server:
        for folder, words in ((tmp_path, "libportaudio2"), (tmp_path / "half", "No microphone: Error")):
            async with in_terminal("--url", server.url, PYTHONPATH=str(folder)) as tty:
                assert words in await tty.until("> ")
