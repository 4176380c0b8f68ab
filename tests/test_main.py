"""The command line, as processes of its own."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from voicechat.__main__ import banner
from voicechat.config import load
from voicechat.engines import EngineInfo

from . import offline
from .processes import address, failing, serving, started
from .scripted_openai import ANSWER, Stall, Stream, scripted_openai, tokens
from .speech import HERE as SPEECH


async def test_serving_says_where_and_who_does_what(tmp_path: Path) -> None:
    async with serving(tmp_path) as (text, url):
        async with ClientSession() as http, http.get(url + "/api/config") as response:
            facts = await response.json()
    assert "modes v1 and v2" in text and "site" in text and "VOICECHAT_STT_ENGINE" in text
    assert facts["modes"] == ["v1", "v2"] and not facts["hearing"]


async def test_a_request_that_is_no_http_is_logged_without_its_words(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, url):
        reader, writer = await asyncio.open_connection("localhost", int(url.rpartition(":")[2]))
        writer.write(b"GET / HTTP/1.1\r\nAuthorization : Bearer open-sesame\r\n\r\n")
        assert b" 400 " in await reader.readline()
        writer.close()
    log = (tmp_path / "log").read_text()
    assert "aiohttp.server" in log and "open-sesame" not in log


async def test_a_mode_can_be_pinned(tmp_path: Path) -> None:
    async with serving(tmp_path, "--mode", "v1") as (text, url):
        async with ClientSession() as http, http.get(url + "/api/config") as response:
            assert (await response.json())["modes"] == ["v1"]
    assert "mode v1" in text


async def test_settings_come_from_a_file_and_from_dotenv(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('welcome = "From the file"\nwriting_effect = true\n')
    (tmp_path / ".env").write_text("VOICECHAT_WRITING_EFFECT=false\nUNRELATED=1\n")
    async with serving(tmp_path, "--config", "settings.toml") as (_, url):
        async with ClientSession() as http, http.get(url + "/api/config") as response:
            facts = await response.json()
    assert (facts["welcome"]["text"], facts["writing_effect"]) == ("From the file", False)


async def test_a_client_without_a_key_that_goes_away_closes_the_request_to_the_provider(
    tmp_path: Path,
) -> None:
    async with scripted_openai() as provider:
        provider.next("chat", Stream([*tokens("Well, "), Stall()]))
        async with serving(tmp_path, VOICECHAT_CHAT_BASE_URL=provider.url) as (_, url):
            async with ClientSession() as http:
                question = {"id": "me", "message": "When?"}
                asking = asyncio.create_task(http.post(url + "/api/message", json=question))
                asked = await provider.request(0, "chat")
                asking.cancel()
                async with asyncio.timeout(5):
                    await asked.cut.wait()


async def post(http: ClientSession, url: str, content: dict[str, object], key: str = "") -> dict[str, object]:
    headers = {"Idempotency-Key": key} if key else {}
    async with http.post(url, json=content, headers=headers) as response:
        assert response.status == 200
        reply: dict[str, object] = await response.json()
        return reply


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_the_next_server_in_the_folder_has_the_chats_of_the_one_before(
    tmp_path: Path, end: signal.Signals
) -> None:
    async with ClientSession() as http:
        process, text = await started(tmp_path)
        url = address(text)
        chat = (await post(http, url + "/api/chats", {}))["chat"]
        question = {"id": chat, "message": "When are you open?"}
        first = await post(http, url + "/api/message", question, "tab:1")
        process.send_signal(end)
        await process.wait()
        async with serving(tmp_path) as (_, url):
            assert (await post(http, url + "/api/message", question, "tab:1"))["answer"] == first["answer"]
            async with http.get(
                url + "/api/messages", headers={"Authorization": f"Bearer {chat}"}
            ) as history:
                messages = (await history.json())["messages"]
    assert [(one["n"], one["text"]) for one in messages] == [(1, "When are you open?"), (2, first["answer"])]


def stored(folder: Path, n: int) -> str:
    """Return the text of the first chat's message *n*, as it is on the disk now."""
    with closing(sqlite3.connect(folder / "voicechat.db")) as database:
        row = database.execute("SELECT text FROM messages WHERE n = ?", [n]).fetchone()
    return "" if row is None else str(row[0])


async def test_of_an_answer_that_a_crash_cut_off_the_whole_sentences_are_there(tmp_path: Path) -> None:
    async with scripted_openai() as provider, ClientSession() as http:
        provider.next("chat", Stream([*tokens("From nine. To six"), Stall()]))
        process, text = await started(tmp_path, VOICECHAT_CHAT_BASE_URL=provider.url)
        url = address(text)
        chat = (await post(http, url + "/api/chats", {}))["chat"]
        question = {"id": chat, "message": "When?"}
        asking = asyncio.create_task(post(http, url + "/api/message", question))
        async with asyncio.timeout(20):
            while "nine." not in stored(tmp_path, 2):  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.01)
        process.kill()
        await process.wait()
        with pytest.raises(ClientError):
            await asking
        async with serving(tmp_path) as (_, url):
            async with http.get(
                url + "/api/messages", headers={"Authorization": f"Bearer {chat}"}
            ) as history:
                answer = (await history.json())["messages"][1]
    assert answer["status"] == "interrupted"
    assert "From nine. To six".startswith(answer["text"]) and "nine." in answer["text"]


async def test_a_question_that_a_crash_left_without_an_answer_is_answered_when_its_visitor_returns(
    tmp_path: Path,
) -> None:
    async with scripted_openai() as provider, ClientSession() as http:
        provider.next("chat", Stream([Stall()]))
        process, text = await started(tmp_path, VOICECHAT_CHAT_BASE_URL=provider.url)
        url = address(text)
        chat = (await post(http, url + "/api/chats", {}))["chat"]
        question = {"id": chat, "message": "When?"}
        asking = asyncio.create_task(post(http, url + "/api/message", question, "tab:1"))
        await provider.request(0, "chat")
        process.kill()
        await process.wait()
        with pytest.raises(ClientError):
            await asking
        async with serving(tmp_path, VOICECHAT_CHAT_BASE_URL=provider.url) as (_, url):
            reply = await post(http, url + "/api/message", question, "tab:1")
        assert reply["answer"] == "".join(ANSWER)
        assert len(provider.of("chat")) == 2


async def test_two_servers_do_not_share_a_file(tmp_path: Path) -> None:
    async with serving(tmp_path):
        line = await failing(tmp_path, "serve", "--port", "0")
        assert "voicechat.db: Another voicechat uses it." in line
        async with serving(tmp_path, "--mode", "v1"), serving(tmp_path, "--mode", "v2"):
            files = set(os.listdir(tmp_path))
    assert {"voicechat.db", "voicechat-v1.db", "voicechat-v2.db"} <= files


needs_seccomp = pytest.mark.skipif(
    not offline.can_be_offline(), reason="Only Linux, on x86_64 or aarch64, takes the network from a process."
)


@needs_seccomp
async def test_without_any_network_the_embedded_engines_hear_answer_and_speak(tmp_path: Path) -> None:
    embedded = {"VOICECHAT_STT_ENGINE": "", "VOICECHAT_TTS_ENGINE": "", "VOICECHAT_KNOWLEDGE_ON": "true"}
    recording = base64.b64encode((SPEECH / "sunday.flac").read_bytes()).decode()
    async with serving(tmp_path, is_offline=True, **embedded) as (_, url):
        async with ClientSession() as http:
            for question in ({"message": "What time do you close on Sunday?"}, {"audio": recording}):
                async with http.post(url + "/api/message", json={"id": "me", **question}) as response:
                    reply = await response.json()
                assert "Sunday" in reply["answer"] and reply["audio"], reply


@needs_seccomp
@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('127.0.0.1', {port}))",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    ],
)
def test_a_process_without_network_reaches_nothing(attempt: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        attempt = attempt.format(port=listening.getsockname()[1])
        done = subprocess.run(
            [sys.executable, offline.__file__, "-c", f"import socket; {attempt}"],
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1 and "unreachable" in done.stderr


async def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = await failing(tmp_path, "serve", "--port", port)
    assert f"port {port} is taken" in line and "PORT=" in line


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"VOICECHAT_MODE": "v3"}, "VOICECHAT_MODE"),
        ({"VOICECHAT_CHAT_ENGINE": "parrot"}, "VOICECHAT_CHAT_ENGINE"),
        (
            {"VOICECHAT_KNOWLEDGE_ON": "true", "VOICECHAT_KNOWLEDGE_FOLDER": "nowhere"},
            "VOICECHAT_KNOWLEDGE_FOLDER",
        ),
        ({"VOICECHAT_ORIGINS": "shop"}, "VOICECHAT_ORIGINS"),
    ],
)
async def test_a_wrong_setting_is_said_in_one_line(
    tmp_path: Path, environment: dict[str, str], words: str
) -> None:
    assert words in await failing(tmp_path, "serve", "--port", "0", **environment)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"VOICECHAT_WELCOME=Gr\xfc\xdfe\n", "UTF-8"),
        (b"VOICECHAT_CHAT_MODL=x\n", "VOICECHAT_CHAT_MODEL"),
    ],
)
async def test_a_wrong_dotenv_is_said_in_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / ".env").write_bytes(content)
    line = await failing(tmp_path, "serve", "--port", "0")
    assert ".env" in line and words in line


async def test_names_that_others_set_do_not_keep_the_server_from_starting(tmp_path: Path) -> None:
    async with serving(tmp_path, VOICECHAT_PORT_8080_TCP="tcp://10.0.0.1:8080") as (text, _):
        assert "W voicechat.config" in text and "VOICECHAT_PORT_8080_TCP" in text


PAID = [EngineInfo("chat", "openai", "gpt-4o-mini", paid=True, place="https://api.openai.com/v1")]
FREE = [EngineInfo("chat", "site", "the site's own pages", paid=False, place="this machine")]


@pytest.mark.parametrize(
    ("host", "origins", "engines", "warns"),
    [
        ("0.0.0.0", "", PAID, True),
        ("127.0.0.1", "", PAID, False),
        ("0.0.0.0", "https://shop.example", PAID, False),
        ("0.0.0.0", "", FREE, False),
    ],
)
def test_a_public_host_with_a_paid_key_and_no_origins_is_warned_about(
    host: str, origins: str, engines: list[EngineInfo], warns: bool
) -> None:
    config = load(environment={"VOICECHAT_HOST": host, "VOICECHAT_ORIGINS": origins})
    assert ("Careful" in banner(config, 8080, engines)) == warns


def test_the_banner_names_model_place_and_cost() -> None:
    text = banner(load(environment={}), 8080, PAID)
    for word in ("gpt-4o-mini", "https://api.openai.com/v1", "bill", "VOICECHAT_CHAT_ENGINE"):
        assert word in text
    assert "free" in banner(load(environment={}), 8080, FREE)


def test_the_banner_names_who_takes_over_and_what_that_may_cost() -> None:
    successor = PAID[0]
    text = banner(load(environment={"VOICECHAT_HOST": "0.0.0.0"}), 8080, FREE, [successor])
    assert (
        f"{successor.name} ({successor.model}) on {successor.place}, which may send a bill, takes over"
        in text
    )
    assert "Careful" in text


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "chats in voicechat.db, for 30 days after they fall silent"),
        ({"VOICECHAT_MODE": "v1"}, "chats in voicechat-v1.db, for 30 days"),
        ({"VOICECHAT_STORE": "memory"}, "chats in memory, for 5 minutes after"),
        (
            {"VOICECHAT_STORE": "sqlite:/a/b.db", "VOICECHAT_IDLE_MINUTES": "90"},
            "in /a/b.db, for 90 minutes",
        ),
    ],
)
def test_the_banner_names_where_chats_are_kept_and_how_long(environment: dict[str, str], words: str) -> None:
    assert words in banner(load(environment=environment), 8080, FREE)
