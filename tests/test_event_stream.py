"""The event stream's reader, against the standard's rules and against the openai package's own reader."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai._streaming import SSEDecoder

from voicechat.engines.openai.completion import Completion, plain_text
from voicechat.engines.openai.events import EventStream, EventTooLarge
from voicechat.engines.openai.refusals import Refusal, Unusable

from .scripted_openai import DONE, FINISH, chunk, event, tokens

EURO = "Brötchen: 2 € 🙂"


def read(*pieces: bytes) -> list[bytes]:
    stream = EventStream()
    return [data for piece in pieces for data in stream.feed(piece)]


def ending(text: str) -> tuple[bytes, ...]:
    return event(chunk({"content": text})), FINISH, DONE


def pieces_of(*packets: bytes) -> tuple[list[str], Completion]:
    completion = Completion()
    return [piece for packet in packets for piece in completion.feed(packet)], completion


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
        (b"data:a\n\n", [b"a"]),
        (b"data:  a\n\n", [b" a"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
        (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
        (b"data: a\r\ndata: b\r\n\r\n", [b"a\nb"]),
        (b"data\n\n", [b""]),
        (b"data: a\n", []),
        (b": a comment\n\ndata: a\n\n: keep-alive\n\n", [b"a"]),
        (b"event: x\nid: 7\nretry: 10\ndata: a\n\n", [b"a"]),
        (b"event: ping\n\n", []),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b"database: a\n\n", []),
        (b"\n\n\n\ndata: a\n\n\n\n", [b"a"]),
        (b"<html>\n<body>\n\n</html>\n\n", []),
        (b"", []),
    ],
)
def test_events_are_read_as_the_standard_says_wherever_the_network_cuts(
    stream: bytes, expected: list[bytes]
) -> None:
    assert read(stream) == expected
    assert read(*(stream[i : i + 1] for i in range(len(stream)))) == expected
    for cut in range(len(stream)):
        assert read(stream[:cut], b"", stream[cut:]) == expected


LINES = st.sampled_from(
    [
        b"data: {}",
        b"data:x",
        b"data",
        b"data: y",
        b"",
        b": note",
        b"event: e",
        b"id: 1",
        b"other",
        b"data:  z",
    ]
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(
    st.lists(st.tuples(LINES, ENDS), max_size=30),
    st.lists(st.integers(0, 300), max_size=8),
)
def test_any_stream_in_any_packets_is_read_as_the_openai_package_reads_it(
    lines: list[tuple[bytes, bytes]], cuts: list[int]
) -> None:
    stream = b"".join(line + end for line, end in lines)
    borders = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    packets = [stream[a:b] for a, b in itertools.pairwise(borders)]

    theirs = [sse.data.encode() for sse in SSEDecoder().iter_bytes(iter([stream])) if sse.data]

    assert [data for data in read(*packets) if data] == theirs


@given(st.binary(max_size=400), st.integers(0, 400))
def test_garbage_raises_nothing_but_what_is_said(garbage: bytes, cut: int) -> None:
    _, completion = pieces_of(garbage[:cut], garbage[cut:], b"\n\n")
    assert completion.failure is None or isinstance(completion.failure, Refusal | Unusable)


def test_a_line_without_end_costs_no_more_than_the_limit() -> None:
    stream = EventStream(max_event_bytes=1_000)
    stream.feed(b"data: " + b"x" * 900)

    with pytest.raises(EventTooLarge):
        stream.feed(b"x" * 200)


def test_an_event_of_many_lines_costs_no_more_than_the_limit() -> None:
    stream = EventStream(max_event_bytes=1_000)

    with pytest.raises(EventTooLarge):
        for _ in range(300):
            stream.feed(b"data: 12345\n")


def test_many_small_events_are_no_large_one() -> None:
    stream = EventStream(max_event_bytes=100)
    assert len([data for _ in range(1_000) for data in stream.feed(b"data: 12345\n\n")]) == 1_000


def test_a_character_cut_in_two_by_the_network_is_whole() -> None:
    stream = b"".join(tokens(EURO)) + FINISH + DONE  # type: ignore[arg-type]  # tokens are bytes
    for cut in range(len(stream)):
        pieces, completion = pieces_of(stream[:cut], stream[cut:])
        assert pieces == [EURO]
        assert completion.done


def test_every_delta_is_a_piece_though_they_came_together() -> None:
    packet = b"".join(event(chunk({"content": text})) for text in ("a", "b", "c"))
    assert pieces_of(packet)[0] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "content",
    [
        chunk({"role": "assistant"}),
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": None}),
        chunk({}),
        chunk(None),
        chunk({"reasoning_content": "hm"}),
        chunk({"content": [{"type": "thinking", "thinking": "hm"}]}),
        {"choices": [{"index": 0}]},
        {"choices": [], "usage": {"total_tokens": 7}},
        {"choices": None},
        {"usage": {"total_tokens": 7}},
        {"error": None, "choices": []},
        {},
    ],
)
def test_a_chunk_without_text_is_passed_over(content: object) -> None:
    pieces, completion = pieces_of(event(chunk({"content": "a"})), event(content), *ending(" b"))
    assert pieces == ["a", " b"]
    assert completion.failure is None


@pytest.mark.parametrize(
    "garbage",
    [
        b"data: {not json\n\n",
        b"data: \xff\xfe\n\n",
        b"data: 7\n\n",
        b"data: []\n\n",
        b'data: {"choices": 1}\n\n',
        b'data: {"choices": ["x"]}\n\n',
    ],
)
def test_garbage_fails_the_answer_and_keeps_the_pieces_before_it(garbage: bytes) -> None:
    pieces, completion = pieces_of(event(chunk({"content": "a"})) + garbage + event(chunk({"content": "b"})))
    assert pieces == ["a"]
    assert isinstance(completion.failure, Unusable)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"error": {"message": "slow down", "code": 429}}, 429),
        ({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, 429),
        ({"error": {"message": "slow down", "type": "rate_limit_error"}}, 429),
        ({"error": {"message": "down", "type": "server_error"}}, 500),
        ({"error": {"message": "long", "type": "invalid_request_error"}}, 400),
        ({"error": {"message": "away", "code": "502"}}, 502),
        ({"error": "something"}, 500),
        ({"error": "Unexpected endpoint or method. (POST /v1/x)"}, 404),
        ({**chunk({"content": ""}, "error"), "error": {"message": "down", "code": 502}}, 502),
        ({"object": "error", "message": "long", "code": 400}, 400),
    ],
)
def test_an_error_inside_the_stream_is_the_refusal_it_stands_for(error: object, status: int) -> None:
    _, completion = pieces_of(event(error))
    assert isinstance(completion.failure, Refusal)
    assert completion.failure.status == status


def test_nothing_after_the_end_mark_is_read() -> None:
    pieces, completion = pieces_of(b"".join((*ending("a"), DONE, event(chunk({"content": "b"})))))
    assert pieces == ["a"]
    assert completion.done


def test_a_completion_that_was_not_streamed_has_its_text() -> None:
    assert plain_text(b'{"choices": [{"message": {"content": "hello"}}]}') == "hello"
    assert plain_text(b'{"choices": [{"message": {"content": null}}]}') == ""


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"choices": [{}]}', b"<html>"])
def test_another_body_is_no_completion(body: bytes) -> None:
    with pytest.raises(Unusable):
        plain_text(body)
