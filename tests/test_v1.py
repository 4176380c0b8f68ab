"""Mode v1 over HTTP, with engines of a few lines."""

import asyncio
import base64
import io
import json
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, web
from aiohttp.test_utils import TestServer

from voicechat import dialogue as d
from voicechat.api import answer_errors
from voicechat.api.errors import begin_response
from voicechat.api.streaming import Reader
from voicechat.audio import Recording, decode, identify, wav
from voicechat.dialogue import AnswerText, Key, Passage, Source
from voicechat.errors import (
    BadAudio,
    NothingHeard,
    ProviderBusy,
    ProviderFailed,
    ProviderTimeout,
    TooLong,
    VoiceChatError,
)

from .conftest import Server, serving
from .doubles import MS, Brain, Ears, Pages, Stuck, Voice, engines

WAV = base64.b64encode(wav(MS * 500, 24_000)).decode()


async def events(
    server: Server, headers: dict[str, str] | None = None, **content: Any
) -> list[tuple[str, Any]]:
    """Ask for a stream and return its events."""
    headers = {"Accept": "text/event-stream", **(headers or {})}
    async with server.http.post(server.url + "/api/message", json=content, headers=headers) as response:
        assert response.content_type == "text/event-stream", await response.text()
        assert response.headers["X-Accel-Buffering"] == "no"
        blocks = (await response.text()).strip().split("\n\n")
    lines = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [(line["event"], json.loads(line["data"])) for line in lines]


async def history(server: Server, chat: str, query: str = "") -> Any:
    """Return a page of a minted chat's history."""
    bearer = {"Authorization": f"Bearer {chat}"}
    async with server.http.get(f"{server.url}/api/messages{query}", headers=bearer) as response:
        return await response.json()


async def test_a_typed_question_gets_text_and_an_mp3(server: Server) -> None:
    status, reply = await server.message(message="When are you open?")
    assert (status, reply["answer"]) == (200, "From nine to six. See you then!")
    sound = Recording(base64.b64decode(reply["audio"]), "mp3")
    assert identify(sound.data) == "mp3"
    assert len(decode(sound, rate=24_000, max_seconds=10)) > 0
    assert set(reply["timings"]) == {"chat", "tts", "total"}
    assert "transcript" not in reply and "sources" not in reply


async def test_a_spoken_question_is_heard_and_answered() -> None:
    ears = Ears()
    async with serving(engines(ears)) as server:
        status, reply = await server.message(audio=WAV, mime="audio/wav")
    assert (status, reply["transcript"]) == (200, "when are you open")
    assert set(reply["timings"]) == {"stt", "chat", "tts", "total"}
    assert ears.recordings == [Recording(base64.b64decode(WAV), "wav")]


async def test_the_answer_is_spoken_in_one_go() -> None:
    voice = Voice()
    async with serving(engines(voice=voice)) as server:
        await server.message(message="Hi")
    assert voice.texts == ["From nine to six. See you then!"]


async def test_the_history_is_kept_under_the_id() -> None:
    brain = Brain("Yes.")
    async with serving(engines(brain=brain)) as server:
        await server.message(id="anna", message="One?")
        await server.message(id="anna", message="Two?")
        await server.message(id="bert", message="Three?")
    asked = [[m.text for m in prompt.history] for prompt in brain.prompts]
    assert asked == [["One?"], ["One?", "Yes.", "Two?"], ["Three?"]]


@pytest.mark.parametrize("how", ["not wanted", "switched off", "no voice"])
async def test_without_speech_there_is_text_alone(how: str) -> None:
    settings = {"speech": "false"} if how == "switched off" else {}
    async with serving(engines(mute=how == "no voice"), **settings) as server:
        status, reply = await server.message(message="Hi", speech=how != "not wanted")
    assert (status, set(reply)) == (200, {"answer", "timings"})


async def test_speech_that_fails_leaves_a_text_answer_that_says_so() -> None:
    voice = Voice(error=(0, ProviderFailed("The voice failed.")))
    async with serving(engines(voice=voice)) as server:
        status, reply = await server.message(message="Hi")
    assert (status, reply["answer"]) == (200, "From nine to six. See you then!")
    assert reply["audio_error"] == {"code": "provider_failed", "message": "The voice failed."}
    assert "audio" not in reply


@pytest.mark.parametrize("rating", ["up", "down", None])
async def test_what_the_visitor_thinks_of_an_answer_is_told_over_http_too(rating: str | None) -> None:
    async with serving() as server:
        chat = (await server.post("/api/chats"))[1]["chat"]
        await server.message(id=chat, message="Hi")
        bearer, event = {"Authorization": f"Bearer {chat}"}, {"type": "feedback", "n": 2, "rating": rating}
        async with server.http.post(server.url + "/api/events", json=event, headers=bearer) as response:
            assert response.status == 204
        page = await history(server, chat)
    assert [message.get("rating") for message in page["messages"]] == [None, rating]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"type": "unknown here"}, 204),
        ({"type": "feedback", "n": 1, "rating": "up"}, 404),
        ({"type": "feedback", "n": 2, "rating": "best"}, 400),
        ([], 400),
        ({"type": "feedback", "n": 2, "rating": "up" * 40_000}, 413),
    ],
)
async def test_an_event_over_http_is_checked(content: Any, status: int) -> None:
    async with serving() as server:
        chat = (await server.post("/api/chats"))[1]["chat"]
        await server.message(id=chat, message="Hi")
        bearer = {"Authorization": f"Bearer {chat}"}
        async with server.http.post(server.url + "/api/events", json=content, headers=bearer) as response:
            assert response.status == status


async def test_what_looks_after_the_process_hears_that_it_serves(server: Server) -> None:
    async with server.http.get(server.url + "/healthz") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_events_are_taken_from_who_has_the_chats_id_alone() -> None:
    async with serving() as server:
        chat = (await server.post("/api/chats"))[1]["chat"]
        await server.message(id=chat, message="Hi")
        event = {"type": "feedback", "n": 2, "rating": "up"}
        for headers in ({}, {"Authorization": "Bearer my-own"}, {"Authorization": f"Bearer {chat}x"}):
            async with server.http.post(server.url + "/api/events", json=event, headers=headers) as response:
                assert response.status == 401
        page = await history(server, chat)
    assert "rating" not in page["messages"][1]


async def test_the_sources_of_an_answer_are_named() -> None:
    hours = Source("Hours", "/hours")
    passage = Passage(hours, "Hours", "From nine to six.", bearing="answers")
    near = Passage(Source("Home", "/"), "Home", "Welcome.", bearing="near")

    async with serving(engines(), pages=Pages(passage, passage, near)) as server:
        _, reply = await server.message(message="Where are you?")
    assert reply["sources"] == [{"title": "Hours", "url": "/hours"}]
    assert reply["suggestions"] == ["When are you open?"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        ({"message": "Hi"}, 400, "bad_request"),
        ({"id": "me"}, 400, "bad_request"),
        ({"id": "me", "message": "Hi", "audio": WAV}, 400, "bad_request"),
        ({"id": "me", "message": "   "}, 400, "bad_request"),
        ({"id": "me", "message": 5}, 400, "bad_request"),
        ({"id": 5, "message": "Hi"}, 400, "bad_request"),
        ({"id": "", "message": "Hi"}, 400, "bad_request"),
        ({"id": "x" * 129, "message": "Hi"}, 400, "bad_request"),
        ({"id": "me", "message": "Hi", "speech": "no"}, 400, "bad_request"),
        ({"id": "me", "message": "Hi", "language": 1}, 400, "bad_request"),
        ({"id": "me", "audio": "no base64!"}, 400, "bad_audio"),
        ({"id": "me", "audio": ""}, 400, "bad_audio"),
        ({"id": "me", "audio": base64.b64encode(b"plain text, no sound").decode()}, 415, "unknown_format"),
        ({"id": "me", "message": "x" * 4001}, 413, "too_large"),
        ({"id": "me", "audio": "A" * 17_000_000}, 413, "too_large"),
        ({"id": "c_unknown.secret", "message": "Hi"}, 404, "chat_gone"),
    ],
)
async def test_a_wrong_request_gets_its_status_and_code(
    server: Server, content: dict[str, Any], status: int, code: str
) -> None:
    answered, reply = await server.post("/api/message", **content)
    assert (answered, reply["error"]["code"]) == (status, code)
    assert reply["error"]["message"]


async def test_a_body_that_is_no_json_object_is_refused(server: Server) -> None:
    bomb = b'{"id": "me", "a": [' + b"{}," * 100_000 + b"{}]}"
    for body in (b"", b"{", b"[1]", b"\xff", b"[" * 100_000, b'{"id": NaN}', bomb):
        async with server.http.post(server.url + "/api/message", data=body) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (400, "bad_request")


async def test_a_body_over_every_limit_is_refused_before_it_is_read(server: Server) -> None:
    async with server.http.post(server.url + "/api/message", data=io.BytesIO(b"x" * 18_000_000)) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (413, "too_large")


async def test_a_compressed_body_is_refused(server: Server) -> None:
    headers = {"Content-Encoding": "gzip"}
    async with server.http.post(server.url + "/api/message", data=b"x", headers=headers) as response:
        assert response.status == 415


async def test_a_compressed_body_that_nobody_reads_is_not_unpacked(server: Server) -> None:
    headers = {"Content-Encoding": "gzip"}
    async with server.http.get(server.url + "/api/config", data=b"no gzip", headers=headers) as response:
        assert response.status == 200


@pytest.mark.parametrize("tab", [[1.5], "x" * 65, {}, None])
async def test_a_tab_that_is_none_is_refused(server: Server, tab: Any) -> None:
    _, made = await server.post("/api/chats")
    bearer = {"Authorization": f"Bearer {made['chat']}"}
    assert (await server.post("/api/chats", bearer, tab=tab))[0] == 400


async def test_a_body_that_never_comes_is_given_up() -> None:
    async with serving(limits_body_seconds="0.05") as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        writer.write(b"POST /api/message HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        assert b" 400 " in await reader.readline()
        writer.close()


@pytest.mark.parametrize("host", ["[", "shop.example:port"])
async def test_a_host_that_is_no_address_is_refused(server: Server, host: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    writer.write(b"GET / HTTP/1.1\r\nConnection: close\r\nHost: %b\r\n\r\n" % host.encode())
    assert b" 400 " in await reader.readline()
    writer.close()


async def test_two_minutes_of_sound_pass(server: Server) -> None:
    recording = base64.b64encode(wav(bytes(16_000 * 2 * 120), 16_000)).decode()
    status, _ = await server.message(audio=recording)
    assert status == 200


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ProviderFailed("It failed."), 502),
        (ProviderTimeout("It was too slow."), 504),
        (ProviderBusy("It is busy.", retry_after_seconds=6.2), 503),
    ],
)
async def test_a_provider_that_fails_is_an_error_with_its_status(error: Any, status: int) -> None:
    async with serving(engines(brain=Brain("Well, ", error))) as server:
        async with server.http.post(
            server.url + "/api/message", json={"id": "me", "message": "Hi"}
        ) as response:
            reply = await response.json()
            assert (response.status, reply["error"]) == (status, {"code": error.code, "message": str(error)})
            assert response.headers.get("Retry-After") == ("7" if status == 503 else None)


async def test_a_recording_without_words_is_told() -> None:
    async with serving(engines(Ears(""))) as server:
        status, reply = await server.message(audio=WAV)
    assert (status, reply["error"]["code"]) == (422, NothingHeard.code)


async def test_a_server_without_ears_says_so() -> None:
    async with serving(engines(deaf=True)) as server:
        status, reply = await server.message(audio=WAV)
    assert (status, reply["error"]["code"]) == (503, "unavailable")


# ── The key ───────────────────────────────────────────────────────────────────────────────────

KEY = {"Idempotency-Key": "tab:1"}


async def test_the_same_key_gets_the_same_answer_and_asks_once() -> None:
    brain = Brain()
    async with serving(engines(brain=brain)) as server:
        first = await server.message(KEY, message="Hi")
        second = await server.message(KEY, message="Hi")
    assert first[1]["answer"] == second[1]["answer"] and first[1]["audio"] == second[1]["audio"]
    assert len(brain.prompts) == 1


async def forget_what_is_live(server: Server) -> None:
    """Leave of the chats at rest what the store has, as happens every few seconds."""
    await server.house.conversations.sweep(3600)


@pytest.mark.parametrize("how", ["asked on", "at rest"])
async def test_a_key_whose_sound_is_not_kept_any_more_gets_the_text_and_the_reason(how: str) -> None:
    voice, brain = Voice(), Brain("Yes.")
    async with serving(engines(brain=brain, voice=voice), limits_resume_seconds="0") as server:
        first = await server.message(KEY, message="Hi")
        if how == "at rest":
            await forget_what_is_live(server)
        for turn in (2, 3) if how == "asked on" else ():
            await server.message({"Idempotency-Key": f"tab:{turn}"}, message="And?")
        status, late = await server.message(KEY, message="Hi")
        spoken, asked = len(voice.texts), len(brain.prompts)
        _, silent = await server.message(KEY, message="Hi", speech=False)
        told = await events(server, KEY, id="me", message="Hi")
    assert (status, late["answer"], late["audio_error"]["code"]) == (200, first[1]["answer"], "not_kept")
    assert "audio" not in late and "audio_error" not in silent
    assert [name for name, _ in told] == ["text", "end"]
    assert told[-1][1]["audio_error"] == late["audio_error"]
    assert (len(voice.texts), len(brain.prompts)) == (spoken, asked)


@pytest.mark.parametrize(
    "error", [BadAudio("It can't be read."), TooLong("It lasts too long."), ProviderBusy("It is busy.")]
)
async def test_what_failed_keeps_its_error_however_late_the_key_comes(error: VoiceChatError) -> None:
    ears = Ears(error)
    async with serving(engines(ears)) as server:
        first = await server.message(KEY, audio=WAV)
        await forget_what_is_live(server)
        late = await server.message(KEY, audio=WAV)
        told = await events(server, KEY, id="me", audio=WAV)
    assert first == late == (error.status, {"error": {"code": error.code, "message": str(error)}})
    assert [name for name, _ in told] == ["error"] and told[0][1] == first[1]
    assert len(ears.recordings) == 1


async def test_a_recording_in_which_nothing_was_heard_stays_so_and_is_stored_as_unheard() -> None:
    async with serving(engines(Ears(""))) as server:
        _, chat = await server.post("/api/chats")
        first = await server.message(KEY, id=chat["chat"], audio=WAV)
        await forget_what_is_live(server)
        late = await server.message(KEY, id=chat["chat"], audio=WAV)
        page = await history(server, chat["chat"])
    assert first == late and (late[0], late[1]["error"]["code"]) == (422, "nothing_heard")
    assert [message["status"] for message in page["messages"]] == ["unheard", "unheard"]
    assert set(page["messages"][1]) == {"n", "role", "text", "heard", "status", "at"}


async def test_an_answer_that_was_interrupted_says_so_however_late_the_key_comes() -> None:
    brain = Brain(*["word "] * 50, gate=asyncio.Semaphore(1))
    async with serving(engines(brain=brain), limits_orphan_seconds="0.05") as server:
        await leave_after_first_text(server, KEY)
        async with asyncio.timeout(5):
            await brain.closed.wait()
            first = await server.message(KEY, message="Hi")
        await forget_what_is_live(server)
        late = await server.message(KEY, message="Hi")
    assert first == late and (late[0], late[1]["error"]["code"]) == (503, "unavailable")


async def test_the_same_key_with_another_text_is_refused() -> None:
    async with serving() as server:
        await server.message(KEY, message="Hi")
        status, reply = await server.message(KEY, message="Ho")
    assert (status, reply["error"]["code"]) == (422, "key_reused")


OTHER_WAV = base64.b64encode(wav(MS * 900, 24_000)).decode()


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ({"message": "when are you open"}, {"audio": WAV}, 422),
        ({"audio": WAV}, {"message": "Something else?"}, 422),
        # A page that falls back from v2 has the words, and the recording no more.
        ({"audio": WAV}, {"message": "when are you open"}, 200),
        ({"audio": WAV}, {"audio": OTHER_WAV}, 200),
    ],
)
async def test_a_key_is_of_one_question_be_it_typed_or_spoken(
    first: dict[str, str], second: dict[str, str], status: int, is_live: bool
) -> None:
    brain = Brain()
    async with serving(engines(brain=brain)) as server:
        assert (await server.message(KEY, **first))[0] == 200
        if not is_live:
            await forget_what_is_live(server)
        answered, reply = await server.message(KEY, **second)
    assert answered == status and len(brain.prompts) == 1
    assert status == 200 or reply["error"]["code"] == "key_reused"


async def test_the_key_of_a_recording_without_words_is_of_no_typed_question() -> None:
    async with serving(engines(Ears(""))) as server:
        await server.message(KEY, audio=WAV)
        status, reply = await server.message(KEY, message="Hi")
    assert (status, reply["error"]["code"]) == (422, "key_reused")


async def test_a_key_that_is_open_elsewhere_is_refused() -> None:
    gate = asyncio.Semaphore(0)
    brain = Brain(gate=gate)
    async with serving(engines(brain=brain)) as server:
        async with server.http.post(
            server.url + "/api/message",
            json={"id": "me", "message": "Hi"},
            headers={**KEY, "Accept": "text/event-stream"},
        ):
            status, reply = await server.message(KEY, message="Hi")
    assert (status, reply["error"]["code"]) == (409, "key_in_use")


async def test_too_many_questions_are_told_when_to_ask_again() -> None:
    brain = Brain(gate=asyncio.Semaphore(1))
    async with serving(engines(brain=brain), limits_queue="0") as server:
        async with server.http.post(
            server.url + "/api/message",
            json={"id": "me", "message": "Hi"},
            headers={**KEY, "Accept": "text/event-stream"},
        ) as first:
            await first.content.readuntil(b"\n\n")
            async with server.http.post(
                server.url + "/api/message", json={"id": "me", "message": "Ho"}
            ) as second:
                code = (await second.json())["error"]["code"]
    assert (second.status, code, second.headers["Retry-After"]) == (429, "busy", "5")


@pytest.mark.parametrize("key", ["", "tab", "tab:", "tab:x", "tab:0", "tab:40000", ":1", "x" * 65 + ":1"])
async def test_a_key_of_another_form_is_refused(server: Server, key: str) -> None:
    status, _ = await server.message({"Idempotency-Key": key}, message="Hi")
    assert status == 400


async def leave_after_first_text(
    server: Server, headers: dict[str, str], id_: str = "me", message: str = "Hi"
) -> None:
    async with server.http.post(
        server.url + "/api/message",
        json={"id": id_, "message": message},
        headers={"Accept": "text/event-stream", **headers},
    ) as response:
        await response.content.readuntil(b"\n\n")
        response.close()


async def test_a_client_without_a_key_that_goes_away_stops_the_engines() -> None:
    gate = asyncio.Semaphore(1)
    brain = Brain(*["word "] * 50, gate=gate)
    async with serving(engines(brain=brain)) as server:
        await leave_after_first_text(server, {})
        async with asyncio.timeout(5):
            await brain.closed.wait()


async def test_with_a_key_the_answer_goes_on_and_is_there_on_return() -> None:
    gate = asyncio.Semaphore(1)
    brain = Brain("One ", "two.", gate=gate)
    async with serving(engines(brain=brain)) as server:
        await leave_after_first_text(server, KEY)
        gate.release()
        async with asyncio.timeout(5):
            await brain.closed.wait()
            status, reply = await server.message(KEY, message="Hi")
            while reply.get("error", {}).get("code") == "key_in_use":
                # The server has not noticed yet that the first client is gone.
                status, reply = await server.message(KEY, message="Hi")
    assert (status, reply["answer"], len(brain.prompts)) == (200, "One two.", 1)


async def test_an_answer_that_nobody_comes_back_for_is_stopped_in_the_end() -> None:
    brain = Brain(*["word "] * 50, gate=asyncio.Semaphore(1))
    async with serving(engines(brain=brain), limits_orphan_seconds="0.05") as server:
        await leave_after_first_text(server, KEY)
        async with asyncio.timeout(5):
            await brain.closed.wait()


async def test_who_stops_and_asks_on_does_not_wait_for_what_was_stopped() -> None:
    brain = Stuck("One ", "two.")
    async with serving(engines(brain=brain)) as server:
        _, chat = await server.post("/api/chats")
        await leave_after_first_text(server, KEY, chat["chat"], "Count!")
        async with asyncio.timeout(5):
            status, reply = await server.message(
                {"Idempotency-Key": "tab:2"}, id=chat["chat"], message="And?"
            )
        page = await history(server, chat["chat"])
    assert (status, reply["answer"]) == (200, "One two.")
    assert [(m["text"], m["status"]) for m in page["messages"]] == [
        ("Count!", "complete"),
        ("One ", "interrupted"),
        ("And?", "complete"),
        ("One two.", "complete"),
    ]


async def test_another_tab_that_asks_stops_nothing_of_this_one() -> None:
    brain = Stuck("One ", "two.")
    async with serving(engines(brain=brain)) as server:
        await leave_after_first_text(server, KEY, message="Count!")
        async with server.http.post(
            server.url + "/api/message",
            json={"id": "me", "message": "And?"},
            headers={"Accept": "text/event-stream", "Idempotency-Key": "other:2"},
        ):
            assert not brain.closed.is_set() and len(brain.prompts) == 1


async def test_a_question_that_is_still_followed_is_not_stopped_by_the_next_one() -> None:
    gate = asyncio.Semaphore(1)
    stream = {"Accept": "text/event-stream"}
    async with serving(engines(brain=Brain("One ", "two.", gate=gate))) as server:
        async with server.http.post(
            server.url + "/api/message", json={"id": "me", "message": "Hi"}, headers={**stream, **KEY}
        ) as first:
            assert b"One " in await first.content.readuntil(b"\n\n")
            async with server.http.post(
                server.url + "/api/message",
                json={"id": "me", "message": "Ho"},
                headers={**stream, "Idempotency-Key": "tab:2"},
            ) as second:
                [gate.release() for _ in range(9)]
                told = await first.text(), await second.text()
    # Each is told of its own question alone.
    assert [stream.count("One ") for stream in told] == [0, 1]
    assert [stream.count("two.") for stream in told] == [1, 1]
    assert ["event: error" in stream for stream in told] == [False, False]


# ── The stream ────────────────────────────────────────────────────────────────────────────────


async def test_the_stream_tells_transcript_text_sound_and_end(server: Server) -> None:
    told = await events(server, id="me", audio=WAV)
    names = [name for name, _ in told]
    assert names[0] == "transcript" and names[-1] == "end"
    assert "".join(c["text"] for name, c in told if name == "text") == "From nine to six. See you then!"
    sounds = [base64.b64decode(c["audio"]) for name, c in told if name == "audio"]
    assert [identify(sound) for sound in sounds] == ["mp3", "mp3"]
    assert set(told[-1][1]) == {"timings"}


async def test_text_is_streamed_before_the_next_token_is_there() -> None:
    gate = asyncio.Semaphore(1)
    async with serving(engines(brain=Brain("One ", "two.", gate=gate))) as server:
        async with server.http.post(
            server.url + "/api/message",
            json={"id": "me", "message": "Hi"},
            headers={"Accept": "text/event-stream"},
        ) as response:
            assert b"One " in await response.content.readuntil(b"\n\n")
            gate.release()
            assert b"two." in await response.content.readuntil(b"\n\n")


async def test_an_error_in_the_middle_is_the_streams_last_event() -> None:
    async with serving(engines(brain=Brain("Well, ", ProviderFailed("It failed.")))) as server:
        told = await events(server, id="me", message="Hi")
    assert told == [
        ("text", {"text": "Well, "}),
        ("error", {"error": {"code": "provider_failed", "message": "It failed."}}),
    ]


# ── Chats ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_minted_chat_gives_its_history_for_its_id_alone(server: Server) -> None:
    _, chat = await server.post("/api/chats")
    await server.message(KEY, id=chat["chat"], message="Hi")
    bearer = {"Authorization": f"Bearer {chat['chat']}"}
    async with server.http.get(server.url + "/api/messages", headers=bearer) as response:
        page = await response.json()
    assert [(m["n"], m["role"], m["status"]) for m in page["messages"]] == [
        (1, "user", "complete"),
        (2, "assistant", "complete"),
    ]
    assert page["messages"][1]["text"] == "From nine to six. See you then!" and not page["more"]
    _, again = await server.post("/api/chats", bearer, tab="tab")
    assert again == {"chat": chat["chat"], "next_turn": 2}


async def test_a_history_is_paged_by_fifty_messages_backwards(server: Server) -> None:
    _, chat = await server.post("/api/chats")
    for turn in range(1, 61):
        await server.house.rooms.store.add_question(chat["chat"].partition(".")[0], Key("t", turn), "?")
    pages = [
        await history(server, chat["chat"], query) for query in ("", "?before=71", "?before=21", "?before=1")
    ]
    assert [([m["n"] for m in page["messages"]], page["more"]) for page in pages] == [
        (list(range(71, 121)), True),
        (list(range(21, 71)), True),
        (list(range(1, 21)), False),
        ([], False),
    ]


async def test_a_history_is_given_to_nobody_else(server: Server) -> None:
    _, chat = await server.post("/api/chats")
    await server.message(id="own", message="Hi")
    name = chat["chat"].partition(".")[0]
    replies = {}
    for value in ("", "Bearer", "Basic bWU6", f"Basic {chat['chat']}", "Bearer own", f"Bearer {name}.wrong"):
        headers = {"Authorization": value} if value else {}
        async with server.http.get(server.url + "/api/messages", headers=headers) as response:
            replies[value] = response.status, (await response.json())["error"]["code"]
    assert set(replies.values()) == {(401, "unauthorized")}, replies


async def test_a_chat_not_kept_is_gone_and_one_whose_secret_is_wrong_is_shut(
    server: Server,
) -> None:
    _, chat = await server.post("/api/chats")
    name = chat["chat"].partition(".")[0]
    for id_, status, code in (
        (f"{name}.wrong", 401, "unauthorized"),
        ("c_unknown.secret", 404, "chat_gone"),
    ):
        bearer = {"Authorization": f"Bearer {id_}"}
        replies = [await server.post("/api/chats", bearer), await server.message(id=id_, message="Hi")]
        async with server.http.get(server.url + "/api/messages", headers=bearer) as response:
            replies.append((response.status, await response.json()))
        assert [(status, reply["error"]["code"]) for status, reply in replies] == [(status, code)] * 3


# ── Doors and origins ─────────────────────────────────────────────────────────────────────────


async def test_config_tells_a_page_what_it_needs(server: Server) -> None:
    async with server.http.get(server.url + "/api/config") as response:
        facts = await response.json()
    assert facts["modes"] == ["v1", "v2"] and facts["hearing"] and facts["speech"]
    assert facts["limits"]["recording_bytes"] == server.house.config.limits.recording_bytes
    assert [engine["job"] for engine in facts["engines"]] == ["stt", "chat", "tts"]
    assert facts["warming"] == []


@pytest.mark.parametrize(("mode", "door"), [("v2", "/api/message"), ("v1", "/ws")])
async def test_a_door_that_is_off_says_which_switch_opens_it(mode: str, door: str) -> None:
    async with serving(mode=mode) as server:
        method = "POST" if mode == "v2" else "GET"
        async with server.http.request(method, server.url + door) as response:
            error = (await response.json())["error"]
    assert (response.status, error["code"]) == (404, "mode_off")
    assert "--mode" in error["message"]


@pytest.mark.parametrize(("origin", "status"), [("https://shop.example", 200), ("https://evil.example", 403)])
async def test_only_pages_of_allowed_origins_may_ask(origin: str, status: int) -> None:
    brain = Brain()
    async with serving(engines(brain=brain), origins="https://shop.example") as server:
        async with server.http.post(
            server.url + "/api/message", json={"id": "me", "message": "Hi"}, headers={"Origin": origin}
        ) as response:
            reply = await response.json()
            assert response.status == status
            assert status == 200 or "VOICECHAT_ORIGINS" in reply["error"]["message"]
            assert response.headers["Access-Control-Allow-Origin"] == (origin if status == 200 else "*")
            assert "Set-Cookie" not in response.headers
        preflight = await server.http.options(server.url + "/api/message", headers={"Origin": origin})
        assert preflight.status == (204 if status == 200 else 403)
    assert len(brain.prompts) == (status == 200)


async def test_the_widgets_own_files_are_for_every_origin(server: Server) -> None:
    async with server.http.get(
        server.url + "/chat.js", headers={"Origin": "https://any.example"}
    ) as response:
        assert response.status == 200 and response.content_type == "text/javascript"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_an_unknown_address_and_a_wrong_method_are_told_as_json(server: Server) -> None:
    async with server.http.get(server.url + "/api/nothing") as response:
        assert (response.status, (await response.json())["error"]["code"]) == (404, "not_found")
    async with server.http.get(server.url + "/api/chats") as response:
        assert (response.status, (await response.json())["error"]["code"]) == (405, "bad_method")


async def test_an_error_nobody_expected_is_told_without_its_details(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Brain):
        async def reply(self, prompt: Any) -> Any:
            raise RuntimeError("secret detail")
            yield ""

    async with serving(engines(brain=Broken())) as server:
        status, reply = await server.message(message="Hi")
    assert (status, reply["error"]["code"]) == (500, "internal")
    assert "secret detail" not in reply["error"]["message"] and "secret detail" in caplog.text


async def test_an_error_behind_the_first_bytes_cuts_the_stream_and_adds_nothing() -> None:
    async def get(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        raise RuntimeError("in the middle")

    app = web.Application(middlewares=[answer_errors])
    app.on_response_prepare.append(begin_response)
    app.router.add_get("/", get)
    async with TestServer(app) as server, ClientSession() as http, http.get(server.make_url("/")) as response:
        came = b""
        with pytest.raises(ClientError):
            while True:
                came += await response.content.readexactly(1)
    assert came == b"half"


async def test_a_page_that_may_ask_may_read_every_error_too() -> None:
    page = {"Origin": "https://shop.example"}
    async with serving(origins=page["Origin"]) as server:
        for method, path, status in (
            ("POST", "/api/message", 400),
            ("GET", "/api/messages", 401),
            ("GET", "/api/nothing", 404),
            ("GET", "/api/chats", 405),
        ):
            async with server.http.request(method, server.url + path, headers=page) as response:
                assert response.status == status
                assert response.headers["Access-Control-Allow-Origin"] == page["Origin"]
                assert response.headers["Vary"] == "Origin"
        headers = {**page, "Accept": "text/event-stream"}
        body = {"id": "me", "message": "Hi"}
        async with server.http.post(server.url + "/api/message", json=body, headers=headers) as response:
            assert response.headers["Access-Control-Allow-Origin"] == page["Origin"]
            await response.read()


@pytest.mark.parametrize("before", ["", "x", "9" * 5000])
async def test_a_before_that_is_no_number_is_told(server: Server, before: str) -> None:
    _, chat = await server.post("/api/chats")
    bearer = {"Authorization": f"Bearer {chat['chat']}"}
    url = f"{server.url}/api/messages?before={before}"
    async with server.http.get(url, headers=bearer) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (400, "bad_request")


def test_a_stream_takes_the_messages_of_its_turn_and_the_json_form_none() -> None:
    stream, whole = Reader("one", streams=True), Reader("one", streams=False)
    for reader in (stream, whole):
        reader.hear(Key("one", 1), AnswerText(0, "Mine."))
    assert (list(stream.messages), list(whole.messages)) == ([AnswerText(0, "Mine.")], [])


async def test_a_reader_of_a_stream_that_stalls_is_cut_and_its_key_is_free(
    caplog: pytest.LogCaptureFixture,
) -> None:
    brain = Brain(*["x" * 60_000] * 400)
    async with serving(engines(brain=brain, mute=True), limits_body_seconds="0.2") as server:
        host, port = server.url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port), limit=1024)
        body = b'{"id": "me", "message": "Hi"}'
        writer.write(
            b"POST /api/message HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
            b"Idempotency-Key: tab:1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        async with asyncio.timeout(10):
            await brain.closed.wait()
            status, reply = await server.message(KEY, message="Hi")
            while reply.get("error", {}).get("code") == "key_in_use":
                status, reply = await server.message(KEY, message="Hi")
        writer.close()
    assert "took nothing of its stream" in caplog.text
    assert (status, len(reply["answer"])) == (200, 24_000_000)


# ── Cancelling ────────────────────────────────────────────────────────────────────────────────


async def told(server: Server, chat: str, **event: Any) -> int:
    headers = {"Authorization": f"Bearer {chat}"}
    async with server.http.post(f"{server.url}/api/events", json=event, headers=headers) as response:
        return response.status


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_a_cancel_stops_the_engine_and_the_answer_stays_cut(accept: str) -> None:
    brain = Brain("One. ", "Two. ", "Three.", gate=asyncio.Semaphore(1))
    async with serving(engines(brain=brain)) as server, server.client() as other:
        chat = (await other.hello(tab="other"))["chat"]
        question = {"id": chat, "message": "Count!", "speech": False}
        headers = {"Accept": accept, "Idempotency-Key": "tab:1"}
        asking = asyncio.create_task(
            server.http.post(f"{server.url}/api/message", json=question, headers=headers)
        )
        await other.until(d.AnswerText)
        assert await told(server, chat, type="cancel", tab="tab", turn=1, pos=0, reason=2) == 204
        async with asyncio.timeout(5):
            await brain.closed.wait()
            (await asking).close()
        authorization = {"Authorization": f"Bearer {chat}"}
        async with server.http.get(f"{server.url}/api/messages", headers=authorization) as response:
            [_, answer] = (await response.json())["messages"]
    assert answer["status"] == "cut"


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"tab": "tab", "turn": 0, "pos": 0, "reason": 2},
        {"tab": "tab", "turn": 1, "pos": -1, "reason": 2},
        {"tab": "tab", "turn": 1, "pos": 1 << 32, "reason": 2},
        {"tab": "tab", "turn": 1, "pos": 0, "reason": 4},
        {"tab": "tab", "turn": 1, "pos": 0, "reason": []},
        {"tab": 7, "turn": 1, "pos": 0, "reason": 2},
    ],
)
async def test_a_cancel_that_says_too_little_is_a_bad_request(event: dict[str, Any]) -> None:
    async with serving() as server:
        _, made = await server.post("/api/chats")
        assert await told(server, made["chat"], type="cancel", **event) == 400


async def test_a_cancel_of_what_does_not_run_changes_nothing() -> None:
    async with serving() as server:
        _, made = await server.post("/api/chats")
        event = {"type": "cancel", "tab": "tab", "turn": 1, "pos": 0, "reason": 2}
        assert await told(server, made["chat"], **event) == 204
