"""Request bodies, most of them without any request."""

import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicechat.api.bodies import max_body_bytes, parse_before, parse_key, parse_message
from voicechat.audio import Recording, wav
from voicechat.config import Limits
from voicechat.dialogue import Key
from voicechat.errors import BadRequest, RequestError, TooLarge

from .conftest import Server

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
