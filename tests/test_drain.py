"""A server that is asked to stop: what runs comes to its end, and nobody sees more than a pause."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from socket import SO_RCVBUF, SOL_SOCKET, create_connection, create_server
from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from voicechat import dialogue as d
from voicechat.app import drain

from .conftest import Client, Server
from .processes import failing, running, serving
from .scripted_openai import END, Gate, ScriptedOpenAi, Stall, Stream, answer, scripted_openai, tokens


@asynccontextmanager
async def socket(http: ClientSession, url: str) -> AsyncIterator[Client]:
    async with http.ws_connect(url + "/ws", max_msg_size=0) as one:
        yield Client(one)


async def asked(client: Client, text: str, turn: int = 1) -> list[Any]:
    """Ask, and return what came up to the first text."""
    await client.send(d.AskText(text), turn)
    return await client.until(d.AnswerText)


async def status(http: ClientSession, url: str) -> int:
    async with http.get(url + "/readyz") as response:
        return response.status


async def until_it_drains(http: ClientSession, url: str) -> None:
    async with asyncio.timeout(10):
        while await status(http, url) == 200:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.01)


async def test_an_answer_that_runs_is_finished_before_the_server_stops(tmp_path: Path) -> None:
    async with scripted_openai() as provider, ClientSession() as http, AsyncExitStack() as house:
        gate = Gate()
        provider.next("chat", Stream([*tokens("From nine"), gate, *tokens(" to six."), *END]))
        process, url = await house.enter_async_context(
            running(tmp_path, VOICECHAT_CHAT_BASE_URL=provider.url)
        )
        async with socket(http, url) as asker, socket(http, url) as idle:
            await idle.hello(tab="tab-2")
            await asker.hello()
            await asked(asker, "When?")
            assert await status(http, url) == 200
            process.send_signal(signal.SIGTERM)
            [goodbye] = await idle.until(d.GoAway)
            assert await status(http, url) == 503
            with pytest.raises(WSServerHandshakeError) as refused:
                await http.ws_connect(url + "/ws")
            async with http.post(url + "/api/message", json={"id": "me", "message": "When?"}) as late:
                assert (late.status, late.headers["Retry-After"]) == (503, "2")
            gate.open()
            rest = await asker.until(d.GoAway)
            assert await asker.close_code() == 1012 == await idle.close_code()
        assert await process.wait() == 0
    assert 0 < goodbye.seconds <= 6 and goodbye.reason == "restart"
    assert refused.value.status == 503
    assert [type(one) for one in rest[-2:]] == [d.End, d.GoAway]
    assert rest[-2].flags == d.EndFlag.COMPLETE


async def test_with_nothing_running_it_stops_at_once(tmp_path: Path) -> None:
    async with ClientSession() as http, AsyncExitStack() as house:
        process, url = await house.enter_async_context(
            running(tmp_path, VOICECHAT_LIMITS_DRAIN_SECONDS="3600")
        )
        async with socket(http, url) as client:
            await client.hello()
            process.send_signal(signal.SIGTERM)
            assert await client.close_code() == 1012
        async with asyncio.timeout(10):
            assert await process.wait() == 0


async def test_a_second_signal_waits_for_nothing(tmp_path: Path) -> None:
    async with scripted_openai() as provider, ClientSession() as http, AsyncExitStack() as house:
        provider.next("chat", Stream([*tokens("From nine. To"), Stall()]))
        process, url = await house.enter_async_context(
            running(tmp_path, VOICECHAT_CHAT_BASE_URL=provider.url, VOICECHAT_LIMITS_DRAIN_SECONDS="3600")
        )
        async with socket(http, url) as client:
            chat = (await client.hello())["chat"]
            await asked(client, "When?")
            process.send_signal(signal.SIGTERM)
            await until_it_drains(http, url)
            process.send_signal(signal.SIGTERM)
            assert await client.close_code() == 1012
        assert await process.wait() == 0
        async with serving(tmp_path) as (_, url), socket(http, url) as client:
            resume = [{"turn": 1, "text": 13, "audio": 0}]
            [_, told] = (await client.hello(chat=chat, resume=resume))["history"]["messages"]
            assert await client.until(d.End) == [d.Cut(13), d.End(13, 0, d.EndFlag.FAILED)]
    assert (told["status"], told["text"]) == ("interrupted", "From nine. To")


async def test_a_question_that_no_time_was_left_for_is_answered_by_the_next_server(tmp_path: Path) -> None:
    async with scripted_openai() as provider, ClientSession() as http, AsyncExitStack() as house:
        provider.next("chat", Stream([Stall()]))
        settings = {"VOICECHAT_CHAT_BASE_URL": provider.url, "VOICECHAT_LIMITS_DRAIN_SECONDS": "0"}
        process, url = await house.enter_async_context(running(tmp_path, **settings))
        async with socket(http, url) as client:
            chat = (await client.hello())["chat"]
            await client.send(d.AskText("When?"), 1)
            await client.send(d.AskText("Where?"), 2)
            await client.until(d.Accepted, count=2)
            await provider.request(0, "chat")
            process.send_signal(signal.SIGTERM)
            assert await client.close_code() == 1012
        assert await process.wait() == 0
        provider.next("chat", answer("From nine."))
        provider.next("chat", answer("Here."))
        async with serving(tmp_path, **settings) as (_, url), socket(http, url) as client:
            welcome = await client.hello(chat=chat, resume=[{"turn": 1, "text": 0, "audio": 0}])
            heard = await client.until(d.End, count=2)
    assert [one["turn"] for one in welcome["running"]] == [1, 2]
    assert "".join(one.text for one in heard if isinstance(one, d.AnswerText)) == "From nine.Here."
    assert len(provider.of("chat")) == 3


async def test_an_http_request_that_is_cut_says_when_to_ask_again_and_the_same_key_finds_its_answer(
    tmp_path: Path,
) -> None:
    async with scripted_openai() as provider, ClientSession() as http, AsyncExitStack() as house:
        provider.next("chat", Stream([Stall()]))
        settings = {"VOICECHAT_CHAT_BASE_URL": provider.url, "VOICECHAT_LIMITS_DRAIN_SECONDS": "0"}
        process, url = await house.enter_async_context(running(tmp_path, **settings))
        headers, question = {"Idempotency-Key": "tab:1"}, {"id": "me", "message": "When?"}
        asking = asyncio.create_task(http.post(url + "/api/message", json=question, headers=headers))
        await provider.request(0, "chat")
        process.send_signal(signal.SIGTERM)
        async with await asking as cut:
            assert (cut.status, cut.headers["Retry-After"]) == (503, "2")
        assert await process.wait() == 0
        async with serving(tmp_path, **settings) as (_, url):
            async with http.post(url + "/api/message", json=question, headers=headers) as response:
                assert response.status == 200


@asynccontextmanager
async def leaving(
    folder: Path, provider: ScriptedOpenAi, **settings: str
) -> AsyncIterator[tuple[Process, str, Client, Client, Gate]]:
    """Yield a server that waits for one answer, and who asked that; the gate lets it come to its end."""
    gate = Gate()
    provider.next("chat", Stream([*tokens("From nine"), gate, *tokens(" to six."), *END]))
    environment = {"VOICECHAT_CHAT_BASE_URL": provider.url, "VOICECHAT_LIMITS_DRAIN_SECONDS": "3600"}
    async with (
        running(folder, **environment, **settings) as (process, url),
        ClientSession() as http,
        socket(http, url) as client,
        socket(http, url) as basic,
    ):
        await basic.send(d.SetClientId("me"))
        await basic.until(d.Ok)
        chat = (await client.hello())["chat"]
        await asked(client, "When?")
        process.send_signal(signal.SIGTERM)
        await until_it_drains(http, url)
        yield process, chat, basic, client, gate


async def test_a_question_that_comes_while_it_stops_is_kept_and_answered_by_the_next_server(
    tmp_path: Path,
) -> None:
    async with scripted_openai() as provider:
        async with leaving(tmp_path, provider) as (process, chat, _, client, gate):
            await client.send(d.AskText("Where?"), 2)
            heard = await client.until(d.State)
            assert heard == [d.Accepted(3), d.State(d.Phase.QUEUED)]
            gate.open()
            rest = await client.until(d.GoAway)
            assert await client.close_code() == 1012
            assert await process.wait() == 0
        assert [one.flags for one in rest if isinstance(one, d.End)] == [d.EndFlag.COMPLETE]
        assert len(provider.of("chat")) == 1
        provider.next("chat", answer("Here."))
        async with (
            serving(tmp_path, VOICECHAT_CHAT_BASE_URL=provider.url) as (_, url),
            ClientSession() as http,
            socket(http, url) as client,
        ):
            resume = [{"turn": 2, "text": 0, "audio": 0}]
            welcome = await client.hello(chat=chat, have=2, resume=resume)
            assert [(one["turn"], one["n"]) for one in welcome["running"]] == [(2, 3)]
            heard = await client.until(d.End)
            await client.send(d.AskText("Where?"), 2)
            await client.until(d.End)
    assert "".join(one.text for one in heard if isinstance(one, d.AnswerText)) == "Here."
    assert len(provider.of("chat")) == 2


async def test_a_spoken_question_that_comes_while_it_stops_is_heard_by_the_next_server(
    tmp_path: Path,
) -> None:
    async with scripted_openai() as provider:
        settings = {"VOICECHAT_STT_ENGINE": "openai", "VOICECHAT_STT_BASE_URL": provider.url}
        async with leaving(tmp_path, provider, **settings) as (process, chat, _, client, gate):
            await speak(client, 2)
            [accepted] = [one for one in await client.until(d.Accepted) if isinstance(one, d.Accepted)]
            gate.open()
            assert await process.wait() == 0
        assert provider.of("stt") == []
        settings |= {"VOICECHAT_CHAT_BASE_URL": provider.url}
        async with (
            serving(tmp_path, **settings) as (_, url),
            ClientSession() as http,
            socket(http, url) as client,
        ):
            welcome = await client.hello(chat=chat, have=2, resume=[{"turn": 2, "text": 0, "audio": 0}])
            assert [(one["turn"], one["n"]) for one in welcome["running"]] == [(2, accepted.n)]
            heard = await client.until(d.End)
    assert heard[-1].flags == d.EndFlag.COMPLETE
    assert (len(provider.of("stt")), len(provider.of("chat"))) == (1, 2)


async def test_a_basic_client_that_asks_while_it_stops_is_told_to_come_again(tmp_path: Path) -> None:
    async with scripted_openai() as provider:
        async with leaving(tmp_path, provider) as (process, _, basic, _, gate):
            await basic.send(d.UserTextMessage("Where?"))
            [refused] = await basic.until(d.Error)
            gate.open()
            assert await process.wait() == 0
        assert "start again" in refused.text and len(provider.of("chat")) == 1


async def test_what_would_be_gone_with_the_process_is_answered_while_it_stops(tmp_path: Path) -> None:
    async with scripted_openai() as provider:
        async with leaving(tmp_path, provider, VOICECHAT_STORE="memory") as (process, _, _, client, gate):
            await client.send(d.AskText("Where?"), 2)
            await client.until(d.Accepted)
            gate.open()
            heard = await client.until(d.End, count=2)
            assert await process.wait() == 0
    assert [one.flags for one in heard if isinstance(one, d.End)] == [d.EndFlag.COMPLETE] * 2


async def test_nothing_is_accepted_any_more_once_nothing_is_waited_for(server: Server) -> None:
    async with socket(server.http, server.url) as client, socket(server.http, server.url) as other:
        await client.hello()
        await other.hello(tab="tab-2")
        await client.send(d.AskText("When?"), 1)
        await client.until(d.End)
        await drain(server.app)
        await client.send(d.AskText("Where?"), 2)
        with pytest.raises(AssertionError, match="1012"):
            await client.until(d.Accepted)
        assert await other.close_code() == 1012


async def speak(client: Client, turn: int) -> None:
    sound = bytes(32_000)  # a second
    await client.send(d.AskAudio(0, 0, sound), turn)
    await client.send(d.AskAudioEnd(len(sound)), turn)


LONG = 80 * ("From nine to six. " * 5_000,)
"""The tokens of an answer of 7 MB: more than a server's end of a socket takes."""


@asynccontextmanager
async def asking(url: str, chat: object, **headers: str) -> AsyncIterator[asyncio.StreamReader]:
    """Ask over HTTP, and take nothing of the answer but what the test reads."""
    body = json.dumps({"id": chat, "message": "When?"})
    fields = {"Host": "localhost", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    taking = create_connection(("localhost", int(url.rpartition(":")[2])))
    taking.setsockopt(SOL_SOCKET, SO_RCVBUF, 65_536)
    reader, writer = await asyncio.open_connection(sock=taking)
    writer.write(f"POST /api/message HTTP/1.1\r\n{head}\r\n{body}".encode())
    try:
        yield reader
    finally:
        writer.close()


@asynccontextmanager
async def answered_at_length(
    tmp_path: Path, drain_seconds: int, **headers: str
) -> AsyncIterator[tuple[Process, str, Client, asyncio.StreamReader]]:
    """Serve, with an answer that is complete and was not taken yet, and a client of v2 beside it."""
    async with scripted_openai() as provider, ClientSession() as http, AsyncExitStack() as house:
        provider.next("chat", Stream([*tokens(*LONG), *END]))
        settings = {
            "VOICECHAT_CHAT_BASE_URL": provider.url,
            "VOICECHAT_LIMITS_DRAIN_SECONDS": str(drain_seconds),
        }
        process, url = await house.enter_async_context(running(tmp_path, **settings))
        client = await house.enter_async_context(socket(http, url))
        chat = (await client.hello())["chat"]
        reader = await house.enter_async_context(asking(url, chat, **headers))
        await client.until(d.End)
        yield process, url, client, reader


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_who_takes_nothing_of_an_answer_does_not_hold_it_past_its_time(
    tmp_path: Path, accept: str
) -> None:
    async with answered_at_length(tmp_path, 0, Accept=accept) as (process, *_):
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(3):
            assert await process.wait() == 0


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_an_answer_that_is_being_taken_is_taken_to_its_end(tmp_path: Path, accept: str) -> None:
    async with (
        answered_at_length(tmp_path, 3600, Accept=accept) as (process, url, client, reader),
        ClientSession() as http,
    ):
        taken = await reader.readexactly(1_000_000)
        process.send_signal(signal.SIGTERM)
        await client.until(d.GoAway)
        assert await status(http, url) == 503
        taken += await reader.read()
        assert await client.close_code() == 1012
        assert await process.wait() == 0
    assert taken.count(b"From nine to six. ") == 80 * 5_000


def voice_that_never_loads(folder: Path) -> dict[str, str]:
    """Return the settings of a voice whose loading waits, in a thread, for a pipe that nobody writes to."""
    os.mkfifo(folder / "voice.onnx.json")
    return {"VOICECHAT_TTS_ENGINE": "piper", "VOICECHAT_TTS_MODEL": str(folder / "voice.onnx")}


@pytest.mark.parametrize("asked_by", [signal.SIGINT, signal.SIGTERM])
async def test_while_a_model_loads_it_stops_at_once_and_keeps_what_was_said(
    tmp_path: Path, asked_by: signal.Signals
) -> None:
    settings = voice_that_never_loads(tmp_path)
    async with ClientSession() as http, running(tmp_path, **settings) as (process, url):
        question = {"id": "me", "message": "When?", "speech": False}
        async with http.post(url + "/api/message", json=question) as response:
            assert response.status == 200
        with await asyncio.to_thread(open, tmp_path / "voice.onnx.json", "w"):
            process.send_signal(asked_by)
            async with asyncio.timeout(10):
                assert await process.wait() == 0
    # The last connection of a database that is closed takes its log away.
    assert (tmp_path / "voicechat.db").exists() and not (tmp_path / "voicechat.db-wal").exists()


async def test_where_it_cannot_listen_it_waits_for_no_model(tmp_path: Path) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = await failing(tmp_path, "serve", "--port", port, **voice_that_never_loads(tmp_path))
    assert "is taken" in line
