"""The frame table against its golden bytes, and against bytes that nobody sent on purpose."""

import contextlib
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voicechat import dialogue
from voicechat.dialogue import AnswerText, Fault, Span
from voicechat.errors import Malformed, UnknownType
from voicechat.wire import FRAMES, decode, encode
from voicechat.wire.frames import piece_of

VECTORS = json.loads((Path(__file__).parent / "vectors" / "frames.json").read_text("utf-8"))


def message_of(vector: dict[str, Any]) -> Any:
    kind = getattr(dialogue, vector["message"])
    fields = {name: value_of(name, value) for name, value in vector["fields"].items()}
    return kind(**fields)


def value_of(name: str, value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"hex"}:
        return bytes.fromhex(value["hex"])
    return tuple(Span(*numbers) for numbers in value) if name == "spans" else value


def named(vector: dict[str, Any]) -> str:
    return f"{vector['number']}-{vector['name']}"


@pytest.mark.parametrize("vector", VECTORS, ids=named)
def test_a_message_becomes_its_golden_bytes(vector: dict[str, Any]) -> None:
    assert encode(message_of(vector), vector["turn"]).hex(" ") == vector["bytes"]


@pytest.mark.parametrize("vector", VECTORS, ids=named)
def test_golden_bytes_become_their_message(vector: dict[str, Any]) -> None:
    message, turn = decode(bytes.fromhex(vector["bytes"]))
    if hasattr(message, "content"):  # the turn of a JSON frame is one of its members
        content = {name: value for name, value in message.content.items() if name != "turn"}
        message = dataclasses.replace(message, content=content)
    assert (message, turn) == (message_of(vector), vector["turn"])


def test_every_row_of_the_table_has_golden_bytes() -> None:
    assert {int(vector["number"], 16) for vector in VECTORS} == {row.number for row in FRAMES}


def test_the_direction_shows_in_the_first_bit() -> None:
    assert all((int(v["number"], 16) < 0x80) == (v["from"] == "client") for v in VECTORS)


def test_no_number_and_no_message_stands_in_two_rows() -> None:
    assert len({row.number for row in FRAMES}) == len({row.message for row in FRAMES}) == len(FRAMES)


def test_an_unknown_number_is_told_from_bad_bytes() -> None:
    with pytest.raises(UnknownType, match="0x7E"):
        decode(b"\x7eabc")


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x11\x00\x00", id="header cut"),
        pytest.param(b"\x02\xff\xfe", id="no UTF-8"),
        pytest.param(b"\x10{", id="no JSON"),
        pytest.param(b"\x10[1]", id="JSON, no object"),
        pytest.param(b"\x10" + b"[" * 100_000, id="JSON, deep"),
        pytest.param(b"\x15\x09\x00\x01\x00\x00\x00\x00", id="reason that is none"),
        pytest.param(b"\x16\x00", id="short number"),
        pytest.param(b"\x93\x00\x00\x01\x00\x00\x00\x00\x00\x00", id="span cut"),
        pytest.param(b"\x96{}", id="fault without code"),
    ],
)
def test_bytes_that_do_not_fit_are_malformed(frame: bytes) -> None:
    with pytest.raises(Malformed):
        decode(frame)


@given(st.binary(max_size=64))
def test_any_bytes_are_a_message_or_an_error_of_ours(frame: bytes) -> None:
    with contextlib.suppress(Malformed, UnknownType):
        decode(frame)


@given(st.text(), st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFF), st.booleans())
def test_any_text_comes_back_as_it_was(text: str, pos: int, turn: int, last: bool) -> None:
    message = AnswerText(pos, text, last)
    assert decode(encode(message, turn)) == (message, turn)


@given(st.text(), st.one_of(st.none(), st.floats(0, 1e6)), st.booleans())
def test_any_fault_comes_back_as_it_was(text: str, retry_after: float | None, is_fatal: bool) -> None:
    fault = Fault("busy", text, retry_after, is_fatal)
    assert decode(encode(fault, 3)) == (fault, 3)


@example(kind=0x12, rest=bytes(8))  # a turn that is none
@given(kind=st.sampled_from([0x03, 0x12, 0x13]) | st.integers(0, 255), rest=st.binary(max_size=12))
def test_a_piece_of_a_recording_is_read_as_the_table_reads_it(kind: int, rest: bytes) -> None:
    frame = bytes((kind, *rest))
    message, turn = None, 0
    with contextlib.suppress(Malformed, UnknownType):
        message, turn = decode(frame)
    expected: tuple[int, bytes, int | None] | None = None
    if isinstance(message, dialogue.UserAudioChunk):
        expected = 0, message.data, None
    elif isinstance(message, dialogue.AskAudio) and turn:
        expected = turn, message.data, message.pos

    assert piece_of(frame) == expected
