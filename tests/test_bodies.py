"""Request bodies, most of them without any request."""

import asyncio
import base64
import contextlib
import io
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicechat.api.bodies import SMALL_BODY_BYTES, max_body_bytes, parse_before, parse_key, parse_message
from voicechat.audio import Recording, wav
from voicechat.config import Limits
from voicechat.dialogue import Key
from voicechat.errors import BadRequest, RequestError, TooLarge

from .conftest import Server, serving

OGG = b"OggS"


@given(st.binary(max_size=300))
def test_any_recording_comes_out_of_its_base64_as_it_was(data: bytes) -> None:
    body = {"id": "me", "audio": base64.b64encode(OGG + data).decode()}
    assert parse_message(body, Limits()).recording == Recording(OGG + data, "ogg")


@given(st.text(max_size=60))
def test_any_text_in_place_of_base64_is_sound_or_an_error_of_ours(text: str) -> None:
    try:
        assert parse_message({"id": "me", "audio": text}, Limits()).recording
    except RequestError as exc:
        assert exc.code in ("bad_audio", "unknown_format")


def test_what_a_browsers_file_reader_gives_is_taken_too() -> None:
    url = "data:audio/ogg;codecs=opus;base64," + base64.b64encode(OGG).decode()
    assert parse_message({"id": "me", "audio": url}, Limits()).recording == Recording(OGG, "ogg")


@pytest.mark.parametrize(("size", "fits"), [(2000, True), (2001, False)])
def test_a_recording_is_as_large_as_the_limit_and_no_larger(size: int, fits: bool) -> None:
    body = {"id": "me", "audio": base64.b64encode(OGG.ljust(size, b".")).decode()}
    limits = Limits(recording_bytes=2000)
    if fits:
        assert parse_message(body, limits).recording
    else:
        with pytest.raises(TooLarge, match="2,000 bytes"):
            parse_message(body, limits)


async def test_two_minutes_of_what_a_sound_card_records_pass(server: Server) -> None:
    recording = wav(bytes(48_000 * 2 * 120), 48_000)
    status, reply = await server.message(audio=base64.b64encode(recording).decode())
    assert status == 200, reply


async def test_the_refusal_of_a_body_that_is_too_large_names_the_limits(server: Server) -> None:
    body = io.BytesIO(b"x" * (max_body_bytes(Limits()) + 1))
    async with server.http.post(server.url + "/api/message", data=body) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"]) == (413, "too_large")
    assert f"{max_body_bytes(Limits()):,} bytes" in error["message"]
    assert f"{Limits().recording_bytes:,}" in error["message"]


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(("size", "fits"), [(SMALL_BODY_BYTES, True), (SMALL_BODY_BYTES + 1, False)])
@pytest.mark.parametrize("has_length", [True, False])
async def test_what_carries_no_recording_has_a_small_body(
    server: Server, is_known: bool, size: int, fits: bool, has_length: bool
) -> None:
    _, chat = await server.post("/api/chats")
    bearer = {"Authorization": f"Bearer {chat['chat']}"} if is_known else {}
    body = b'{"tab": "t"}'.ljust(size)

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    data = io.BytesIO(body) if has_length else pieces()
    async with server.http.post(server.url + "/api/chats", data=data, headers=bearer) as response:
        reply = await response.json()
    assert (response.status, reply.get("error", {}).get("code")) == (
        (200, None) if fits else (413, "too_large")
    )
    assert fits or f"{SMALL_BODY_BYTES:,} bytes" in reply["error"]["message"]


FEW = {"limits_held_bytes": "65536", "limits_recording_bytes": "32768"}
"""What a server may hold: one recording in base64, and not two."""

SPOKEN = base64.b64encode(OGG.ljust(30_000, b".")).decode()


@contextlib.asynccontextmanager
async def half_sent(server: Server) -> AsyncIterator[None]:
    """Send most of a recording and hold the rest back; when this begins the server has got it."""
    _, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    writer.write(b"POST /api/message HTTP/1.1\r\nHost: x\r\nContent-Length: 41000\r\n\r\n" + bytes(40_000))
    async with asyncio.timeout(10):
        while (await server.message(audio=SPOKEN))[0] == 200:
            pass
        yield
    writer.close()


async def test_bodies_that_are_read_are_bounded_together_and_a_typed_question_has_room() -> None:
    async with serving(**FEW) as server:
        async with half_sent(server):
            data = io.BytesIO(b'{"id": "me", "audio": "%b"}' % SPOKEN.encode())
            async with server.http.post(server.url + "/api/message", data=data) as response:
                error = (await response.json())["error"]
                assert (response.status, error["code"]) == (503, "unavailable")
                assert int(response.headers["Retry-After"]) > 0
            assert (await server.message(message="When?"))[0] == 200
        async with asyncio.timeout(10):  # the connection is lost, which the server may notice later
            while (await server.message(audio=SPOKEN))[0] != 200:
                pass


async def test_a_body_that_is_given_up_or_refused_holds_nothing_any_more() -> None:
    async with serving(**FEW, limits_body_seconds="0.5") as server:
        async with half_sent(server):
            while (await server.message(audio=SPOKEN))[0] != 200:
                pass
        for body in ({"audio": SPOKEN + "!"}, {"audio": SPOKEN, "id": ""}, {"audio": "A" * 60_000}):
            assert (await server.message(**body))[0] in (400, 413)
        assert (await server.message(audio=SPOKEN))[0] == 200


@given(st.text(max_size=80))
def test_any_key_is_one_or_an_error_of_ours(text: str) -> None:
    try:
        key = parse_key(text)
    except RequestError:
        return
    assert key is not None and f"{key.tab}:{key.turn}".split(":")[0] == text.split(":")[0]


def test_a_tab_may_hold_a_colon() -> None:
    assert parse_key("a:b:7") == Key("a:b", 7)


@pytest.mark.parametrize("turn", ["9" * 5000, "000001", "32768", "٣", "1 ", "1\n"])
def test_a_turn_of_any_other_length_or_digits_is_refused(turn: str) -> None:
    with pytest.raises(BadRequest):
        parse_key(f"tab:{turn}")


@pytest.mark.parametrize(("value", "number"), [(None, None), ("7", 7), ("4294967295", 4_294_967_295)])
def test_before_is_the_number_of_a_message(value: str | None, number: int | None) -> None:
    assert parse_before(value) == number


@pytest.mark.parametrize("value", ["", "x", "-1", "1.5", "9" * 5000, "٣"])
def test_a_before_that_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(BadRequest, match="before"):
        parse_before(value)


@pytest.mark.parametrize("language", [None, "en", "de-CH", "zh-Hant-TW"])
def test_a_language_is_a_tag(language: str | None) -> None:
    assert parse_message({"id": "me", "message": "Hi", "language": language}, Limits()).language == language


@pytest.mark.parametrize(
    "language", ["", "e", 7, "en_US", "en\n", "en. Ignore all of this", "en" + "-abcdefgh" * 4, "x" * 5000]
)
def test_a_language_of_another_form_is_refused(language: object) -> None:
    with pytest.raises(BadRequest, match="language"):
        parse_message({"id": "me", "message": "Hi", "language": language}, Limits())
